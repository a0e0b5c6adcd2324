import { objectKey } from './object-store.ts'
import type { StoredObject } from './object-store.ts'

type Fields = Readonly<Record<string, unknown>>

/** Fields that the API server takes out of what is created while one of the gates is off. */
interface GatedFields {
  readonly gates: readonly string[]
  /** Ways to the fields: `[]` stands for every item of a list, `*` for every value of a map. */
  readonly paths: readonly string[]
}

const BINDING_CONDITIONS = ['DRADeviceBindingConditions', 'DRAResourceClaimDeviceStatus']

/** Of the `spec` of claims, which templates have one level down. */
const CLAIM_SPEC: readonly GatedFields[] = [
  { gates: ['DRAPrioritizedList'], paths: ['devices.requests.[].firstAvailable'] },
  {
    gates: ['DRAConsumableCapacity'],
    paths: [
      'devices.constraints.[].distinctAttribute',
      'devices.requests.[].exactly.capacity',
      'devices.requests.[].firstAvailable.[].capacity',
    ],
  },
]

const RESULT = 'status.allocation.devices.results.[]'

const FIELDS: Readonly<Record<string, readonly GatedFields[]>> = {
  ResourceClaim: [
    ...below('spec', CLAIM_SPEC),
    {
      gates: ['DRAConsumableCapacity'],
      paths: [`${RESULT}.shareID`, `${RESULT}.consumedCapacity`, 'status.devices.[].shareID'],
    },
    {
      gates: ['DRADeviceBindingConditions'],
      paths: [`${RESULT}.bindingConditions`, `${RESULT}.bindingFailureConditions`],
    },
    { gates: ['DRAResourceClaimDeviceStatus'], paths: ['status.devices'] },
  ],
  ResourceClaimTemplate: below('spec.spec', CLAIM_SPEC),
  DeviceClass: [{ gates: ['DRAExtendedResource'], paths: ['spec.extendedResourceName'] }],
  ResourceSlice: [
    { gates: ['DRADeviceTaints'], paths: ['spec.devices.[].taints'] },
    {
      gates: ['DRAConsumableCapacity'],
      paths: ['spec.devices.[].allowMultipleAllocations', 'spec.devices.[].capacity.*.requestPolicy'],
    },
    {
      gates: ['DRAPartitionableDevices'],
      paths: [
        'spec.sharedCounters',
        'spec.perDeviceNodeSelection',
        'spec.devices.[].consumesCounters',
        'spec.devices.[].nodeName',
        'spec.devices.[].nodeSelector',
        'spec.devices.[].allNodes',
      ],
    },
    {
      gates: BINDING_CONDITIONS,
      paths: ['bindsToNode', 'bindingConditions', 'bindingFailureConditions'].map(
        (field) => `spec.devices.[].${field}`,
      ),
    },
  ],
  Pod: [
    { gates: ['PodLevelResources'], paths: ['spec.resources'] },
    {
      gates: ['MatchLabelKeysInPodTopologySpread'],
      paths: ['spec.topologySpreadConstraints.[].matchLabelKeys'],
    },
  ],
}

/**
 * The object as the API server stores it: without the fields of features that are off. The same object when it has none.
 * A gate that is not in the map is on.
 *
 * Source: Kubernetes v1.37, pkg/registry/resource strategies, `dropDisabledFields`, and pkg/api/pod `DropDisabledPodFields`,
 * of what is created.
 */
export function withoutDisabledFields<T extends object>(
  kind: string,
  object: T,
  gates: ReadonlyMap<string, boolean>,
): T {
  let left: unknown = object
  for (const { gates: names, paths } of FIELDS[kind] ?? []) {
    if (names.every((name) => gates.get(name) !== false)) continue
    for (const path of paths) left = without(left, path.split('.'))
  }
  return left as T
}

/** Whether some field of a kind is taken out. */
export function hasDisabledFields(kind: string, gates: ReadonlyMap<string, boolean>): boolean {
  return (FIELDS[kind] ?? []).some(({ gates: names }) => names.some((name) => gates.get(name) === false))
}

/**
 * Why the API server refuses an object that is as `withoutDisabledFields` has left it: what was taken out was needed.
 * Undefined when it is whole.
 */
export function incompleteField(object: StoredObject): string | undefined {
  const missing = missingIn(object)
  if (missing === undefined) return undefined
  const kind = object.kind ?? ''
  return `${kind}.resource.k8s.io "${objectKey(object.metadata)}" is invalid: ${missing}`
}

function missingIn(object: StoredObject): string | undefined {
  const spec = (object as { readonly spec?: Fields }).spec ?? {}
  switch (object.kind) {
    case 'ResourceClaim':
      return missingInClaim(spec, 'spec')
    case 'ResourceClaimTemplate':
      return missingInClaim((spec['spec'] ?? {}) as Fields, 'spec.spec')
    case 'ResourceSlice': {
      const choices = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection']
      if (choices.some((field) => spec[field] !== undefined)) return undefined
      const list = choices.map((field) => `\`${field}\``).join(', ')
      return `spec: Required value: exactly one of ${list} is required`
    }
    default:
      return undefined
  }
}

function missingInClaim(spec: Fields, path: string): string | undefined {
  const { requests = [], constraints = [] } = (spec['devices'] ?? {}) as {
    readonly requests?: readonly Fields[]
    readonly constraints?: readonly Fields[]
  }
  const request = requests.findIndex(
    ({ exactly, firstAvailable }) => exactly === undefined && firstAvailable === undefined,
  )
  if (request >= 0) {
    return `${path}.devices.requests[${request}]: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`
  }
  const constraint = constraints.findIndex(
    ({ matchAttribute, distinctAttribute }) =>
      matchAttribute === undefined && distinctAttribute === undefined,
  )
  return constraint < 0
    ? undefined
    : `${path}.devices.constraints[${constraint}].matchAttribute: Required value`
}

function below(prefix: string, all: readonly GatedFields[]): readonly GatedFields[] {
  return all.map(({ gates, paths }) => ({ gates, paths: paths.map((path) => `${prefix}.${path}`) }))
}

/** The value without what the steps lead to; the same value where they lead nowhere. */
function without(value: unknown, [step = '', ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (step === '[]') {
    if (!Array.isArray(value)) return value
    const items = value.map((item: unknown) => without(item, rest))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const fields = value as Fields
  const names = step === '*' ? Object.keys(fields) : Object.hasOwn(fields, step) ? [step] : []
  let left = fields
  for (const name of names) {
    if (rest.length === 0) {
      const { [name]: _, ...others } = left
      left = others
    } else {
      const part = without(fields[name], rest)
      if (part !== fields[name]) left = { ...left, [name]: part }
    }
  }
  return left
}
