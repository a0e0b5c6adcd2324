import { parseQuantity } from '../../src/api/quantity.ts'
import type {
  DeviceRequestAllocationResult,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'

/** Amounts of a device's capacities by full name, in 10⁻⁹ units. */
export type Amounts = Map<string, bigint>

/**
 * The devices that claims have: whole ones, and the capacities of those that are shared. Admin access takes nothing.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `allocateddevices.go`.
 */
export class AllocatedDevices {
  readonly #whole = new Set<string>()
  readonly #consumed = new Map<string, Amounts>()

  constructor(claims: Iterable<ResourceClaim>) {
    for (const claim of claims) {
      for (const result of resultsOf(claim)) this.#add(result)
    }
  }

  /** Whether one claim has the device for itself. */
  isTaken(id: string): boolean {
    return this.#whole.has(id)
  }

  /** Whether a claim has the device or a part of it. */
  isAllocated(id: string): boolean {
    return this.#whole.has(id) || this.#consumed.has(id)
  }

  /** What claims have of the capacities of a shared device; undefined when nobody shares it. */
  consumedOf(id: string): Readonly<Amounts> | undefined {
    return this.#consumed.get(id)
  }

  #add(result: DeviceRequestAllocationResult): void {
    if (result.adminAccess === true) return
    const id = `${result.driver}/${result.pool}/${result.device}`
    if (result.shareID === undefined) {
      this.#whole.add(id)
      return
    }
    let consumed = this.#consumed.get(id)
    if (consumed === undefined) {
      consumed = new Map()
      this.#consumed.set(id, consumed)
    }
    for (const [name, amount] of Object.entries(result.consumedCapacity ?? {})) {
      const key = qualifiedName(name, result.driver)
      consumed.set(key, (consumed.get(key) ?? 0n) + (parseQuantity(amount)?.nano ?? 0n))
    }
  }
}

/** The name with the driver as its domain when it has none. */
export function qualifiedName(name: string, driver: string): string {
  return name.includes('/') ? name : `${driver}/${name}`
}

function resultsOf(claim: ResourceClaim): readonly DeviceRequestAllocationResult[] {
  return claim.status?.allocation?.devices?.results ?? []
}
