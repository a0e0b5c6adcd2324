import type {
  CapacityRequirements,
  DeviceSelector,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { PoolUse } from './allocated-devices.ts'
import type { DeviceReach } from './device-reach.ts'
import type { RequestData } from './device-requests.ts'
import type { SliceDevice } from './device-slices.ts'

/**
 * Pools without a device for a request, each as long as its devices stay as they are: none is free, matches and has its
 * counters, before anything of the pool is chosen.
 */
export class BarrenPools {
  readonly #uses: readonly PoolUse[]
  /** Changes of each pool when it was found barren. */
  readonly #foundAt: Float64Array

  constructor(uses: readonly PoolUse[]) {
    this.#uses = uses
    this.#foundAt = new Float64Array(uses.length).fill(-1)
  }

  has(pool: number): boolean {
    return this.#foundAt[pool] === this.#uses[pool]?.changes
  }

  add(pool: number): void {
    this.#foundAt[pool] = this.#uses[pool]?.changes ?? -1
  }
}

/** Shapes whose requests are kept; beyond, all are forgotten. */
const SHAPES_MAX = 10_000

/** What requests with equal selectors, or with equal demands of capacity, find of devices. */
export interface SharedFindings {
  readonly matches: RequestData['matches']
  readonly takes: RequestData['takes']
}

/** Requests of claims as they were read, by the shape of the claim: equal claims share them, and what is found of them. */
export class ReadRequests {
  readonly #known = new Map<number, RequestData[][]>()
  readonly #matches = new Map<string, RequestData['matches']>()
  readonly #takes = new Map<string, RequestData['takes']>()

  /** Those of a shape; made when they are not known, and kept unless they depend on what is allocated. */
  of(shape: number, make: () => RequestData[][]): RequestData[][] {
    const known = this.#known.get(shape)
    if (known !== undefined) return known
    const made = make()
    const isFixed = made.every((alternatives) =>
      alternatives.every(({ allDevices }) => allDevices === undefined),
    )
    if (!isFixed) return made
    if (this.#known.size >= SHAPES_MAX) this.#known.clear()
    this.#known.set(shape, made)
    return made
  }

  /** What is found for a request is found for all with its selectors, those of the class among them, and its capacity. */
  findings(selectors: readonly DeviceSelector[], capacity: CapacityRequirements | undefined): SharedFindings {
    return {
      matches: sharedMap(this.#matches, JSON.stringify(selectors)),
      takes: sharedMap(this.#takes, JSON.stringify(capacity ?? {})),
    }
  }
}

function sharedMap<Value>(maps: Map<string, Map<SliceDevice, Value>>, key: string): Map<SliceDevice, Value> {
  let shared = maps.get(key)
  if (shared === undefined) {
    if (maps.size >= SHAPES_MAX) maps.clear()
    shared = new Map()
    maps.set(key, shared)
  }
  return shared
}

/** What searches of one reach leave for those that come after. */
export class SearchMemory {
  readonly #requests: ReadRequests
  readonly #shapeOf: (claim: ResourceClaim) => number
  readonly #uses: readonly PoolUse[] | undefined
  readonly #barren = new WeakMap<RequestData, BarrenPools>()

  constructor(reach: DeviceReach, requests: ReadRequests, shapeOf: (claim: ResourceClaim) => number) {
    this.#requests = requests
    this.#shapeOf = shapeOf
    // A lone pool is searched as often as it changes. Counters go by the name of a pool: another of that name may take of them.
    this.#uses = reach.hasDistinctNames && reach.uses.length > 1 ? reach.uses : undefined
  }

  requestsOf(claim: ResourceClaim, make: () => RequestData[][]): RequestData[][] {
    return this.#requests.of(this.#shapeOf(claim), make)
  }

  findings(selectors: readonly DeviceSelector[], capacity: CapacityRequirements | undefined): SharedFindings {
    return this.#requests.findings(selectors, capacity)
  }

  /** The pools that are known to have nothing for a request; undefined where that cannot be known. */
  barrenPools(request: RequestData): BarrenPools | undefined {
    if (this.#uses === undefined) return undefined
    let pools = this.#barren.get(request)
    if (pools === undefined) {
      pools = new BarrenPools(this.#uses)
      this.#barren.set(request, pools)
    }
    return pools
  }
}
