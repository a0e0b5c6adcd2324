import type { Job } from '../api/types.generated.ts'
import { DAY, HOUR, NEVER, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { POD_BOUND, POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { finishedConditionOf } from '../controllers/job-conditions.ts'
import { isManagedElsewhere } from '../controllers/job-rules.ts'
import type { Tasks } from '../controllers/task.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { ActionProgress } from './actions/start-actions.ts'
import type { TraceFeed } from './trace-feed.ts'

/** A run without an end of its own ends when nothing has been bound, and nothing that ends has run, for this long. */
const IDLE_MAX: Micros = HOUR

/** How long a run without an end of its own goes on when its CronJobs never let it be done. */
const CRON_RUN: Micros = DAY

/** Kinds that ask for pods which may not be there yet. */
const SCALED_KINDS = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet']

/** When a run ends at the latest, and what to say of an end that nobody asked for. */
export interface LatestEnd {
  readonly until: Micros | undefined
  readonly warnings: readonly string[]
}

/** The latest end of a run with objects of these kinds: `until`, or a day for one with CronJobs, which are never done. */
export function latestEnd(until: Micros | undefined, kinds: ReadonlySet<string>): LatestEnd {
  if (until !== undefined || !kinds.has('CronJob')) return { until, warnings: [] }
  const span = formatDuration(CRON_RUN)
  return {
    until: CRON_RUN,
    warnings: [`CronJobs are never done, and there is no spec.until: the run ends after ${span}`],
  }
}

/** What a run without an end looks at. */
export interface RunningParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly feeds: readonly TraceFeed[]
  readonly tasks: Tasks
  readonly kubelets: Kubelets
  readonly actions: ActionProgress
}

/**
 * Ends a run without an end of its own: a microsecond after the last pod has finished and nothing asks for more, or when for an
 * hour nothing was bound, nothing that ends has run and no action was done; never before the last action. Decided by events, so that it does not
 * depend on how a trace was read.
 */
export function endWhenIdle({ sim, api, feeds, tasks, kubelets, actions }: RunningParts): void {
  const { table } = api.pods
  let busy = 0
  let changes = 0
  const isFed = (): boolean => feeds.every((feed) => feed.isExhausted && feed.nextAt() === NEVER)
  const done = sim.handler('run/done', () => {
    if (api.pods.unfinished > 0 || tasks.counts.waiting > 0 || !isFed()) return
    if (sim.now > actions.lastAt() && !asksForPods(api)) sim.stop()
  })
  const idle = sim.handler('run/idle', (changesThen) => {
    if (changes !== changesThen || busy > 0) return
    const toWait = actions.lastAt() + IDLE_MAX - sim.now
    if (isFed() && toWait <= 0 && !kubelets.workers.expectEnds) sim.stop()
    else sim.after(toWait <= 0 ? IDLE_MAX : toWait, idle, changesThen)
  })
  sim.after(IDLE_MAX, idle, 0)
  if (actions.lastAt() > 0) sim.after(actions.lastAt() + 1, done)
  api.pods.observe((event, row) => {
    if ((event & (POD_BOUND | POD_FINISHED | POD_DELETED)) === 0) return
    if (api.pods.unfinished === 0) sim.after(1, done)
    if (event === POD_DELETED && table.isFinished(row)) return
    if (table.duration(row) === NEVER || table.node(row) === NO_NODE) return
    busy += event === POD_BOUND ? 1 : -1
    changes += 1
    if (busy === 0) sim.after(IDLE_MAX, idle, changes)
  })
  api.observeObjects(({ kind }) => {
    const mayBeLast = kind === 'Job' || SCALED_KINDS.includes(kind)
    if (mayBeLast && api.pods.unfinished === 0) sim.after(1, done)
  })
}

/** Whether a workload wants pods, though there may be none just now: a Job that waits to try again, a rollout by Recreate. */
function asksForPods(api: ApiServer): boolean {
  for (const job of api.collection<Job>('Job').list()) {
    const isOver = finishedConditionOf(job) !== undefined || job.spec?.suspend === true
    if (!isOver && !isManagedElsewhere(job)) return true
  }
  return SCALED_KINDS.some((kind) => {
    for (const { metadata, spec } of api.collection<Scaled>(kind).list()) {
      if (metadata?.deletionTimestamp === undefined && spec?.replicas !== 0) return true
    }
    return false
  })
}

interface Scaled extends StoredObject {
  readonly spec?: { readonly replicas?: number }
}
