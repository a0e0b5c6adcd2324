import type { DeviceClass } from '../../src/api/types.generated.ts'
import type { ClusterView } from '../../src/scheduler/framework/index.ts'
import { claimBook } from './claim-book.ts'
import type { AllocatedDevices } from './allocated-devices.ts'
import { AllocationError } from './allocation-error.ts'
import { matchesSelectors } from './device-selectors.ts'
import { slicesOf } from './device-slices.ts'
import type { SliceDevice, SliceIndex, TargetNode } from './device-slices.ts'
import { deviceClassFor, isExtendedResource } from './extended-resources.ts'

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

/**
 * Counts devices for the scores of nodes that have a resource by devices only.
 *
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `calculateDRAExtendedResourceAllocatableRequest`: all slices
 * that the node can use, whatever their generation, and the selectors of the class.
 */
export class DeviceCounts {
  readonly #delegated: DelegatedResources
  readonly #slices: SliceIndex
  readonly #allocated: AllocatedDevices

  constructor(delegated: DelegatedResources, cluster: ClusterView) {
    this.#delegated = delegated
    this.#slices = slicesOf(cluster)
    this.#allocated = claimBook(cluster).allocated
  }

  /** The devices of a resource on a node; none of a resource that has no class, or whose class is wrong. */
  of(resource: string, node: TargetNode): DeviceCount {
    const deviceClass = this.#delegated.get(resource)
    if (deviceClass === undefined) return { count: 0, allocated: 0 }
    try {
      const devices = this.#devicesOf(deviceClass, node)
      return {
        count: devices.length,
        allocated: devices.filter(({ id }) => this.#allocated.isAllocated(id)).length,
      }
    } catch (error) {
      if (error instanceof AllocationError) return { count: 0, allocated: 0 }
      throw error
    }
  }

  #devicesOf(deviceClass: DeviceClass, node: TargetNode): SliceDevice[] {
    const selectors = deviceClass.spec?.selectors ?? []
    const owner = `class ${deviceClass.metadata?.name ?? ''}`
    return [...(this.#slices.ofNode.get(node.name) ?? []), ...this.#slices.others]
      .filter((slice) => slice.targets(node))
      .flatMap((slice) => slice.devices.filter((device) => !slice.selectsByDevice || device.targets(node)))
      .filter((device) => matchesSelectors(device, selectors, owner))
  }
}
