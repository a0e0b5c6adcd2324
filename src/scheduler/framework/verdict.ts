/**
 * Why a plugin keeps a pod off a node, or off the cluster.
 *
 * `UnschedulableAndUnresolvable` says that removing pods from the node would not help, so preemption leaves it out.
 */
export interface Rejection {
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable'
  /** Reasons in the words of kube-scheduler; empty when only `explain` knows them. */
  readonly reasons: readonly string[]
}

/** A filter's word for a node that will do. */
export const PASS = undefined

/** A rejection that preemption may cure. */
export function unschedulable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'Unschedulable', reasons: Object.freeze(reasons) })
}

/** A rejection that removing pods does not cure. */
export function unresolvable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'UnschedulableAndUnresolvable', reasons: Object.freeze(reasons) })
}
