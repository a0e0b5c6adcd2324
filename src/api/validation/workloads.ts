import type {
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  DeploymentStrategy,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
} from '../types.generated.ts'
import { entriesOf, text, whole } from './absent.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct, intOrStringValue, mapValue, selectorValue } from './go-shapes.ts'
import { amountOf, validateIntOrPercent, validateNotMoreThanAll } from './int-or-percent.ts'
import { compiledSelector, isEmptySelector, validateLabelSelector } from './label-selectors.ts'
import type { CompiledSelector } from './label-selectors.ts'
import { nonNegative, validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'
import { validatePodTemplate } from './pods.ts'
import type { ClusterRules } from './rules.ts'

const TEMPLATE = 'spec.template'
const SELECTOR = 'spec.selector'

/** A Deployment. Source: Kubernetes v1.37, apps/validation `ValidateDeployment`. */
export function validateDeployment({ metadata, spec }: Deployment, rules: ClusterRules): FieldErrors {
  const deployment: Partial<DeploymentSpec> = spec ?? {}
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...nonNegative(deployment.replicas, 'spec.replicas'),
    ...replicaTemplateErrors(deployment.selector, deployment.template, rules),
    ...strategyErrors(deployment.strategy ?? {}, 'spec.strategy'),
    ...nonNegative(deployment.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(deployment.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...deadlineErrors(deployment),
  ]
}

function deadlineErrors({
  progressDeadlineSeconds: deadline,
  minReadySeconds,
}: Partial<DeploymentSpec>): FieldErrors {
  const path = 'spec.progressDeadlineSeconds'
  if (deadline === undefined) return []
  const isShort = deadline <= whole(minReadySeconds)
  return [
    ...nonNegative(deadline, path),
    ...(isShort ? [invalid(path, deadline, 'must be greater than minReadySeconds')] : []),
  ]
}

function strategyErrors(strategy: DeploymentStrategy, path: string): FieldErrors {
  const { rollingUpdate } = strategy
  const place = `${path}.rollingUpdate`
  switch (strategy.type) {
    case 'Recreate':
      if (rollingUpdate === undefined) return []
      return [forbidden(place, "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate':
      if (rollingUpdate === undefined) return [required(place, 'this should be defaulted and never be nil')]
      return rollingErrors(rollingUpdate, place)
    default:
      return [notSupported(path, goStruct('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])]
  }
}

function rollingErrors(
  { maxUnavailable, maxSurge }: NonNullable<DeploymentStrategy['rollingUpdate']>,
  path: string,
): FieldErrors {
  const unavailable = `${path}.maxUnavailable`
  const areNone = amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
  return [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
    ...(areNone
      ? [invalid(unavailable, intOrStringValue(maxUnavailable), 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...validateNotMoreThanAll(maxUnavailable, unavailable),
  ]
}

/** A ReplicaSet. Source: apps/validation `ValidateReplicaSet`. */
export function validateReplicaSet({ metadata, spec }: ReplicaSet, rules: ClusterRules): FieldErrors {
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...nonNegative(spec?.replicas, 'spec.replicas'),
    ...nonNegative(spec?.minReadySeconds, 'spec.minReadySeconds'),
    ...replicaTemplateErrors(spec?.selector, spec?.template, rules),
  ]
}

/** The selector is there, selects something, and matches the template. */
function replicaTemplateErrors(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  rules: ClusterRules,
): FieldErrors {
  const compiled = compiledSelector(selector)
  const errors = selectorErrors(selector, 'deployment')
  if (compiled === undefined) {
    return [...errors, invalid(SELECTOR, selectorValue(selector ?? {}), 'invalid label selector')]
  }
  return [
    ...errors,
    ...(compiled.isEmpty ? [] : validateTemplateMatches(compiled, template)),
    ...validatePodTemplate(template, rules, TEMPLATE),
    ...validateAlwaysRestarts(template, 'ReplicaSet'),
  ]
}

/** A selector that must be there and not be empty; the noun is the one in upstream's text. */
export function selectorErrors(selector: LabelSelector | undefined, noun: string): FieldErrors {
  if (selector === undefined) return [required(SELECTOR)]
  const empty = `empty selector is invalid for ${noun}`
  return [
    ...validateLabelSelector(selector, SELECTOR),
    ...(isEmptySelector(selector) ? [invalid(SELECTOR, selectorValue(selector), empty)] : []),
  ]
}

/** The selector matches the pods that the template makes. */
export function validateTemplateMatches(
  selector: CompiledSelector,
  template: PodTemplateSpec | undefined,
  path = TEMPLATE,
): FieldErrors {
  const labels = template?.metadata?.labels
  if (selector.matches(labels ?? {})) return []
  return [invalid(`${path}.metadata.labels`, mapValue(labels), '`selector` does not match template `labels`')]
}

/** Pods of sets restart always, and have no deadline. */
export function validateAlwaysRestarts(template: PodTemplateSpec | undefined, kind: string): FieldErrors {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {}
  const path = `${TEMPLATE}.spec.activeDeadlineSeconds`
  const isAlways = restartPolicy === 'Always'
  return [
    ...(isAlways ? [] : [notSupported(`${TEMPLATE}.spec.restartPolicy`, text(restartPolicy), ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden(path, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ]
}

/** A DaemonSet. Source: apps/validation `ValidateDaemonSet`. */
export function validateDaemonSet({ metadata, spec }: DaemonSet, rules: ClusterRules): FieldErrors {
  const selector = spec?.selector
  const compiled = compiledSelector(selector)
  const isEmpty = selector !== undefined && isEmptySelector(selector)
  const empty = 'empty selector is invalid for daemonset'
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...validateLabelSelector(selector, SELECTOR),
    ...(compiled === undefined ? [] : validateTemplateMatches(compiled, spec?.template)),
    ...(isEmpty ? [invalid(SELECTOR, selectorValue(selector), empty)] : []),
    ...validatePodTemplate(spec?.template, rules, TEMPLATE),
    ...validateAlwaysRestarts(spec?.template, 'DaemonSet'),
    ...nonNegative(spec?.minReadySeconds, 'spec.minReadySeconds'),
    ...daemonStrategyErrors(spec?.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative(spec?.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
}

function daemonStrategyErrors(
  strategy: NonNullable<DaemonSetSpec['updateStrategy']>,
  path: string,
): FieldErrors {
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate') {
    return [notSupported(path, goStruct('DeploymentStrategy', strategy), ['RollingUpdate', 'OnDelete'])]
  }
  if (strategy.rollingUpdate === undefined) return [required(`${path}.rollingUpdate`)]
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate
  const unavailable = `${path}.rollingUpdate.maxUnavailable`
  const surge = `${path}.rollingUpdate.maxSurge`
  return [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, surge),
    ...validateNotMoreThanAll(maxUnavailable, unavailable),
    ...validateNotMoreThanAll(maxSurge, surge),
    ...eitherErrors(amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0),
  ]

  function eitherErrors(hasUnavailable: boolean, hasSurge: boolean): FieldErrors {
    if (hasUnavailable && hasSurge) {
      return [invalid(surge, intOrStringValue(maxSurge), 'may not be set when maxUnavailable is non-zero')]
    }
    return hasUnavailable || hasSurge ? [] : [required(unavailable, 'cannot be 0 when maxSurge is 0')]
  }
}

/** A ReplicationController. Source: core/validation `ValidateReplicationController`. */
export function validateReplicationController(
  { metadata, spec }: ReplicationController,
  rules: ClusterRules,
): FieldErrors {
  const wanted = entriesOf(spec?.selector)
  const labels = spec?.template?.metadata?.labels
  const isMatched = wanted.every(([key, value]) => labels?.[key] === value)
  const path = `${TEMPLATE}.metadata.labels`
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...nonNegative(spec?.minReadySeconds, 'spec.minReadySeconds'),
    ...(wanted.length === 0 ? [required(SELECTOR)] : []),
    ...nonNegative(spec?.replicas, 'spec.replicas'),
    ...(spec?.template === undefined
      ? [required(TEMPLATE)]
      : [
          ...(isMatched
            ? []
            : [invalid(path, mapValue(labels), '`selector` does not match template `labels`')]),
          ...validatePodTemplate(spec.template, rules, TEMPLATE),
          ...validateAlwaysRestarts(spec.template, 'ReplicationController'),
        ]),
  ]
}
