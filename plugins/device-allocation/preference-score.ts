import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'

/** Most alternatives that a request can have (Kubernetes v1.37, `FirstAvailableDeviceRequestMaxSize`). */
const ALTERNATIVES_MAX = 8

/**
 * How good the alternatives are that a claim has or would be given, by the names of the requests in its result: 8 for a
 * first choice, 7 for a second … added up over its prioritised lists.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `computeScore`.
 */
export function preferenceOf(claim: ResourceClaim, taken: ReadonlySet<string>): number {
  let score = 0
  for (const { name, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
    firstAvailable.forEach((alternative, place) => {
      if (taken.has(`${name}/${alternative.name}`)) score += ALTERNATIVES_MAX - place
    })
  }
  return score
}

/** That of a claim which has its devices. */
export function preferenceOfAllocated(claim: ResourceClaim): number {
  const results = claim.status?.allocation?.devices?.results ?? []
  return preferenceOf(claim, new Set(results.map(({ request }) => request)))
}
