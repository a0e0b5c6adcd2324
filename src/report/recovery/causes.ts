/**
 * What a lost replica can wait for until it is ready again, in the order in which these come.
 *
 * The time of a lost replica is divided into consecutive spans, each of one cause, so that all of them sum to the whole.
 */
export const CAUSES = [
  'detection',
  'taint_queue',
  'toleration',
  'machine_repair',
  'termination',
  'controller',
  'set_order',
  'no_controller',
  'client_limit',
  'control_plane',
  'admission',
  'scheduler',
  'capacity',
  'constraints',
  'preemption',
  'scheduler_backoff',
  'volume_attach',
  'container_start',
  'image_pull',
  'crash_loop',
  'readiness',
] as const

/** What a lost replica waits for. */
export type Cause = (typeof CAUSES)[number]

/** Places of causes in an array of one number a cause. */
export const CAUSE_PLACES: Readonly<Record<Cause, number>> = Object.fromEntries(
  CAUSES.map((cause, place) => [cause, place]),
) as Record<Cause, number>

/** Causes for which a replica is a pod without a node. */
export const PENDING_CAUSES: readonly Cause[] = [
  'scheduler',
  'capacity',
  'constraints',
  'preemption',
  'scheduler_backoff',
]

/** What limited a recovery, in words for people. */
export const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  detection: 'detection of silent nodes',
  taint_queue: 'eviction rate of the zone',
  toleration: 'toleration of the taint',
  machine_repair: 'return of the node',
  termination: 'termination of the lost pod',
  controller: 'controllers',
  set_order: 'order of a StatefulSet',
  no_controller: 'nobody makes the pod again',
  client_limit: 'client limit of controllers',
  control_plane: 'control plane down',
  admission: 'admission and quota',
  scheduler: 'scheduling',
  capacity: 'capacity',
  constraints: 'placement constraints',
  preemption: 'preemption',
  scheduler_backoff: 'scheduler back-off',
  volume_attach: 'volumes',
  container_start: 'container start',
  image_pull: 'image pulls',
  crash_loop: 'crash loops',
  readiness: 'readiness',
}

/** Plugins that reject a node that has not enough of something left. */
const ROOM_PLUGINS: ReadonlySet<string> = new Set([
  'NodeResourcesFit',
  'NodeVolumeLimits',
  'DynamicResources',
])

/** What an unschedulable pod waits for, by the plugins that rejected nodes: room, or a node that it may go to at all. */
export function causeOfRejection(rejectedBy: readonly string[]): Cause {
  return rejectedBy.some((plugin) => ROOM_PLUGINS.has(plugin)) ? 'capacity' : 'constraints'
}

/** Reasons of waiting containers that say what their pod waits for. */
const WAITING_CAUSES: ReadonlyMap<string, Cause> = new Map([
  ['CrashLoopBackOff', 'crash_loop'],
  ['ErrImagePull', 'image_pull'],
  ['ImagePullBackOff', 'image_pull'],
  ['ErrImageNeverPull', 'image_pull'],
  ['InvalidImageName', 'image_pull'],
])

/** What a pod waits for by the reasons of its waiting containers; undefined when they say nothing of it. */
export function causeOfWaiting(reasons: readonly (string | undefined)[]): Cause | undefined {
  for (const reason of reasons) {
    const cause = WAITING_CAUSES.get(reason ?? '')
    if (cause !== undefined) return cause
  }
  return undefined
}
