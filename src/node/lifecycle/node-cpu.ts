/** A container that wants cpu of its node. */
export interface CpuClaim {
  /** What it counts against others: cpu.shares by its request (kubelet v1.37, cm `MilliCPUToShares`). */
  readonly weight: number
  /** Millicores that it would use, its limit counted. */
  readonly demand: number
}

/** cpu.shares of a request in millicores. Source: kubelet v1.37, cm/helpers_linux.go. */
export function cpuShares(requestMilli: number): number {
  return Math.max(2, Math.floor((requestMilli * 1024) / 1000))
}

/**
 * Millicores for each claim, as a fair scheduler shares them: by weight, nobody more than it wants, and what one leaves
 * goes to the others by weight. O(claims · log claims).
 *
 * Departs from Kubernetes: all containers of a node stand beside each other; the real tree of cgroups shares among classes
 * of service and pods first.
 */
export function shareCpu(claims: readonly CpuClaim[], capacity: number): readonly number[] {
  const given = claims.map(({ demand }) => demand)
  const total = given.reduce((sum, demand) => sum + demand, 0)
  if (total <= capacity) return given
  const hungriest = [...claims.keys()].toSorted(
    (one, other) => thirst(claims, one) - thirst(claims, other) || one - other,
  )
  let left = Math.max(0, capacity)
  let weights = claims.reduce((sum, { weight }) => sum + weight, 0)
  for (const index of hungriest) {
    const { weight, demand } = claims[index] as CpuClaim
    const share = weights === 0 ? 0 : (left * weight) / weights
    given[index] = Math.min(demand, share)
    left -= given[index] ?? 0
    weights -= weight
  }
  return given
}

/** Demand over weight: who has least of it is content first. */
function thirst(claims: readonly CpuClaim[], index: number): number {
  const { weight, demand } = claims[index] as CpuClaim
  return demand / weight
}
