import type {
  PriorityClass,
  RuntimeClass,
  StorageClass,
  TopologySelectorLabelRequirement,
  TopologySelectorTerm,
} from '../types.generated.ts'
import { byteLength, entriesOf, items, text, whole } from './absent.ts'
import { duplicate, forbidden, invalid, invalidEach, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { supported } from './legacy-volumes.ts'
import { validateLabelKey, validateLabels, validateObjectMeta } from './metadata.ts'
import { labelKey, labelName, subdomainName } from './names.ts'
import { validateContainerResources } from './resource-requirements.ts'
import { validateTolerations } from './tolerations.ts'

const USER_PRIORITY_MAX = 1_000_000_000
const SYSTEM_PREFIX = 'system-'
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
const PARAMETERS_MAX = 512
const PARAMETER_BYTES_MAX = 256 * 1024

/** A PriorityClass. Source: Kubernetes v1.37, scheduling/validation `ValidatePriorityClass`. */
export function validatePriorityClass(priorityClass: PriorityClass): FieldErrors {
  const { metadata, preemptionPolicy } = priorityClass
  return [
    ...validateObjectMeta(metadata, false, subdomainName),
    ...priorityErrors(priorityClass),
    ...supported(preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy'),
  ]
}

function priorityErrors({ metadata, value, globalDefault }: PriorityClass): FieldErrors {
  const name = text(metadata?.name)
  const most = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`
  if (!name.startsWith(SYSTEM_PREFIX)) {
    return whole(value) > USER_PRIORITY_MAX ? [forbidden('value', most)] : []
  }
  const problem = systemProblem(name, whole(value), globalDefault === true)
  if (problem === undefined) return []
  const reserved = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`
  return [forbidden('metadata.name', `${reserved}. error: ${problem}`)]
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const known = SYSTEM_PRIORITIES[name]
  if (known === undefined) return `${name} is not a known system priority class`
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

/** A StorageClass. Source: Kubernetes v1.37, storage/validation `ValidateStorageClass`. */
export function validateStorageClass(storageClass: StorageClass): FieldErrors {
  const { metadata, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass
  const provisioner = text(storageClass.provisioner)
  return [
    ...validateObjectMeta(metadata, false, subdomainName),
    ...(provisioner === ''
      ? [required('provisioner')]
      : invalidEach('provisioner', provisioner, labelKey(provisioner.toLowerCase()))),
    ...parameterErrors(entriesOf(parameters), 'parameters'),
    ...supported(reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy'),
    ...(volumeBindingMode === undefined ? [required('volumeBindingMode')] : []),
    ...supported(volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], 'volumeBindingMode'),
    ...topologyErrors(items(allowedTopologies), 'allowedTopologies'),
  ]
}

function parameterErrors(parameters: readonly (readonly [string, string])[], path: string): FieldErrors {
  const size = parameters.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...(parameters.length > PARAMETERS_MAX ? [tooLong(path, PARAMETERS_MAX)] : []),
    ...parameters.flatMap(([key]) => (key === '' ? [invalid(path, key, 'field can not be empty.')] : [])),
    ...(size > PARAMETER_BYTES_MAX ? [tooLong(path, PARAMETER_BYTES_MAX)] : []),
  ]
}

function topologyErrors(terms: readonly TopologySelectorTerm[], path: string): FieldErrors {
  return terms.flatMap(({ matchLabelExpressions }, index) => {
    const seen = new Set<string>()
    return items(matchLabelExpressions).flatMap((requirement, at) => {
      const place = `${path}[${index}].matchLabelExpressions[${at}]`
      const key = text(requirement.key)
      const isRepeated = seen.has(key)
      seen.add(key)
      return [
        ...requirementErrors(requirement, place),
        ...(isRepeated ? [duplicate(`${place}.key`, key)] : []),
      ]
    })
  })
}

function requirementErrors({ key, values }: TopologySelectorLabelRequirement, path: string): FieldErrors {
  const given = items(values)
  return [
    ...(given.length === 0 ? [required(`${path}.values`)] : []),
    ...given.flatMap((value, index) =>
      given.indexOf(value) < index ? [duplicate(`${path}.values[${index}]`, value)] : [],
    ),
    ...validateLabelKey(text(key), `${path}.key`),
  ]
}

/** A RuntimeClass. Source: Kubernetes v1.37, node/validation `ValidateRuntimeClass`. */
export function validateRuntimeClass({ metadata, handler, overhead, scheduling }: RuntimeClass): FieldErrors {
  const { podFixed } = overhead ?? {}
  const limits = podFixed === undefined ? {} : { limits: podFixed }
  return [
    ...validateObjectMeta(metadata, false, subdomainName),
    ...invalidEach('handler', text(handler), labelName(text(handler), false)),
    ...validateContainerResources(limits, new Set(), 'overhead'),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(items(scheduling?.tolerations), 'scheduling.tolerations'),
  ]
}
