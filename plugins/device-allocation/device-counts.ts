import type { DeviceClass } from '../../src/api/types.generated.ts'
import type { ClusterView, NodeColumns, NodeIndex } from '../../src/scheduler/framework/index.ts'
import type { AllocatedDevices } from './allocated-devices.ts'
import { AllocationError } from './allocation-error.ts'
import { claimBook } from './claim-book.ts'
import { changesOf, deviceReaches } from './device-reach.ts'
import type { DeviceReaches } from './device-reach.ts'
import { matchesSelectors } from './device-selectors.ts'
import type { DeviceSlice, SliceDevice, TargetNode } from './device-slices.ts'
import { deviceClassFor, isExtendedResource } from './extended-resources.ts'

/** Classes whose devices are kept; beyond, all are counted anew. */
const CLASSES_MAX = 1000

/** Device classes by the extended resource that they stand for. */
export type DelegatedResources = ReadonlyMap<string, DeviceClass>

/** Devices that stand for an extended resource on a node. */
interface DeviceCount {
  readonly count: number
  readonly allocated: number
}

/** Those of some resources that devices stand for as the cluster stands; undefined when there are none. */
export function delegatedResources(
  resources: Iterable<string>,
  cluster: ClusterView,
): DelegatedResources | undefined {
  let found: Map<string, DeviceClass> | undefined
  for (const resource of resources) {
    const deviceClass = isExtendedResource(resource) ? deviceClassFor(resource, cluster) : undefined
    if (deviceClass !== undefined) found = (found ?? new Map()).set(resource, deviceClass)
  }
  return found
}

type CountColumns = Pick<NodeColumns, 'name' | 'labels'>

/** The devices of a class within a reach, and how many of them claims have after so many changes. */
interface KeptCount {
  readonly devices: readonly SliceDevice[]
  changes: number
  count: DeviceCount
}

const NONE: DeviceCount = Object.freeze({ count: 0, allocated: 0 })

const keptCounts = new WeakMap<DeviceReaches, Map<DeviceClass, (KeptCount | undefined)[]>>()

/**
 * Counts devices for the scores of nodes that have a resource by devices only: once a reach and class, and those that
 * claims have again when a device within reach changes hands.
 */
export class DeviceCounts {
  readonly #delegated: DelegatedResources
  readonly #reaches: DeviceReaches
  readonly #allocated: AllocatedDevices
  readonly #kept: Map<DeviceClass, (KeptCount | undefined)[]>

  constructor(delegated: DelegatedResources, cluster: ClusterView) {
    this.#delegated = delegated
    this.#reaches = deviceReaches(cluster)
    this.#allocated = claimBook(cluster).allocated
    const kept = keptCounts.get(this.#reaches) ?? new Map<DeviceClass, (KeptCount | undefined)[]>()
    keptCounts.set(this.#reaches, kept)
    this.#kept = kept
  }

  /** The devices of a resource on a node; none of a resource that has no class, or whose class is wrong. */
  of(resource: string, node: NodeIndex, nodes: CountColumns): DeviceCount {
    const deviceClass = this.#delegated.get(resource)
    if (deviceClass === undefined) return NONE
    const reach = this.#reaches.of(node, nodes)
    let ofClass = this.#kept.get(deviceClass)
    if (ofClass === undefined) {
      if (this.#kept.size >= CLASSES_MAX) this.#kept.clear()
      ofClass = []
      this.#kept.set(deviceClass, ofClass)
    }
    const changes = changesOf(reach)
    let kept = ofClass[reach.ordinal]
    if (kept === undefined) {
      const target = { name: nodes.name(node), labels: nodes.labels(node) }
      const devices = devicesOf(deviceClass, target, reach.slices)
      kept = { devices, changes, count: countOf(devices, this.#allocated) }
      ofClass[reach.ordinal] = kept
    } else if (kept.changes !== changes) {
      kept.count = countOf(kept.devices, this.#allocated)
      kept.changes = changes
    }
    return kept.count
  }
}

function countOf(devices: readonly SliceDevice[], allocated: AllocatedDevices): DeviceCount {
  let taken = 0
  for (const { id } of devices) if (allocated.isAllocated(id)) taken += 1
  return { count: devices.length, allocated: taken }
}

/**
 * The devices of a class on a node: the definition of what `DeviceCounts` counts; none when a selector of the class fails.
 *
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `calculateDRAExtendedResourceAllocatableRequest`: all slices
 * that the node can use, whatever their generation, and the selectors of the class.
 */
export function devicesOf(
  deviceClass: DeviceClass,
  node: TargetNode,
  slices: readonly DeviceSlice[],
): readonly SliceDevice[] {
  const selectors = deviceClass.spec?.selectors ?? []
  const owner = `class ${deviceClass.metadata?.name ?? ''}`
  try {
    return slices
      .filter((slice) => slice.targets(node))
      .flatMap((slice) => slice.devices.filter((device) => !slice.selectsByDevice || device.targets(node)))
      .filter((device) => matchesSelectors(device, selectors, owner))
  } catch (error) {
    if (error instanceof AllocationError) return []
    throw error
  }
}
