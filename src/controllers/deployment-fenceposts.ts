import { scaledOrError } from '../api/int-or-percent.ts'
import type { Deployment, IntOrString } from '../api/types.generated.ts'

/** How many pods a rolling update may have beyond, or miss of, those that are wanted. */
export interface Fenceposts {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** What the API server puts where a rolling update says nothing. */
const DEFAULT_SHARE = '25%'

/**
 * Numbers of a rolling update of `desired` pods: a percentage of surge is rounded up, of unavailable pods down; if both come to
 * 0, one pod may be unavailable, or nothing could move.
 *
 * Source: kube-controller-manager v1.37, deployment/util/deployment_util.go `ResolveFenceposts`.
 */
export function resolveFenceposts(
  maxSurge: IntOrString,
  maxUnavailable: IntOrString,
  desired: number,
): Fenceposts | { readonly error: string } {
  const surge = scaledOrError(maxSurge, desired, 'up')
  if (typeof surge !== 'number') return surge
  const unavailable = scaledOrError(maxUnavailable, desired, 'down')
  if (typeof unavailable !== 'number') return unavailable
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Whether a Deployment replaces its pods step by step; the default. */
export function isRollingUpdate({ spec }: Deployment): boolean {
  return (spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
}

/** Pods that a Deployment wants. */
export function replicasOf({ spec }: { readonly spec?: { readonly replicas?: number } }): number {
  return spec?.replicas ?? 1
}

/** The numbers of a Deployment as it is; none for Recreate, and no more unavailable ones than it wants pods. */
export function fencepostsOf(deployment: Deployment): Fenceposts {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {}
  const replicas = replicasOf(deployment)
  const resolved = resolveFenceposts(maxSurge ?? DEFAULT_SHARE, maxUnavailable ?? DEFAULT_SHARE, replicas)
  // Validation lets no other text in.
  if ('error' in resolved) return { maxSurge: 0, maxUnavailable: 0 }
  return {
    maxSurge: resolved.maxSurge,
    maxUnavailable: Math.min(resolved.maxUnavailable, replicas),
  }
}
