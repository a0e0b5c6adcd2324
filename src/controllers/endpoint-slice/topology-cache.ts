import { quantityMilli } from '../../api/quantity.ts'
import type { Node } from '../../api/types.generated.ts'
import { isNodeReady } from '../../node/node-conditions.ts'
import { ZONE_LABEL } from './endpoint.ts'
import type { AddressType } from './endpoint.ts'
import { isOverloaded } from './zone-allocation.ts'
import type { ZoneCounts } from './zone-allocation.ts'

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/**
 * What hints of services with `service.kubernetes.io/topology-mode: Auto` follow from: the cpu of each zone, and to how many
 * endpoints of each service each zone has hints.
 *
 * Source: Kubernetes v1.37, endpointslice/topologycache `TopologyCache`.
 */
export class TopologyCache {
  #cpuRatios: ReadonlyMap<string, number> | undefined
  readonly #counts = new Map<string, Map<AddressType, ZoneCounts>>()

  /** Each zone's part of the cpu; undefined when a node does not say enough, or there are fewer than two zones. */
  get cpuRatios(): ReadonlyMap<string, number> | undefined {
    return this.#cpuRatios
  }

  /** Whether any service has hints. */
  get hasHints(): boolean {
    return this.#counts.size > 0
  }

  /** Takes the cluster's nodes into account: those that are ready and do not run the control plane. O(nodes). */
  setNodes(nodes: Iterable<Node>): void {
    const cpuByZone = new Map<string, number>()
    let total = 0
    for (const node of nodes) {
      const { metadata, status } = node
      const labels = metadata?.labels ?? {}
      if (CONTROL_PLANE.some((label) => labels[label] !== undefined)) continue
      if (!isNodeReady(node)) continue
      const cpu = quantityMilli(status?.allocatable?.['cpu'] ?? 0)
      const zone = labels[ZONE_LABEL] ?? ''
      if (zone === '' || cpu === 0) {
        this.#cpuRatios = undefined
        return
      }
      total += cpu
      cpuByZone.set(zone, (cpuByZone.get(zone) ?? 0) + cpu)
    }
    this.#cpuRatios =
      cpuByZone.size < 2 ? undefined : new Map([...cpuByZone].map(([zone, cpu]) => [zone, cpu / total]))
  }

  /** Keys of the services in which a zone has too few endpoints by now. */
  overloadedServices(): readonly string[] {
    return [...this.#counts]
      .filter(([, byType]) => [...byType.values()].some((counts) => isOverloaded(counts, this.#cpuRatios)))
      .map(([key]) => key)
  }

  setHints(serviceKey: string, type: AddressType, counts: ZoneCounts): void {
    const byType = this.#counts.get(serviceKey) ?? new Map<AddressType, ZoneCounts>()
    byType.set(type, counts)
    this.#counts.set(serviceKey, byType)
  }

  removeHints(serviceKey: string, type: AddressType): void {
    const byType = this.#counts.get(serviceKey)
    byType?.delete(type)
    if (byType?.size === 0) this.#counts.delete(serviceKey)
  }
}
