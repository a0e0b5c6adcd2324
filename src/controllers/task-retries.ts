import { MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { OOM_KILLED } from '../cluster/pod-reason.ts'
import { NO_TIME, PHASE_FAILED } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import { nodeRoom } from '../node/node-room.ts'

/** How the lost pods of tasks are made again. */
export interface RetryOptions {
  /**
   * How often the pod of one place is made again at most; undefined for no bound, but 6 for those that the kernel kills for their
   * memory, whatever else is on the node: they have a limit, or use more than the node has.
   */
  readonly retriesMax: number | undefined
  /**
   * Wait before a lost pod is made again: doubles with each loss of the place from `first` to `max`; none by default, but 10 s
   * to 10 minutes for those that the kernel kills for their memory.
   */
  readonly backoff?: { readonly first: Micros; readonly max: Micros } | undefined
}

/**
 * Wait of the replacement of a pod that failed without ever running: a kubelet that refuses what the
 * scheduler gives it would else be asked again in the same instant, for ever. The Job controller gathers
 * changes of its pods for as long (Kubernetes v1.37, `syncJobBatchPeriod`).
 */
const REFUSED_WAIT: Micros = SECOND

/**
 * Wait of the replacement of a pod that the kernel killed for its memory, for it will use as much again: doubles, as a Job's
 * does (Kubernetes v1.37, `DefaultJobPodFailureBackOff`, `MaxJobPodFailureBackOff`).
 */
const KILLED_BACKOFF = { first: 10 * SECOND, max: 10 * MINUTE }
/** How often a pod is made again that is killed whatever else is there: the default `backoffLimit` of a Job. */
const KILLED_RETRIES_MAX = 6

/** After which wait a lost pod is made again, as the attempt of that number; undefined when its place is given up. */
export function waitToReplace(
  api: ApiServer,
  pod: PodRow,
  attempt: number,
  options: RetryOptions,
): Micros | undefined {
  const { table } = api.pods
  const isKilled = table.reason(pod) === OOM_KILLED
  if (options.retriesMax !== undefined) {
    if (attempt > options.retriesMax) return undefined
  } else if (isKilled && attempt > KILLED_RETRIES_MAX && isKilledAlone(api, pod)) return undefined
  const backoff = options.backoff ?? (isKilled ? KILLED_BACKOFF : undefined)
  const isRefused = table.phase(pod) === PHASE_FAILED && table.runningAt(pod) === NO_TIME
  const asked = backoff === undefined ? 0 : Math.min(backoff.max, backoff.first * 2 ** (attempt - 1))
  return isRefused ? Math.max(asked, REFUSED_WAIT) : asked
}

/** Whether the kernel would kill a pod without others there, too: for its limit, or since its node has less than it uses. */
function isKilledAlone({ pods, nodeRows }: ApiServer, pod: PodRow): boolean {
  if (pods.infoOf(pod).template.sizing === 'guaranteed') return true
  const node = nodeRows.nodeOf(pods.table.node(pod))
  if (node === undefined) return false
  const { memory, allocatableMemory = memory } = nodeRoom(node)
  return pods.table.usedMemory(pod) > allocatableMemory
}
