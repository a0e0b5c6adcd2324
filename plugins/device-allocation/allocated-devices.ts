import { parseQuantity } from '../../src/api/quantity.ts'
import type {
  DeviceRequestAllocationResult,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { ClusterView } from '../../src/scheduler/framework/index.ts'

/** Amounts of a device's capacities by full name, in 10⁻⁹ units. */
export type Amounts = Map<string, bigint>

/** What claims have of a shared device. */
interface Shares {
  /** Results that name it. */
  count: number
  readonly amounts: Amounts
}

/**
 * The devices that claims have: whole ones, and the capacities of those that are shared. Admin access takes nothing.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `allocateddevices.go`.
 */
export class AllocatedDevices {
  /** Claims that have devices. */
  readonly #claims = new Set<ResourceClaim>()
  /** Results that name a device, by its id. */
  readonly #whole = new Map<string, number>()
  readonly #shared = new Map<string, Shares>()

  constructor(claims: Iterable<ResourceClaim>) {
    this.refresh(claims)
  }

  /** Follows the claims as they are now; cost O(claims), and more only for those that changed. */
  refresh(claims: Iterable<ResourceClaim>): void {
    const known = this.#claims.size
    let kept = 0
    const present: ResourceClaim[] = []
    for (const claim of claims) {
      if (claim.status?.allocation === undefined) continue
      present.push(claim)
      if (this.#claims.has(claim)) kept += 1
    }
    if (kept < known) {
      const stays = new Set(present)
      for (const claim of this.#claims) if (!stays.has(claim)) this.#change(claim, -1)
    }
    if (kept === present.length) return
    for (const claim of present) if (!this.#claims.has(claim)) this.#change(claim, 1)
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

  #change(claim: ResourceClaim, sign: 1 | -1): void {
    if (sign > 0) this.#claims.add(claim)
    else this.#claims.delete(claim)
    for (const result of claim.status?.allocation?.devices?.results ?? []) {
      if (result.adminAccess === true) continue
      const id = `${result.driver}/${result.pool}/${result.device}`
      if (result.shareID === undefined) changeCount(this.#whole, id, sign)
      else this.#changeShares(id, result, sign)
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

const ofClusters = new WeakMap<ClusterView, { revision: number; readonly allocated: AllocatedDevices }>()

/** The devices that the claims of a cluster have, as it stands; the same object follows the cluster. */
export function allocatedDevices(cluster: ClusterView): AllocatedDevices {
  const revision = cluster.revisionOf('ResourceClaim')
  const claims = cluster.objects('ResourceClaim') as Iterable<ResourceClaim>
  const known = ofClusters.get(cluster)
  if (known === undefined) {
    const allocated = new AllocatedDevices(claims)
    ofClusters.set(cluster, { revision, allocated })
    return allocated
  }
  if (known.revision !== revision) {
    known.allocated.refresh(claims)
    known.revision = revision
  }
  return known.allocated
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
