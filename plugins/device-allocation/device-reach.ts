import { compileNodeSelector } from '../../src/api/selectors.ts'
import type { NodePredicate } from '../../src/api/selectors.ts'
import type { ClusterView, NodeColumns, NodeIndex } from '../../src/scheduler/framework/index.ts'
import type { AllocatedDevices, PoolUse } from './allocated-devices.ts'
import { claimBook } from './claim-book.ts'
import { gatherPools, slicesFor } from './device-pools.ts'
import type { DevicePool } from './device-pools.ts'
import { poolKey, slicesOf } from './device-slices.ts'
import type { DeviceSlice, SliceIndex, TargetNode } from './device-slices.ts'

/** The pools that a node can use, shared by all nodes that can use the same devices. */
export interface DeviceReach {
  /** Its number among all reaches of the slices. */
  readonly ordinal: number
  /** All slices that it can use, or that count for its pools, whatever their generation. */
  readonly slices: readonly DeviceSlice[]
  readonly pools: readonly DevicePool[]
  /** How often the devices of each pool changed hands. */
  readonly uses: readonly PoolUse[]
  /** Counters that stand still as long as none of the pools of its slices changes. */
  readonly counted: readonly PoolUse[]
  /** Whether no two of its pools have the same name. */
  readonly hasDistinctNames: boolean
}

type ReachColumns = Pick<NodeColumns, 'name' | 'labels'>

/**
 * Which nodes can use the same devices: those for which the same slices, and the same devices of slices that select
 * nodes device by device, are meant. A node that a slice names has a reach of its own.
 */
export class DeviceReaches {
  readonly #index: SliceIndex
  readonly #allocated: AllocatedDevices
  /** Nodes that slices or devices name. */
  readonly #named: Set<string>
  /** The selectors of slices and devices, each once. */
  readonly #selectors: readonly NodePredicate[]
  readonly #byKey = new Map<string, DeviceReach>()
  readonly #reaches: DeviceReach[] = []
  readonly #ofNode: (DeviceReach | undefined)[] = []
  readonly #labelsOf: (TargetNode['labels'] | undefined)[] = []

  constructor(index: SliceIndex, allocated: AllocatedDevices) {
    this.#index = index
    this.#allocated = allocated
    this.#named = new Set(index.ofNode.keys())
    const selectors = new Map<string, NodePredicate>()
    for (const { slice, devices, selectsByDevice } of index.all) {
      for (const { nodeName = '', nodeSelector } of selectsByDevice
        ? devices.map(({ device }) => device)
        : [slice.spec]) {
        if (nodeName !== '') this.#named.add(nodeName)
        if (nodeSelector === undefined) continue
        const text = JSON.stringify(nodeSelector)
        if (!selectors.has(text)) selectors.set(text, compileNodeSelector(nodeSelector))
      }
    }
    this.#selectors = [...selectors.values()]
  }

  /** Number of different reaches so far. */
  get count(): number {
    return this.#reaches.length
  }

  of(node: NodeIndex, nodes: ReachColumns): DeviceReach {
    const labels = nodes.labels(node)
    const known = this.#ofNode[node]
    // A number always stands for the same name.
    if (known !== undefined && this.#labelsOf[node] === labels) return known
    const reach = this.#find({ name: nodes.name(node), labels })
    this.#ofNode[node] = reach
    this.#labelsOf[node] = labels
    return reach
  }

  #find(node: TargetNode): DeviceReach {
    const matches = this.#selectors.map((isMatch) => (isMatch(node.labels, node.name) ? '1' : '0'))
    const key = `${this.#named.has(node.name) ? node.name : ''} ${matches.join('')}`
    let reach = this.#byKey.get(key)
    if (reach === undefined) {
      reach = this.#make(node)
      this.#byKey.set(key, reach)
      this.#reaches.push(reach)
    }
    return reach
  }

  #make(node: TargetNode): DeviceReach {
    const pools = gatherPools(this.#index, node)
    const slices = slicesFor(this.#index, node)
    const counted = new Set(
      slices.map((slice) => {
        const key = poolKey(slice.driver, slice.pool)
        return this.#isCommon(key) ? this.#allocated.common : this.#useOf(key)
      }),
    )
    return {
      ordinal: this.#reaches.length,
      slices,
      pools,
      uses: pools.map(({ driver, pool }) => this.#useOf(poolKey(driver, pool))),
      counted: [...counted],
      hasDistinctNames: new Set(pools.map(({ pool }) => pool)).size === pools.length,
    }
  }

  #useOf(pool: string): PoolUse {
    return this.#allocated.useOf(pool, this.#isCommon(pool))
  }

  /** Whether nodes share the pool. */
  #isCommon(pool: string): boolean {
    return (this.#index.ofPool.get(pool) ?? []).some(({ slice }) => (slice.spec.nodeName ?? '') === '')
  }
}

const known = new WeakMap<ClusterView, { readonly index: SliceIndex; readonly reaches: DeviceReaches }>()

/** Who reaches which devices of a cluster as it stands; made anew only when a slice or a taint rule was written. */
export function deviceReaches(cluster: ClusterView): DeviceReaches {
  const index = slicesOf(cluster)
  let made = known.get(cluster)
  if (made?.index !== index) {
    made = { index, reaches: new DeviceReaches(index, claimBook(cluster).allocated) }
    known.set(cluster, made)
  }
  return made.reaches
}

/** Grows with every change of a device within reach, and stands still otherwise. */
export function changesOf({ counted }: DeviceReach): number {
  let sum = 0
  for (let i = 0; i < counted.length; i++) sum += counted[i]?.changes ?? 0
  return sum
}
