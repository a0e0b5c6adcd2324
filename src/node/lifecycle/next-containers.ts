import type { ContainerRecord } from './container.ts'
import { afterExit } from './restart-policy.ts'
import type { RestartPolicy } from './restart-policy.ts'

/** What is to be done about the containers of a pod. */
export interface ContainerActions {
  /** Those to start, in order. */
  readonly start: readonly ContainerRecord[]
  /** No container is to run any more: the pod is over. */
  readonly isOver: boolean
  /** One ended with an exit code that has all of them start again. */
  readonly restartsAll: boolean
}

const NOTHING: ContainerActions = { start: [], isOver: false, restartsAll: false }

/**
 * Which containers to start now: init containers one after the other, each when the one before has ended well, or, a
 * sidecar, has started; then all regular ones; those that ended again, by the policies.
 *
 * Source: kubelet v1.37, kuberuntime_manager.go `computePodActions`, kuberuntime_container.go `computeInitContainerActions`.
 */
export function nextContainers(
  containers: readonly ContainerRecord[],
  restartPolicy: RestartPolicy,
): ContainerActions {
  const after = containers.map(({ plan, state, exit }) => {
    if (state !== 'terminated' || exit === undefined) return undefined
    if (exit.isByProbe && (plan.spec.restartPolicy ?? restartPolicy) !== 'Never') return 'restart'
    return afterExit(plan.spec, { restartPolicy, isInit: plan.kind === 'init' }, exit.exitCode)
  })
  if (after.includes('restart-all')) return { start: [], isOver: false, restartsAll: true }
  const regular = containers.filter(({ plan }) => plan.kind === 'regular')
  const isInitialized = regular.some(({ isBegun }) => isBegun)
  const ended = containers.filter(({ plan, state }) => plan.kind === 'sidecar' && state === 'terminated')
  const initial = isInitialized ? 'through' : nextInitial(containers, after)
  if (initial === 'failed') return { ...NOTHING, isOver: true }
  if (initial !== 'through') {
    const next = initial.filter((container) => !ended.includes(container))
    return { ...NOTHING, start: [...ended, ...next] }
  }
  const start = regular.filter(({ plan, state }) => state === 'waiting' || after[plan.index] === 'restart')
  const isKept = regular.some(({ state }) => state === 'running' || state === 'starting')
  if (start.length === 0 && !isKept) return { ...NOTHING, isOver: true }
  return { ...NOTHING, start: [...ended, ...start] }
}

/**
 * The init container that comes next, none while one is under way; `through` when all have done what regular containers
 * wait for.
 */
function nextInitial(
  containers: readonly ContainerRecord[],
  after: readonly (string | undefined)[],
): readonly ContainerRecord[] | 'through' | 'failed' {
  const initial = containers.filter(({ plan }) => plan.kind !== 'regular')
  // What comes before the last one that was begun has been done: a sidecar among them that ended holds nobody up.
  const last = initial.findLast(({ isBegun }) => isBegun) ?? initial[0]
  if (last === undefined) return 'through'
  const { plan, state, exit } = last
  const next = initial[plan.index + 1]
  const following = next === undefined ? 'through' : [next]
  if (state === 'waiting') return [last]
  if (state === 'starting') return []
  if (plan.kind === 'sidecar') {
    if (state === 'terminated') return [last]
    return last.isStarted && last.isHookDone ? following : []
  }
  if (state === 'running') return []
  if (exit?.exitCode === 0) return following
  return after[plan.index] === 'restart' ? [last] : 'failed'
}
