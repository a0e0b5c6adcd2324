import { PHASE_FAILED, PHASE_PENDING, PHASE_RUNNING, PHASE_SUCCEEDED } from '../../cluster/pod-table.ts'
import type { ContainerRecord } from './container.ts'
import { afterExit } from './restart-policy.ts'
import type { RestartPolicy } from './restart-policy.ts'

/** How many containers are how. */
interface Counts {
  running: number
  waiting: number
  stopped: number
  succeeded: number
  /** Those of the stopped that will not run again. */
  over: number
}

/**
 * The phase of a pod by its containers; `isTerminal`: none of them will start again, whatever the policies say.
 *
 * Source: kubelet v1.37, kubelet_pods.go `getPhase`.
 */
export function podPhase(
  containers: readonly ContainerRecord[],
  pod: { readonly restartPolicy: RestartPolicy; readonly isTerminal: boolean },
): number {
  const regular = containers.filter(({ plan }) => plan.kind === 'regular')
  const isInitialized = regular.some(({ runs }) => runs > 0)
  const { isPending, hasFailed } = initPhase(containers, pod.restartPolicy, isInitialized)
  if (hasFailed) return PHASE_FAILED
  const counts: Counts = { running: 0, waiting: 0, stopped: 0, succeeded: 0, over: 0 }
  for (const container of containers)
    if (container.plan.kind !== 'init') count(container, counts, pod.restartPolicy)
  if (isPending || counts.waiting > 0) return PHASE_PENDING
  if (counts.running > 0) return PHASE_RUNNING
  if (counts.stopped === 0) return PHASE_PENDING
  if (!pod.isTerminal && counts.over < counts.stopped) return PHASE_RUNNING
  return counts.succeeded === counts.stopped ? PHASE_SUCCEEDED : PHASE_FAILED
}

/** A sidecar that ended counts neither way. */
function count(container: ContainerRecord, counts: Counts, restartPolicy: RestartPolicy): void {
  const isSidecar = container.plan.kind === 'sidecar'
  const isRunning = container.state === 'running'
  if (isRunning) counts.running += 1
  else if (container.exit === undefined) counts.waiting += 1
  else if (!isSidecar) {
    counts.stopped += 1
    const { exitCode } = container.exit
    if (exitCode === 0) counts.succeeded += 1
    if (afterExit(container.plan.spec, { restartPolicy, isInit: false }, exitCode) === 'stay')
      counts.over += 1
  }
}

/** Whether init containers keep the pod Pending, or have made it fail. */
function initPhase(
  containers: readonly ContainerRecord[],
  restartPolicy: RestartPolicy,
  isInitialized: boolean,
): { readonly isPending: boolean; readonly hasFailed: boolean } {
  let isPending = false
  let hasFailed = false
  for (const { plan, state, exit, isStarted } of containers) {
    if (plan.kind === 'regular') continue
    if (plan.kind === 'sidecar') {
      const isUnready = state === 'running' ? !isStarted : exit === undefined
      if (isUnready && !isInitialized) isPending = true
    } else if (state === 'running' || exit === undefined) isPending = true
    else if (exit.exitCode !== 0) {
      const after = afterExit(plan.spec, { restartPolicy, isInit: true }, exit.exitCode)
      if (after === 'stay') hasFailed = true
      else isPending = true
    }
  }
  return { isPending, hasFailed }
}
