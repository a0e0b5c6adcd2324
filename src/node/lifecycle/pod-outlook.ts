import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { endOfWork, isHopeless } from './container-run.ts'
import type { ContainerRecord } from './container.ts'
import type { PodPlan } from './pod-plan.ts'

function regularOf(containers: readonly ContainerRecord[]): readonly ContainerRecord[] {
  return containers.filter(({ plan }) => plan.kind === 'regular')
}

/** Whether a pod ends on its own some day: it does not start again, and its containers end, and not always in failure. */
export function willEnd(containers: readonly ContainerRecord[], { restartPolicy }: PodPlan): boolean {
  if (restartPolicy === 'Always') return false
  const regular = regularOf(containers)
  if (restartPolicy === 'OnFailure' && regular.some(isHopeless)) return false
  return regular.every(({ state, plan, workLeft }) =>
    state === 'running'
      ? workLeft !== NEVER
      : state === 'terminated' || plan.behaviour.duration !== undefined,
  )
}

/** What containers use together: bytes of memory and of the node's disk, and whether any of them runs. */
export function useOf(containers: readonly ContainerRecord[]): {
  readonly memory: number
  readonly disk: number
  readonly isRunning: boolean
} {
  const use = { memory: 0, disk: 0, isRunning: false }
  for (const { memory, disk, state } of containers) {
    use.memory += memory
    use.disk += disk
    use.isRunning ||= state === 'running'
  }
  return use
}

/** When the containers of a pod that run now will have ended, if nobody looks after them any more; NEVER. */
export function endOfRuns(
  containers: readonly ContainerRecord[],
  { restartPolicy }: PodPlan,
  now: Micros,
): Micros {
  if (restartPolicy === 'Always') return NEVER
  const running = regularOf(containers).filter(({ state }) => state === 'running')
  return running.reduce((latest, container) => Math.max(latest, endOfWork(container)), now)
}
