import { parseQuantity } from '../../src/api/quantity.ts'
import type { Counter, DeviceCounterConsumption } from '../../src/api/types.generated.ts'
import type { AllocatedDevices } from './allocated-devices.ts'
import type { DevicePool } from './device-pools.ts'
import type { DeviceSlice, SliceDevice } from './device-slices.ts'

/** Amounts by counter set and counter, in 10⁻⁹ units. */
export type CounterSets = ReadonlyMap<string, ReadonlyMap<string, bigint>>

type Amounts = Map<string, Map<string, bigint>>

/**
 * The counter sets that a pool's slices declare; undefined when they contradict each other, or when a device of these
 * slices or of others takes of a counter that there is not.
 */
export function counterSetsOf(
  slices: readonly DeviceSlice[],
  others: readonly DeviceSlice[],
): CounterSets | undefined {
  const sets = new Map<string, ReadonlyMap<string, bigint>>()
  for (const { slice } of slices) {
    for (const { name, counters } of slice.spec.sharedCounters ?? []) {
      if (sets.has(name)) return undefined
      sets.set(name, amountsOf(counters))
    }
  }
  const areKnown = (consumption: DeviceCounterConsumption): boolean =>
    Object.keys(consumption.counters).every((name) => sets.get(consumption.counterSet)?.has(name) === true) &&
    sets.has(consumption.counterSet)
  const devices = [...slices, ...others].flatMap((slice) => slice.devices)
  return devices.every(({ device }) => (device.consumesCounters ?? []).every(areKnown)) ? sets : undefined
}

/**
 * Counters of the pools during one allocation: what is left of them, and what the devices chosen so far take.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `checkAvailableCounters`; there,
 * too, pools are known by their name alone.
 */
export class CounterBook {
  readonly #allocated: AllocatedDevices
  readonly #available = new Map<string, Amounts>()
  readonly #taken = new Map<string, Amounts>()

  constructor(allocated: AllocatedDevices) {
    this.#allocated = allocated
  }

  /** Takes what a device needs; false, and nothing taken, when some counter does not have it. */
  take(device: SliceDevice, pool: DevicePool): boolean {
    let taken = this.#taken.get(pool.pool)
    if (taken === undefined) {
      taken = new Map()
      this.#taken.set(pool.pool, taken)
    }
    addTo(taken, device, 1n)
    for (const [set, counters] of this.#availableIn(pool)) {
      for (const [name, amount] of counters) {
        if (amount < (taken.get(set)?.get(name) ?? 0n)) {
          addTo(taken, device, -1n)
          return false
        }
      }
    }
    return true
  }

  /** Gives back what a device took. */
  giveBack(device: SliceDevice, pool: DevicePool): void {
    const taken = this.#taken.get(pool.pool)
    if (taken !== undefined) addTo(taken, device, -1n)
  }

  /** What is left by the devices that are allocated already, wherever they are. */
  #availableIn(pool: DevicePool): Amounts {
    const known = this.#available.get(pool.pool)
    if (known !== undefined) return known
    const left: Amounts = new Map([...pool.counterSets].map(([name, counters]) => [name, new Map(counters)]))
    for (const slice of [...pool.slices, ...pool.otherSlices]) {
      for (const device of slice.devices) {
        if (this.#allocated.isAllocated(device.id)) addTo(left, device, -1n)
      }
    }
    this.#available.set(pool.pool, left)
    return left
  }
}

/** What a device takes of one counter set. */
interface Consumption {
  readonly counterSet: string
  readonly amounts: ReadonlyMap<string, bigint>
}

const consumptions = new WeakMap<SliceDevice, readonly Consumption[]>()

function consumptionsOf(of: SliceDevice): readonly Consumption[] {
  let known = consumptions.get(of)
  if (known === undefined) {
    known = (of.device.consumesCounters ?? []).map(({ counterSet, counters }) => {
      return { counterSet, amounts: amountsOf(counters) }
    })
    consumptions.set(of, known)
  }
  return known
}

function addTo(sums: Amounts, device: SliceDevice, sign: bigint): void {
  for (const { counterSet, amounts } of consumptionsOf(device)) {
    let set = sums.get(counterSet)
    if (set === undefined) {
      set = new Map()
      sums.set(counterSet, set)
    }
    for (const [name, amount] of amounts) set.set(name, (set.get(name) ?? 0n) + amount * sign)
  }
}

function amountsOf(counters: Readonly<Record<string, Counter>>): Map<string, bigint> {
  return new Map(
    Object.entries(counters).map(([name, { value }]) => [name, parseQuantity(value)?.nano ?? 0n]),
  )
}
