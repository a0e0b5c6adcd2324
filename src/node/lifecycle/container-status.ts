import type { ContainerState, ContainerStatus } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import { isReady } from './container.ts'
import type { ContainerExit, ContainerRecord } from './container.ts'

/** What statuses need to know besides the container. */
export interface StatusSetting {
  /** An instant as RFC 3339 text. */
  readonly format: (at: Micros) => string
  /** Makes the id of a run of a container. */
  readonly idOf: (container: ContainerRecord, run: number) => string
  /** Whether the pod has init containers: then all of them wait for PodInitializing first. */
  readonly hasInitContainers: boolean
  /** Whether the pod is over; `initialized`: its init containers had done what the others wait for. */
  readonly end: 'initialized' | 'uninitialized' | undefined
}

/**
 * State of a container of a pod that is over of which nobody knows how it ended: it never ran.
 *
 * Source: kubelet v1.37, status/status_manager.go `TerminatePod`.
 */
const NEVER_FOUND: ContainerState = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
  },
}

/** `status.containerStatuses[]` of a container. Source: kubelet v1.37, kubelet_pods.go `convertToAPIContainerStatuses`. */
export function containerStatus(container: ContainerRecord, setting: StatusSetting): ContainerStatus {
  const { plan, state, exit } = container
  const { spec } = plan
  const hasRun = container.runs > 0
  const showsExit =
    state !== 'running' && (container.waitingReason === undefined || setting.end !== undefined)
  const last = showsExit ? container.previousExit : exit
  const { resources } = spec
  return {
    name: spec.name,
    image: spec.image ?? '',
    imageID: hasRun ? `stowage://${spec.image ?? ''}` : '',
    ready: isReady(container),
    started: plan.kind === 'init' ? state === 'running' : state === 'running' && container.isStarted,
    restartCount: Math.max(0, container.runs - 1),
    state: stateOf(container, setting),
    ...(hasRun ? { containerID: setting.idOf(container, container.runs - 1) } : {}),
    ...(last === undefined ? {} : { lastState: { terminated: terminated(container, last, setting) } }),
    ...(resources?.requests === undefined ? {} : { allocatedResources: resources.requests }),
    ...(resources === undefined ? {} : { resources }),
  }
}

function stateOf(container: ContainerRecord, setting: StatusSetting): ContainerState {
  const { state, exit, waitingReason } = container
  if (state === 'running') return { running: { startedAt: setting.format(container.startedAt) } }
  if (setting.end === 'initialized' && exit === undefined) return NEVER_FOUND
  if (exit !== undefined && (waitingReason === undefined || setting.end !== undefined)) {
    return { terminated: terminated(container, exit, setting) }
  }
  const { waitingMessage } = container
  return {
    waiting: {
      reason: waitingReason ?? (setting.hasInitContainers ? 'PodInitializing' : 'ContainerCreating'),
      ...(waitingMessage === undefined ? {} : { message: waitingMessage }),
    },
  }
}

function terminated(
  container: ContainerRecord,
  { exitCode, reason, startedAt, finishedAt, run }: ContainerExit,
  { format, idOf }: StatusSetting,
): NonNullable<ContainerState['terminated']> {
  return {
    exitCode,
    reason,
    startedAt: format(startedAt),
    finishedAt: format(finishedAt),
    containerID: idOf(container, run),
  }
}
