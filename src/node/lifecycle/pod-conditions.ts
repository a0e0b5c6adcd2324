import type { PodCondition } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import { PHASE_FAILED, PHASE_SUCCEEDED } from '../../cluster/pod-table.ts'
import { isReady } from './container.ts'
import type { ContainerRecord } from './container.ts'

/** A condition as the kubelet generates it, before it is known since when it holds. */
interface Generated {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

/** Types of the conditions that the kubelet keeps. Source: kubelet v1.37, types/pod_status.go. */
export const KUBELET_CONDITIONS: readonly string[] = [
  'PodResizePending',
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]

/** What the conditions of a pod follow from. */
export interface ConditionSetting {
  readonly containers: readonly ContainerRecord[]
  readonly phase: number
  readonly hasSandbox: boolean
  /** Why a resize of the pod waits. */
  readonly pendingResize: { readonly reason: string; readonly message: string } | undefined
  readonly readinessGates: readonly string[]
  /** Conditions as they were written: gates, and since when what holds. */
  readonly before: readonly PodCondition[]
  readonly boundAt: Micros
  readonly now: Micros
  readonly format: (at: Micros) => string
}

/**
 * The conditions of a pod: those of others as they are, then the kubelet's own, each with the time of its last change.
 *
 * Source: kubelet v1.37, status/generate.go; kubelet_pods.go `generateAPIPodStatus`.
 */
export function podConditions(setting: ConditionSetting): readonly PodCondition[] {
  const { before, format, now, boundAt } = setting
  const ready = containersReady(setting)
  const { pendingResize } = setting
  const generated: Generated[] = [
    ...(pendingResize === undefined
      ? []
      : [{ type: 'PodResizePending', status: 'True' as const, ...pendingResize }]),
    sandboxCondition(setting.hasSandbox),
    initialized(setting),
    podReady(setting, ready),
    ready,
    { type: 'PodScheduled', status: 'True' },
  ]
  const own = generated.map((condition): PodCondition => {
    const old = before.find(({ type }) => type === condition.type)
    const known = old?.status === condition.status ? old.lastTransitionTime : undefined
    const lastTransitionTime = known ?? format(condition.type === 'PodScheduled' ? boundAt : now)
    return { ...condition, lastTransitionTime }
  })
  return [...before.filter(({ type }) => !KUBELET_CONDITIONS.includes(type)), ...own]
}

function sandboxCondition(hasSandbox: boolean): Generated {
  const type = 'PodReadyToStartContainers'
  return hasSandbox ? { type, status: 'True' } : { type, status: 'False', reason: 'PodSandboxNotReady' }
}

function initialized({ containers, phase, before }: ConditionSetting): Generated {
  const type = 'Initialized'
  if (phase === PHASE_SUCCEEDED) return { type, status: 'True', reason: 'PodCompleted' }
  if (containers.some(({ plan, runs }) => plan.kind === 'regular' && runs > 0))
    return { type, status: 'True' }
  const names = containers
    .filter((one) => one.plan.kind !== 'regular')
    .filter((one) =>
      one.plan.kind === 'sidecar' ? !(one.state === 'running' && one.isStarted) : !isReady(one),
    )
    .map(({ plan }) => plan.spec.name)
  if (names.length === 0) return { type, status: 'True' }
  // A pod that all containers restart in stays initialized.
  if (before.some((old) => old.type === type && old.status === 'True')) return { type, status: 'True' }
  const message = `containers with incomplete status: [${names.join(' ')}]`
  return { type, status: 'False', reason: 'ContainersNotInitialized', message }
}

function containersReady({ containers, phase }: ConditionSetting): Generated {
  const type = 'ContainersReady'
  if (phase === PHASE_SUCCEEDED) return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === PHASE_FAILED) return { type, status: 'False', reason: 'PodFailed' }
  const names = containers
    .filter((one) => one.plan.kind !== 'init' && !isReady(one))
    .map(({ plan }) => plan.spec.name)
  if (names.length === 0) return { type, status: 'True' }
  const message = `containers with unready status: [${names.join(' ')}]`
  return { type, status: 'False', reason: 'ContainersNotReady', message }
}

function podReady({ readinessGates, before }: ConditionSetting, containers: Generated): Generated {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' }
  const messages = readinessGates.flatMap((gate) => {
    const condition = before.find(({ type }) => type === gate)
    if (condition === undefined)
      return [`corresponding condition of pod readiness gate "${gate}" does not exist.`]
    if (condition.status === 'True') return []
    return [`the status of pod readiness gate "${gate}" is not "True", but ${condition.status}`]
  })
  if (messages.length === 0) return { type: 'Ready', status: 'True' }
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}
