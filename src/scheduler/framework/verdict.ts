/**
 * Why a plugin keeps a pod off a node, or off the cluster.
 *
 * `UnschedulableAndUnresolvable` says that removing pods from the node would not help, so preemption leaves it out.
 */
export interface Rejection {
  /** `Error` is for a pod that cannot be decided on at all: its whole cycle ends, whatever other nodes say. */
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Error'
  /** Reasons in the words of kube-scheduler; empty when only `explain` knows them. */
  readonly reasons: readonly string[]
}

/** A filter's word for a node that will do. */
export const PASS = undefined

/** A rejection that preemption may cure. */
export function unschedulable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'Unschedulable', reasons: Object.freeze(reasons) })
}

/** The end of a cycle in an error: something that the pod refers to is wrong. */
export function schedulingError(message: string): Rejection {
  return Object.freeze({ code: 'Error', reasons: Object.freeze([message]) })
}

/** A rejection that removing pods does not cure. */
export function unresolvable(...reasons: readonly string[]): Rejection {
  return Object.freeze({ code: 'UnschedulableAndUnresolvable', reasons: Object.freeze(reasons) })
}
