/** Most that an endpoint may be over its share (endpointslice/topologycache `overloadThreshold`). */
const OVERLOAD = 0.2

/** How many endpoints a zone should have hints to it. */
export interface ZoneAllocation {
  readonly minimum: number
  readonly maximum: number
  readonly desired: number
}

/** Endpoints by zone. */
export type ZoneCounts = Map<string, number>

/**
 * Shares endpoints among zones by their part of the cpu; undefined when that cannot be done without overloading the endpoints of one:
 * with fewer than two zones, or too few endpoints.
 *
 * Source: Kubernetes v1.37, endpointslice/topologycache `getAllocations`.
 */
export function allocateZones(
  cpuRatios: ReadonlyMap<string, number> | undefined,
  endpoints: number,
): ReadonlyMap<string, ZoneAllocation> | undefined {
  if (cpuRatios === undefined || cpuRatios.size < 2 || cpuRatios.size > endpoints) return undefined
  const minima = new Map<string, number>()
  let total = 0
  for (const [zone, ratio] of cpuRatios) {
    const minimum = minimumOf(endpoints, ratio)
    minima.set(zone, minimum)
    total += minimum
  }
  if (total > endpoints) return undefined
  const allocations = new Map<string, ZoneAllocation>()
  for (const [zone, ratio] of cpuRatios) {
    const minimum = minima.get(zone) ?? 0
    allocations.set(zone, {
      minimum,
      maximum: minimum + endpoints - total,
      desired: Math.max(ratio * endpoints, minimum),
    })
  }
  return allocations
}

/** Whether a zone has too few of the endpoints for its part of the cpu (`serviceOverloaded`). */
export function isOverloaded(
  counts: ReadonlyMap<string, number>,
  cpuRatios: ReadonlyMap<string, number> | undefined,
): boolean {
  if (counts.size === 0) return false
  if (cpuRatios === undefined || cpuRatios.size === 0) return true
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  for (const [zone, ratio] of cpuRatios) {
    const count = counts.get(zone)
    if (count === undefined || count < minimumOf(total, ratio)) return true
  }
  return false
}

function minimumOf(endpoints: number, ratio: number): number {
  return Math.ceil(endpoints * ratio * (1 / (1 + OVERLOAD)))
}

/**
 * How many endpoints each zone gives to others, and gets from others, to come near to what it should have.
 *
 * Of zones that have equally much to give or to get the first by name comes first; the real one takes any. Source: Kubernetes v1.37,
 * endpointslice/topologycache `getGivingAndReceivingZones`.
 */
export function exchangeOf(
  allocations: ReadonlyMap<string, ZoneAllocation>,
  counts: ReadonlyMap<string, number>,
): { readonly giving: ZoneCounts; readonly receiving: ZoneCounts } {
  const surplus: ZoneCounts = new Map()
  const shortage: ZoneCounts = new Map()
  for (const [zone, { desired }] of [...allocations].sort(byName)) {
    const count = counts.get(zone) ?? 0
    if (count > desired) surplus.set(zone, count - desired)
    else if (count < desired) shortage.set(zone, desired - count)
  }
  const giving: ZoneCounts = new Map()
  const receiving: ZoneCounts = new Map()
  for (;;) {
    const [giver, toGive] = most(surplus)
    const [receiver, toReceive] = most(shortage)
    if (giver === '' || receiver === '') break
    if ((toGive < 1 && toReceive < 1) || toGive < 0.5 || toReceive < 0.5) break
    add(giving, giver, 1)
    add(surplus, giver, -1)
    add(receiving, receiver, 1)
    add(shortage, receiver, -1)
  }
  return { giving, receiving }
}

/** Adds to the count of a zone. */
export function add(counts: ZoneCounts, zone: string, count: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + count)
}

function most(counts: ReadonlyMap<string, number>): readonly [string, number] {
  let best: readonly [string, number] = ['', 0]
  for (const [zone, count] of counts) if (count > best[1]) best = [zone, count]
  return best
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
