import { poolKey } from './device-slices.ts'
import type { DeviceSlice, SliceIndex, TargetNode } from './device-slices.ts'
import { counterSetsOf } from './shared-counters.ts'
import type { CounterSets } from './shared-counters.ts'

/** The slices of a driver's pool that matter on one node. */
export interface DevicePool {
  readonly driver: string
  readonly pool: string
  /** Not all of its slices are there: nothing is taken from it, and nobody can have all of its devices. */
  readonly isIncomplete: boolean
  /** Its slices contradict each other: nothing is taken from it. */
  readonly isInvalid: boolean
  /** Slices with devices that the node can use, by name. */
  readonly slices: readonly DeviceSlice[]
  /** Other slices of the pool whose devices may take of its counters. */
  readonly otherSlices: readonly DeviceSlice[]
  readonly counterSets: CounterSets
}

/**
 * The pools with devices that a node can use, by driver and name, those with binding conditions last: the order in which
 * devices are tried. Slices of older generations do not count.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `GatherPools`.
 */
export function gatherPools(index: SliceIndex, node: TargetNode): DevicePool[] {
  const slicesByPool = new Map<string, DeviceSlice[]>()
  for (const slice of slicesFor(index, node)) addSlice(slicesByPool, slice)
  const plain: DevicePool[] = []
  const conditional: DevicePool[] = []
  for (const [key, slices] of slicesByPool) {
    const pool = buildPool(slices, index.ofPool.get(key) ?? [])
    if (pool === undefined) continue
    if (pool.slices.some(hasBindingConditions)) conditional.push(pool)
    else plain.push(pool)
  }
  return [...plain.sort(byName), ...conditional.sort(byName)]
}

/** The slices that a node can use or that have counters of some pool, those that name the node first. */
export function slicesFor(index: SliceIndex, node: TargetNode): DeviceSlice[] {
  return [...(index.ofNode.get(node.name) ?? []), ...index.others].filter((slice) => isRelevant(slice, node))
}

/** Slices with shared counters belong to no node, and are needed wherever their pool is. */
function isRelevant(slice: DeviceSlice, node: TargetNode): boolean {
  return (slice.slice.spec.sharedCounters ?? []).length > 0 || slice.targets(node)
}

function addSlice(slicesByPool: Map<string, DeviceSlice[]>, slice: DeviceSlice): void {
  const key = poolKey(slice.driver, slice.pool)
  const slices = slicesByPool.get(key)
  const generation = slices?.[0]?.generation ?? -1
  if (slices === undefined || slice.generation > generation) slicesByPool.set(key, [slice])
  else if (slice.generation === generation) slices.push(slice)
}

/** The pool of some slices of one generation; undefined when a newer one is about to replace them. */
function buildPool(relevant: readonly DeviceSlice[], ofPool: readonly DeviceSlice[]): DevicePool | undefined {
  const [first] = relevant
  if (first === undefined) return undefined
  const empty = {
    driver: first.driver,
    pool: first.pool,
    isIncomplete: false,
    isInvalid: false,
    slices: [],
    otherSlices: [],
    counterSets: new Map(),
  }
  let others: readonly DeviceSlice[] = []
  if (relevant.length !== first.sliceCount) {
    if (ofPool.some((slice) => slice.generation > first.generation)) return undefined
    const all = ofPool.filter((slice) => slice.generation === first.generation)
    if (all.length !== first.sliceCount) return { ...empty, isIncomplete: true }
    others = all.filter((slice) => !relevant.includes(slice))
  }
  const sorted = [...relevant].sort((one, other) => compareText(one.name, other.name))
  const withDevices = sorted.filter((slice) => (slice.slice.spec.sharedCounters ?? []).length === 0)
  const counterSets = counterSetsOf(sorted, others)
  if (counterSets === undefined || hasTwice(withDevices)) return { ...empty, isInvalid: true }
  return { ...empty, slices: withDevices, otherSlices: others, counterSets }
}

function hasTwice(slices: readonly DeviceSlice[]): boolean {
  const names = slices.flatMap((slice) => slice.devices.map(({ device }) => device.name))
  return new Set(names).size < names.length
}

function hasBindingConditions(slice: DeviceSlice): boolean {
  return slice.devices.some(({ device }) => device.bindingConditions !== undefined)
}

function byName(one: DevicePool, other: DevicePool): number {
  return compareText(one.driver, other.driver) || compareText(one.pool, other.pool)
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
