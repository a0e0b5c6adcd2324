import type { PodTemplateSpec, StatefulSet, StatefulSetSpec } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct, intOrStringValue, selectorValue } from './go-shapes.ts'
import { amountOf, validateIntOrPercent, validateNotMoreThanAll } from './int-or-percent.ts'
import { compiledSelector } from './label-selectors.ts'
import { nonNegative, validateObjectMeta } from './metadata.ts'
import { dns1123Label, labelName } from './names.ts'
import { validateClaimSpec } from './persistent-volume-claims.ts'
import { validatePodTemplate } from './pods.ts'
import type { ClusterRules } from './rules.ts'
import { selectorErrors, validateAlwaysRestarts, validateTemplateMatches } from './workloads.ts'

const RETENTION = ['Retain', 'Delete']

/** A StatefulSet. Source: Kubernetes v1.37, apps/validation `ValidateStatefulSet`. */
export function validateStatefulSet({ metadata, spec }: StatefulSet, rules: ClusterRules): FieldErrors {
  const set: Partial<StatefulSetSpec> = spec ?? {}
  return [
    ...validateObjectMeta(metadata, true, labelName),
    ...managementErrors(text(set.podManagementPolicy), 'spec.podManagementPolicy'),
    ...strategyErrors(set.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...retentionErrors(set, 'spec.persistentVolumeClaimRetentionPolicy'),
    ...claimErrors(set, 'spec.volumeClaimTemplates'),
    ...nonNegative(set.replicas, 'spec.replicas'),
    ...nonNegative(set.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(set.ordinals?.start, 'spec.ordinals.start'),
    ...serviceErrors(text(set.serviceName), 'spec.serviceName'),
    ...nonNegative(set.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...selectorErrors(set.selector, 'statefulset'),
    ...templateErrors(set, rules),
    ...validateAlwaysRestarts(set.template, 'StatefulSet'),
  ]
}

function managementErrors(policy: string, path: string): FieldErrors {
  if (policy === '') return [required(path)]
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  return [invalid(path, { json: policy }, "must be 'OrderedReady' or 'Parallel'")]
}

function strategyErrors(strategy: NonNullable<StatefulSetSpec['updateStrategy']>, path: string): FieldErrors {
  const { rollingUpdate } = strategy
  const place = `${path}.rollingUpdate`
  switch (text(strategy.type)) {
    case '':
      return [required(path)]
    case 'OnDelete': {
      if (rollingUpdate === undefined) return []
      const value = goStruct('RollingUpdateStatefulSet', rollingUpdate)
      return [invalid(place, value, "only allowed for updateStrategy 'RollingUpdate'")]
    }
    case 'RollingUpdate':
      return rollingUpdate === undefined ? [] : rollingErrors(rollingUpdate, place)
    default: {
      const value = goStruct('StatefulSetUpdateStrategy', strategy)
      return [invalid(path, value, "must be 'RollingUpdate' or 'OnDelete'")]
    }
  }
}

function rollingErrors(
  { partition, maxUnavailable }: NonNullable<NonNullable<StatefulSetSpec['updateStrategy']>['rollingUpdate']>,
  path: string,
): FieldErrors {
  const place = `${path}.maxUnavailable`
  if (maxUnavailable === undefined) return nonNegative(partition, `${path}.partition`)
  const isNone = amountOf(maxUnavailable) === 0
  return [
    ...nonNegative(partition, `${path}.partition`),
    ...validateIntOrPercent(maxUnavailable, place),
    ...(isNone ? [invalid(place, intOrStringValue(maxUnavailable), 'cannot be 0')] : []),
    ...validateNotMoreThanAll(maxUnavailable, place),
  ]
}

function retentionErrors(
  { persistentVolumeClaimRetentionPolicy: policy }: Partial<StatefulSetSpec>,
  path: string,
): FieldErrors {
  if (policy === undefined) return []
  const { whenDeleted = '', whenScaled = '' } = policy
  return Object.entries({ whenDeleted, whenScaled })
    .filter(([, value]) => !RETENTION.includes(value))
    .map(([field, value]) => notSupported(`${path}.${field}`, value, RETENTION))
}

function claimErrors({ volumeClaimTemplates }: Partial<StatefulSetSpec>, path: string): FieldErrors {
  return items(volumeClaimTemplates).flatMap(({ spec }, index) =>
    validateClaimSpec(spec ?? {}, `${path}[${index}].spec`),
  )
}

function serviceErrors(service: string, path: string): FieldErrors {
  return service === '' ? [] : invalidEach(path, service, dns1123Label(service))
}

function templateErrors(set: Partial<StatefulSetSpec>, rules: ClusterRules): FieldErrors {
  const { selector, template } = set
  const compiled = compiledSelector(selector)
  if (compiled === undefined) return [invalid('spec.selector', selectorValue(selector ?? {}), '')]
  return [
    ...(compiled.isEmpty ? [] : validateTemplateMatches(compiled, template)),
    ...validatePodTemplate(withClaimVolumes(set), rules, 'spec.template'),
  ]
}

/** The template with a volume of each claim template in place of its own of that name, as upstream. */
function withClaimVolumes(set: Partial<StatefulSetSpec>): PodTemplateSpec | undefined {
  const { template, volumeClaimTemplates } = set
  const spec = template?.spec
  const names = new Set(items(volumeClaimTemplates).map(({ metadata }) => text(metadata?.name)))
  if (spec === undefined || names.size === 0) return template
  const claimed = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const own = items(spec.volumes).filter(({ name }) => !names.has(text(name)))
  return { ...template, spec: { ...spec, volumes: [...claimed, ...own] } }
}
