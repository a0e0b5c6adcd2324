import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import type { NodeClaims } from './claim-cycle.ts'

/** Most alternatives that a request can have (Kubernetes v1.37, `FirstAvailableDeviceRequestMaxSize`). */
const ALTERNATIVES_MAX = 8

/**
 * How good the alternatives are that claims have or would be given: 8 for a first choice, 7 for a second … added up over
 * the prioritised lists of all claims.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `computeScore`.
 */
export function preferenceScore(claims: readonly ResourceClaim[], given: NodeClaims): number {
  let score = 0
  for (const claim of claims) {
    const allocation = claim.status?.allocation ?? given.allocations[given.claims.indexOf(claim)]
    const taken = new Set((allocation?.devices?.results ?? []).map(({ request }) => request))
    for (const { name, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
      firstAvailable.forEach((alternative, place) => {
        if (taken.has(`${name}/${alternative.name}`)) score += ALTERNATIVES_MAX - place
      })
    }
  }
  return score
}
