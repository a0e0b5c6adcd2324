import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import type { ChangedKeys, ClusterView, PodIdentity } from '../../src/scheduler/framework/index.ts'
import { AllocatedDevices } from './allocated-devices.ts'
import { claimOfEarlierAttempt, isOfExtendedResources } from './extended-resources.ts'
import { allClaims, claimKey } from './pod-claims.ts'

/**
 * What the claims of a cluster come to: the devices that they have, and those that the scheduler made for extended
 * resources. Follows the claims one by one: O(changed claims).
 */
export class ClaimBook {
  readonly #cluster: ClusterView
  readonly #changed: ChangedKeys
  readonly #allocated = new AllocatedDevices([])
  /** Claims for extended resources: the controllers that they name, by the claim's key. */
  readonly #owners = new Map<string, readonly string[]>()
  /** Such claims by the name of a pod that they are for. */
  readonly #byPod = new Map<string, Set<string>>()
  #revision = -1

  constructor(cluster: ClusterView) {
    this.#cluster = cluster
    this.#changed = cluster.follow('ResourceClaim')
  }

  /** The devices that claims have, as the cluster stands; the same object follows the cluster. */
  get allocated(): AllocatedDevices {
    this.refresh()
    return this.#allocated
  }

  /** The claim that was made for the pod's extended resources in an earlier attempt, if there is one. */
  claimOfEarlierAttempt(pod: PodIdentity): ResourceClaim | undefined {
    this.refresh()
    const keys = this.#byPod.get(pod.name)
    if (keys === undefined) return undefined
    if (keys.size > 1) return claimOfEarlierAttempt(allClaims(this.#cluster), pod)
    return claimOfEarlierAttempt(
      [...keys].flatMap((key) => (this.#cluster.object('ResourceClaim', key) as ResourceClaim) ?? []),
      pod,
    )
  }

  /** Follows the claims to where they stand. */
  refresh(): void {
    const revision = this.#cluster.revisionOf('ResourceClaim')
    if (revision === this.#revision) return
    this.#revision = revision
    const keys = this.#changed.take()
    if (keys === undefined) {
      const claims = [...allClaims(this.#cluster)]
      this.#allocated.replaceAll(claims)
      for (const key of [...this.#owners.keys()]) this.#setOwners(key, [])
      for (const claim of claims) this.#setOwners(claimKey(claim), ownersOf(claim))
      return
    }
    for (const key of keys) {
      const claim = this.#cluster.object('ResourceClaim', key) as ResourceClaim | undefined
      this.#allocated.set(key, claim)
      this.#setOwners(key, claim === undefined ? [] : ownersOf(claim))
    }
  }

  #setOwners(key: string, names: readonly string[]): void {
    const before = this.#owners.get(key)
    if (before === undefined && names.length === 0) return
    for (const name of before ?? []) {
      const keys = this.#byPod.get(name)
      keys?.delete(key)
      if (keys?.size === 0) this.#byPod.delete(name)
    }
    if (names.length === 0) this.#owners.delete(key)
    else this.#owners.set(key, names)
    for (const name of names) {
      const keys = this.#byPod.get(name) ?? new Set()
      this.#byPod.set(name, keys.add(key))
    }
  }
}

const books = new WeakMap<ClusterView, ClaimBook>()

/** The book of a cluster's claims. */
export function claimBook(cluster: ClusterView): ClaimBook {
  let book = books.get(cluster)
  if (book === undefined) {
    book = new ClaimBook(cluster)
    books.set(cluster, book)
  }
  return book
}

function ownersOf(claim: ResourceClaim): string[] {
  if (!isOfExtendedResources(claim)) return []
  return (claim.metadata?.ownerReferences ?? []).flatMap(({ name, controller }) =>
    controller === true ? [name] : [],
  )
}
