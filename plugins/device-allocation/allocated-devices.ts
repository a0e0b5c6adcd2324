import { parseQuantity } from '../../src/api/quantity.ts'
import type {
  AllocationResult,
  DeviceRequestAllocationResult,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import { claimKey } from './pod-claims.ts'

/** Amounts of a device's capacities by full name, in 10⁻⁹ units. */
export type Amounts = Map<string, bigint>

/** What claims have of a shared device. */
interface Shares {
  /** Results that name it. */
  count: number
  readonly amounts: Amounts
}

/** How often the devices of a pool changed hands. */
export interface PoolUse {
  readonly changes: number
}

interface CountedUse {
  changes: number
  /** Whether nodes share the pool: its changes count for all of these together as well. */
  isCommon: boolean
}

/**
 * The devices that claims have: whole ones, and the capacities of those that are shared. Admin access takes nothing.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `allocateddevices.go`.
 */
export class AllocatedDevices {
  /** What claims have, by the claim's key. */
  readonly #claims = new Map<string, AllocationResult>()
  /** Results that name a device, by its id. */
  readonly #whole = new Map<string, number>()
  readonly #shared = new Map<string, Shares>()
  readonly #pools = new Map<string, CountedUse>()
  /** Changes of all pools that nodes share. */
  readonly common: PoolUse & { changes: number } = { changes: 0 }

  constructor(claims: Iterable<ResourceClaim>) {
    this.replaceAll(claims)
  }

  /** These are all claims, whatever was known before. */
  replaceAll(claims: Iterable<ResourceClaim>): void {
    const gone = new Set(this.#claims.keys())
    for (const claim of claims) {
      const key = claimKey(claim)
      gone.delete(key)
      this.set(key, claim)
    }
    for (const key of gone) this.set(key, undefined)
  }

  /** The claim with this key is now so, or gone. Costs nothing when it has the devices that it had. */
  set(key: string, claim: ResourceClaim | undefined): void {
    const before = this.#claims.get(key)
    const now = claim?.status?.allocation
    if (before === now) return
    if (before !== undefined) this.#change(before, -1)
    if (now === undefined) this.#claims.delete(key)
    else {
      this.#claims.set(key, now)
      this.#change(now, 1)
    }
  }

  /** Follows the pool with this key (`driver/pool`); those that nodes share are followed together in `common`, too. */
  useOf(pool: string, isCommon: boolean): PoolUse {
    let use = this.#pools.get(pool)
    if (use === undefined) {
      use = { changes: 0, isCommon }
      this.#pools.set(pool, use)
    }
    use.isCommon ||= isCommon
    return use
  }

  /** Whether one claim has the device for itself. */
  isTaken(id: string): boolean {
    return this.#whole.has(id)
  }

  /** Whether a claim has the device or a part of it. */
  isAllocated(id: string): boolean {
    return this.#whole.has(id) || this.#shared.has(id)
  }

  /** What claims have of the capacities of a shared device; undefined when nobody shares it. */
  consumedOf(id: string): Readonly<Amounts> | undefined {
    return this.#shared.get(id)?.amounts
  }

  #change({ devices }: AllocationResult, sign: 1 | -1): void {
    for (const result of devices?.results ?? []) {
      if (result.adminAccess === true) continue
      const pool = `${result.driver}/${result.pool}`
      const id = `${pool}/${result.device}`
      if (result.shareID === undefined) changeCount(this.#whole, id, sign)
      else this.#changeShares(id, result, sign)
      const use = this.#pools.get(pool)
      if (use === undefined) continue
      use.changes += 1
      if (use.isCommon) this.common.changes += 1
    }
  }

  #changeShares(id: string, result: DeviceRequestAllocationResult, sign: 1 | -1): void {
    const shares = this.#shared.get(id) ?? { count: 0, amounts: new Map<string, bigint>() }
    this.#shared.set(id, shares)
    shares.count += sign
    for (const [name, amount] of Object.entries(result.consumedCapacity ?? {})) {
      const key = qualifiedName(name, result.driver)
      const change = (parseQuantity(amount)?.nano ?? 0n) * BigInt(sign)
      shares.amounts.set(key, (shares.amounts.get(key) ?? 0n) + change)
    }
    if (shares.count === 0) this.#shared.delete(id)
  }
}

function changeCount(counts: Map<string, number>, id: string, sign: 1 | -1): void {
  const count = (counts.get(id) ?? 0) + sign
  if (count === 0) counts.delete(id)
  else counts.set(id, count)
}

/** The name with the driver as its domain when it has none. */
export function qualifiedName(name: string, driver: string): string {
  return name.includes('/') ? name : `${driver}/${name}`
}
