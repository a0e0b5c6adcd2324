/** What happened to a pod, as one bit: watchers of pods say which they want by a mask. */
export const POD_CREATED = 1
/** Spec or metadata changed: gates, labels. */
export const POD_UPDATED = 2
/** `status.nominatedNodeName` was set or cleared. */
export const POD_NOMINATED = 4
/** `spec.nodeName` was set. */
export const POD_BOUND = 8
/** The kubelet reports all containers running. */
export const POD_RUNNING = 16
/** The pod became ready, or stopped being ready. */
export const POD_READINESS = 32
/** Phase Succeeded or Failed: it holds no more resources. */
export const POD_FINISHED = 64
/** Deletion was asked for: `metadata.deletionTimestamp` is set and the grace period runs. */
export const POD_DELETING = 128
/** The pod is gone from the store. */
export const POD_DELETED = 256

/** The bit of a pod event; masks are sums of them. */
export type PodEventBit = number

/** What matters of a pod to those who count on it, wherever it is: all but nominations and bindings. */
export const POD_STATE_EVENTS: PodEventBit =
  POD_CREATED | POD_UPDATED | POD_RUNNING | POD_READINESS | POD_FINISHED | POD_DELETING | POD_DELETED

const NAMES: ReadonlyMap<PodEventBit, string> = new Map([
  [POD_CREATED, 'created'],
  [POD_UPDATED, 'updated'],
  [POD_NOMINATED, 'nominated'],
  [POD_BOUND, 'bound'],
  [POD_RUNNING, 'running'],
  [POD_READINESS, 'readiness'],
  [POD_FINISHED, 'finished'],
  [POD_DELETING, 'deleting'],
  [POD_DELETED, 'deleted'],
])

/** Word for a pod event, for logs and tables. */
export function podEventName(event: PodEventBit): string {
  return NAMES.get(event) ?? `event ${event}`
}
