import { formatDuration } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { replayRun } from '../run.ts'
import type { ReplayedRun } from '../run.ts'
import { explainAsItStands } from './explain-pod.ts'
import type { Explanation } from './explanation.ts'
import { refuseUnknownPod } from './find-pod.ts'
import { explainBound, followPod, nominationOf, withTrail } from './follow-pod.ts'
import type { PodTrail } from './follow-pod.ts'

/**
 * Replays a scenario to its `until`, or until the pod is bound, and explains a pod: by the decision that bound it, or, while it is pending, as the cluster stands then. Throws `InputError` when there is no such pod.
 */
export async function explainInRun(
  scenario: Scenario,
  pod: string,
  signal: AbortSignal,
): Promise<Explanation> {
  const play = async (before: number | undefined): Promise<Played> => {
    const stop = { whenBound: scenario.until === undefined, before }
    const trails: PodTrail[] = []
    const follow = (run: ReplayedRun): void => {
      trails.push(followPod(run, pod, stop))
    }
    const run = await replayRun(scenario, follow, signal)
    return { run, trail: trails[0] ?? { pod, decisions: [], bound: undefined, before: undefined } }
  }
  const { run, trail } = await play(undefined)
  const explanation = explained(scenario, { run, trail })
  const nomination = nominationOf(trail)
  if (trail.bound === undefined || nomination < 0 || scenario.until !== undefined) return explanation
  const { before } = (await play(nomination)).trail
  return before === undefined ? explanation : withTrail(before, trail)
}

interface Played {
  readonly run: ReplayedRun
  readonly trail: PodTrail
}

function explained(scenario: Scenario, { run, trail }: Played): Explanation {
  const { sim, api, scheduler } = run
  const { pod, decisions, bound } = trail
  const row = rowOf(api, pod)
  if (bound !== undefined) {
    return explainBound(run, trail, bound, scenario.until === undefined ? [] : [presentOf(run, row)])
  }
  if (row === undefined) {
    const when = scenario.until === undefined ? ' in the run' : ` at ${formatDuration(sim.now)}`
    refuseUnknownPod(pod, namesOf(api), when)
  }
  const node = api.pods.table.node(row)
  const notes = node === NO_NODE ? [] : ['it was on its node from the start']
  return explainAsItStands({ pod, now: sim.now, decisions, notes }, scheduler, row)
}

/** What has become of a bound pod. */
function presentOf({ sim, api }: ReplayedRun, row: PodRow | undefined): string {
  const now = formatDuration(sim.now)
  if (row === undefined) return `at ${now} it has left the cluster`
  if (api.pods.isFinished(row)) return `at ${now} it has finished`
  const place = api.pods.table.deletingAt(row) === NO_TIME ? 'on its node' : 'being deleted'
  return [`at ${now} it is ${place}`, ...stateOf(api, row)].join(', ')
}

/** Whether a pod with containers is ready, and what each of them does that is not: `c: CrashLoopBackOff, 3 restarts`. */
function stateOf(api: ApiServer, row: PodRow): readonly string[] {
  const { containerStatuses = [], initContainerStatuses = [] } = api.pods.detailsOf(row)
  if (containerStatuses.length === 0) return []
  const unready = [...initContainerStatuses, ...containerStatuses].flatMap((status) => {
    const { name, state, restartCount } = status
    const reason =
      state?.waiting?.reason ?? (state?.running === undefined ? state?.terminated?.reason : undefined)
    const restarts = restartCount === 0 ? '' : `, ${restartCount} restart${restartCount === 1 ? '' : 's'}`
    if (reason === undefined && restarts === '') return []
    return reason === 'Completed' && restarts === '' ? [] : [`${name}: ${reason ?? 'Running'}${restarts}`]
  })
  const readiness = api.pods.table.isReady(row) ? 'ready' : 'not ready'
  return unready.length === 0 ? [readiness] : [`${readiness} (${unready.join('; ')})`]
}

function rowOf(api: ApiServer, pod: string): PodRow | undefined {
  for (const row of api.pods.table.stored()) if (api.pods.keyOf(row) === pod) return row
  return undefined
}

function* namesOf(api: ApiServer): Generator<string> {
  for (const row of api.pods.table.stored()) yield api.pods.keyOf(row)
}
