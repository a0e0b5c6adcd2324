import { compileNodeSelector } from '../../src/api/selectors.ts'
import type { NodePredicate } from '../../src/api/selectors.ts'
import type {
  Device,
  DeviceAttribute,
  DeviceTaint,
  DeviceTaintRule,
  NodeSelector,
  ResourceSlice,
} from '../../src/api/types.generated.ts'
import type { ClusterView } from '../../src/scheduler/framework/index.ts'

/** The node that devices are wanted on. */
export interface TargetNode {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** A device of a ResourceSlice, ready to be asked about. */
export interface SliceDevice {
  /** `driver/pool/device`. */
  readonly id: string
  readonly device: Device
  readonly slice: DeviceSlice
  /** Its own taints, and those that DeviceTaintRules put on it. */
  readonly taints: readonly DeviceTaint[]
  /** Whether several claims may take parts of its capacity. */
  readonly isShareable: boolean
  /** Whether the node can use it; only for slices that select nodes device by device. */
  readonly targets: NodeMatch
}

/** A ResourceSlice, ready to be asked about. */
export interface DeviceSlice {
  readonly name: string
  readonly driver: string
  readonly pool: string
  readonly generation: number
  /** Number of slices that the pool has in this generation. */
  readonly sliceCount: number
  readonly slice: ResourceSlice
  readonly devices: readonly SliceDevice[]
  readonly selectsByDevice: boolean
  /** Whether the node can use some of its devices. */
  readonly targets: NodeMatch
}

/** All slices of the cluster in order of creation, and by the one node that they name. */
export interface SliceIndex {
  readonly all: readonly DeviceSlice[]
  readonly ofNode: ReadonlyMap<string, readonly DeviceSlice[]>
  /** Slices that name no node. */
  readonly others: readonly DeviceSlice[]
  /** All slices by driver and pool. */
  readonly ofPool: ReadonlyMap<string, readonly DeviceSlice[]>
}

type NodeMatch = (node: TargetNode) => boolean

const indexes = new WeakMap<ClusterView, { readonly revision: string; readonly index: SliceIndex }>()
const parsed = new WeakMap<ResourceSlice, { readonly rules: string; readonly slice: DeviceSlice }>()

/** The slices as the cluster stands; made anew only when a slice or a taint rule was written. */
export function slicesOf(cluster: ClusterView): SliceIndex {
  const revision = `${cluster.revisionOf('ResourceSlice')}/${cluster.revisionOf('DeviceTaintRule')}`
  const known = indexes.get(cluster)
  if (known?.revision === revision) return known.index
  const index = indexOf(cluster)
  indexes.set(cluster, { revision, index })
  return index
}

/** Key of a pool among the pools of all drivers. */
export function poolKey(driver: string, pool: string): string {
  return `${driver}/${pool}`
}

function indexOf(cluster: ClusterView): SliceIndex {
  const rules = [...cluster.objects('DeviceTaintRule')] as DeviceTaintRule[]
  const rulesRevision = rules.map((rule) => rule.metadata?.resourceVersion ?? '').join()
  const all: DeviceSlice[] = []
  const ofNode = new Map<string, DeviceSlice[]>()
  const ofPool = new Map<string, DeviceSlice[]>()
  const others: DeviceSlice[] = []
  for (const object of cluster.objects('ResourceSlice') as Iterable<ResourceSlice>) {
    let entry = parsed.get(object)
    if (entry?.rules !== rulesRevision) {
      entry = { rules: rulesRevision, slice: parseSlice(object, rules) }
      parsed.set(object, entry)
    }
    const { slice } = entry
    all.push(slice)
    listOf(ofPool, poolKey(slice.driver, slice.pool)).push(slice)
    const nodeName = object.spec.nodeName ?? ''
    if (nodeName === '') others.push(slice)
    else listOf(ofNode, nodeName).push(slice)
  }
  return { all, ofNode, others, ofPool }
}

function listOf(lists: Map<string, DeviceSlice[]>, key: string): DeviceSlice[] {
  let list = lists.get(key)
  if (list === undefined) {
    list = []
    lists.set(key, list)
  }
  return list
}

function parseSlice(slice: ResourceSlice, rules: readonly DeviceTaintRule[]): DeviceSlice {
  const { spec } = slice
  const selectsByDevice = spec.perDeviceNodeSelection === true
  const devices: SliceDevice[] = []
  const ofWhole = nodeMatch(spec)
  const made: DeviceSlice = {
    name: slice.metadata?.name ?? '',
    driver: spec.driver,
    pool: spec.pool.name,
    generation: spec.pool.generation,
    sliceCount: spec.pool.resourceSliceCount,
    slice,
    devices,
    selectsByDevice,
    targets: selectsByDevice ? (node) => devices.some((device) => device.targets(node)) : ofWhole,
  }
  for (const device of spec.devices ?? []) {
    devices.push({
      id: `${made.driver}/${made.pool}/${device.name}`,
      device,
      slice: made,
      taints: [...(device.taints ?? []), ...taintsByRule(made, device.name, rules)],
      isShareable: device.allowMultipleAllocations === true,
      targets: nodeMatch(device),
    })
  }
  return made
}

/** Source: Kubernetes v1.37, dynamic-resource-allocation/resourceslice/tracker: no selector selects nothing. */
function taintsByRule(slice: DeviceSlice, name: string, rules: readonly DeviceTaintRule[]): DeviceTaint[] {
  return rules.flatMap(({ spec }) => {
    const selector = spec.deviceSelector
    const isMeant =
      selector !== undefined &&
      (selector.driver ?? slice.driver) === slice.driver &&
      (selector.pool ?? slice.pool) === slice.pool &&
      (selector.device ?? name) === name
    return isMeant ? [spec.taint] : []
  })
}

function nodeMatch(choice: {
  readonly nodeName?: string
  readonly allNodes?: boolean
  readonly nodeSelector?: NodeSelector
}): NodeMatch {
  const { nodeName = '', allNodes, nodeSelector } = choice
  if (nodeName !== '') return (node) => node.name === nodeName
  if (allNodes === true) return () => true
  if (nodeSelector === undefined) return () => false
  const matches: NodePredicate = compileNodeSelector(nodeSelector)
  return (node) => matches(node.labels, node.name)
}

/**
 * An attribute by its full name `domain/name`; names without a domain are in that of the driver.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured `lookupAttribute`.
 */
export function attributeOf({ device, slice }: SliceDevice, fullName: string): DeviceAttribute | undefined {
  const attributes = device.attributes ?? {}
  const exact = attributes[fullName]
  if (exact !== undefined) return exact
  const slash = fullName.indexOf('/')
  return slash < 0 || fullName.slice(0, slash) !== slice.driver
    ? undefined
    : attributes[fullName.slice(slash + 1)]
}
