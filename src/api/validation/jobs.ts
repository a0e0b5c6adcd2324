import type { Job, JobSpec, ObjectMeta } from '../types.generated.ts'
import { byteLength, text } from './absent.ts'
import { invalid, invalidEach, notSupported, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct, mapValue, selectorValue } from './go-shapes.ts'
import { validatePodFailurePolicy } from './job-failure-policy.ts'
import { validateSuccessPolicy } from './job-success-policy.ts'
import { compiledSelector, validateLabelSelector } from './label-selectors.ts'
import { nonNegative, validateObjectMeta } from './metadata.ts'
import { dns1123Label, dns1123Subdomain, httpPath, subdomainName } from './names.ts'
import { validatePodTemplate } from './pods.ts'
import type { ClusterRules } from './rules.ts'
import { validateTemplateMatches } from './workloads.ts'

const COMPLETION_MODES = ['NonIndexed', 'Indexed']
const REPLACEMENT_POLICIES = ['Failed', 'TerminatingOrFailed']
const INDEXED_MAX = 100_000
const HIGH_COMPLETIONS = 100_000
const HIGH_LIMIT = 10_000
const MANAGER_LENGTH_MAX = 63

/** A job. Source: Kubernetes v1.37, batch/validation `ValidateJob`. */
export function validateJob({ metadata, spec }: Job, rules: ClusterRules): FieldErrors {
  const job: Partial<JobSpec> = spec ?? {}
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...generatedSelectorErrors(metadata, job),
    ...validateJobFields(job, rules, 'spec'),
    ...selectorErrors(job),
    ...hostnameErrors(text(metadata?.name), job),
  ]
}

function selectorErrors({ selector, template }: Partial<JobSpec>): FieldErrors {
  const compiled = compiledSelector(selector)
  return [
    ...(selector === undefined
      ? [required('spec.selector')]
      : validateLabelSelector(selector, 'spec.selector')),
    ...(compiled === undefined ? [] : validateTemplateMatches(compiled, template)),
  ]
}

/**
 * The labels and the selector that the API server made.
 *
 * Source: batch/validation `validateGeneratedSelector`.
 */
function generatedSelectorErrors(meta: ObjectMeta | undefined, spec: Partial<JobSpec>): FieldErrors {
  const { selector, manualSelector, template } = spec
  if (manualSelector === true || selector === undefined) return []
  const uid = text(meta?.uid)
  const name = text(meta?.name)
  const expected = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  }
  const isMatched = compiledSelector(selector)?.matches(expected) ?? true
  const labels = template?.metadata?.labels
  return [
    ...(uid === '' ? [required('metadata.uid')] : []),
    ...Object.entries(expected).flatMap(([key, value]) => {
      const path = `spec.template.metadata.labels[${key}]`
      const detail = `must be '${value}'`
      if (labels?.[key] === undefined) return [required(path, detail)]
      return labels[key] === value ? [] : [invalid(path, mapValue(labels), detail)]
    }),
    ...(isMatched
      ? []
      : [invalid('spec.selector', selectorValue(selector), '`selector` not auto-generated')]),
  ]
}

/** Pods of an indexed job are named after their index: the last must have a host name. */
function hostnameErrors(name: string, { completionMode, completions = 0 }: Partial<JobSpec>): FieldErrors {
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const last = `${name}-${completions - 1}`
  if (dns1123Label(last).length === 0) return []
  return [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${last}`)]
}

/** The fields of a job, also in the template of a cron job. Source: batch/validation `validateJobSpec`. */
export function validateJobFields(spec: Partial<JobSpec>, rules: ClusterRules, path: string): FieldErrors {
  const needsLimit = spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
  return [
    ...nonNegative(spec.parallelism, `${path}.parallelism`),
    ...nonNegative(spec.completions, `${path}.completions`),
    ...nonNegative(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`),
    ...nonNegative(spec.backoffLimit, `${path}.backoffLimit`),
    ...nonNegative(spec.ttlSecondsAfterFinished, `${path}.ttlSecondsAfterFinished`),
    ...nonNegative(spec.backoffLimitPerIndex, `${path}.backoffLimitPerIndex`),
    ...nonNegative(spec.maxFailedIndexes, `${path}.maxFailedIndexes`),
    ...(needsLimit ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')] : []),
    ...managerErrors(spec.managedBy, `${path}.managedBy`),
    ...modeErrors(spec, path),
    ...(spec.podFailurePolicy === undefined
      ? []
      : validatePodFailurePolicy(spec, spec.podFailurePolicy, `${path}.podFailurePolicy`)),
    ...successErrors(spec, `${path}.successPolicy`),
    ...replacementErrors(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template, rules, `${path}.template`),
    ...restartErrors(spec, `${path}.template.spec.restartPolicy`),
  ]
}

/** A domain and a path. Source: apimachinery util/validation `IsDomainPrefixedPath`. */
function managerErrors(manager: string | undefined, path: string): FieldErrors {
  if (manager === undefined) return []
  const isLong = byteLength(manager) > MANAGER_LENGTH_MAX
  const long = isLong ? [tooLong(path, MANAGER_LENGTH_MAX)] : []
  if (manager === '') return [required(path), ...long]
  const slash = manager.indexOf('/')
  const domain = manager.slice(0, Math.max(slash, 0))
  const rest = manager.slice(slash + 1)
  if (domain === '' || rest === '') {
    return [invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")'), ...long]
  }
  return [
    ...invalidEach(path, domain, dns1123Subdomain(domain)),
    ...invalidEach(path, rest, httpPath(rest)),
    ...long,
  ]
}

function modeErrors(spec: Partial<JobSpec>, path: string): FieldErrors {
  const { completionMode: mode, backoffLimitPerIndex, maxFailedIndexes } = spec
  const needsIndexes = 'requires indexed completion mode'
  if (mode === 'Indexed') return indexedErrors(spec, path)
  if (mode !== undefined && mode !== 'NonIndexed') {
    return [notSupported(`${path}.completionMode`, mode, COMPLETION_MODES)]
  }
  return Object.entries({ backoffLimitPerIndex, maxFailedIndexes }).flatMap(([field, value]) =>
    value === undefined ? [] : [invalid(`${path}.${field}`, value, needsIndexes)],
  )
}

function indexedErrors(spec: Partial<JobSpec>, path: string): FieldErrors {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = spec
  const failedPath = `${path}.maxFailedIndexes`
  const isWide = parallelism > INDEXED_MAX
  const wide = `must be less than or equal to ${INDEXED_MAX} when completion mode is Indexed`
  const isMore = completions !== undefined && failed !== undefined && failed > completions
  const isMany = failed !== undefined && failed > INDEXED_MAX
  return [
    ...(completions === undefined
      ? [required(`${path}.completions`, 'when completion mode is Indexed')]
      : []),
    ...(isWide ? [invalid(`${path}.parallelism`, parallelism, wide)] : []),
    ...(isMore ? [invalid(failedPath, failed, 'must be less than or equal to completions')] : []),
    ...(isMany ? [invalid(failedPath, failed, `must be less than or equal to ${INDEXED_MAX}`)] : []),
    ...highCompletionsErrors(spec, path),
  ]
}

/** Jobs with a limit for each index and very many of them. */
function highCompletionsErrors(spec: Partial<JobSpec>, path: string): FieldErrors {
  const { completions = 0, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex } = spec
  if (completions <= HIGH_COMPLETIONS || backoffLimitPerIndex === undefined) return []
  const failedPath = `${path}.maxFailedIndexes`
  const most =
    `must be less than or equal to ${HIGH_LIMIT} when completions are above ${HIGH_COMPLETIONS} ` +
    'and used with backoff limit per index'
  const isMany = failed !== undefined && failed > HIGH_LIMIT
  return [
    ...(failed === undefined
      ? [required(failedPath, `must be specified when completions is above ${HIGH_COMPLETIONS}`)]
      : []),
    ...(parallelism > HIGH_LIMIT ? [invalid(`${path}.parallelism`, parallelism, most)] : []),
    ...(isMany ? [invalid(failedPath, failed, most)] : []),
  ]
}

function successErrors(spec: Partial<JobSpec>, path: string): FieldErrors {
  const { successPolicy, completionMode, completions } = spec
  if (successPolicy === undefined) return []
  if (completionMode === 'Indexed') return validateSuccessPolicy(successPolicy, completions, path)
  return [invalid(path, goStruct('SuccessPolicy', successPolicy), 'requires indexed completion mode')]
}

/** When a pod is replaced: with a failure policy only once it has failed. */
function replacementErrors(
  { podReplacementPolicy: policy, podFailurePolicy }: Partial<JobSpec>,
  path: string,
): FieldErrors {
  if (policy === undefined) return []
  const values = podFailurePolicy === undefined ? REPLACEMENT_POLICIES : ['Failed']
  return values.includes(policy) ? [] : [notSupported(path, policy, values)]
}

function restartErrors({ template, podFailurePolicy }: Partial<JobSpec>, path: string): FieldErrors {
  const policy = text(template?.spec?.restartPolicy)
  switch (policy) {
    case '':
    case 'Always':
      return [required(path, 'valid values: "OnFailure", "Never"')]
    case 'OnFailure':
    case 'Never': {
      if (podFailurePolicy === undefined || policy === 'Never') return []
      return [invalid(path, { json: policy }, 'only "Never" is supported when podFailurePolicy is specified')]
    }
    default:
      return [notSupported(path, policy, ['OnFailure', 'Never'])]
  }
}
