import { NEVER, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ContainerKind } from './pod-plan.ts'

/** Least time between SIGTERM and SIGKILL (kubelet v1.37, kuberuntime `minimumGracePeriodInSeconds`). */
export const GRACE_MIN: Micros = 2 * SECOND
/** Exit code of a process that ends by SIGTERM, and of one that is killed: 128 and the signal's number. */
export const EXIT_SIGTERM = 143
export const EXIT_SIGKILL = 137

/** A running container that is to end. */
export interface EndingContainer {
  readonly kind: ContainerKind
  /** Time that its hook before the stop takes; 0 without one. */
  readonly preStop: Micros
  /** Time from SIGTERM until it ends. */
  readonly stop: Micros
  /** Exit code when it ends on SIGTERM. */
  readonly exitCode: number
  /** When it ends on its own; NEVER. */
  readonly endsAt: Micros
}

/** How a container ends that was told to. */
export interface PlannedEnd {
  /** When it gets SIGTERM. */
  readonly termAt: Micros
  readonly at: Micros
  readonly exitCode: number
}

/**
 * How the containers of a pod end, told to at `now` with a grace period: all at once, but sidecars get SIGTERM in reverse
 * order, each when all regular containers and the sidecars after it have ended. The hook before the stop and the wait are
 * taken from the grace period in whole seconds, and at least 2 s are left between SIGTERM and SIGKILL.
 *
 * Source: kubelet v1.37, kuberuntime_container.go `killContainer`, kuberuntime_termination_order.go.
 */
export function planTermination(
  containers: readonly EndingContainer[],
  now: Micros,
  grace: Micros,
): readonly PlannedEnd[] {
  const ends: PlannedEnd[] = []
  let othersEndAt = now
  const order = [
    ...[...containers.keys()].filter((index) => containers[index]?.kind !== 'sidecar'),
    ...[...containers.keys()].filter((index) => containers[index]?.kind === 'sidecar').toReversed(),
  ]
  for (const index of order) {
    const container = containers[index] as EndingContainer
    const turn = container.kind === 'sidecar' ? othersEndAt : now
    const end = endOf(container, { now, grace, turn })
    ends[index] = end
    othersEndAt = Math.max(othersEndAt, Math.min(end.at, container.endsAt))
  }
  return ends
}

function endOf(
  { preStop, stop, exitCode }: EndingContainer,
  { now, grace, turn }: { readonly now: Micros; readonly grace: Micros; readonly turn: Micros },
): PlannedEnd {
  const hook = Math.min(preStop, grace)
  let left = grace - wholeSeconds(hook)
  const hookEndAt = now + hook
  const wait = left > 0 ? Math.min(Math.max(0, turn - hookEndAt), left) : 0
  left -= wholeSeconds(wait)
  const termAt = hookEndAt + wait
  const patience = Math.max(left, GRACE_MIN)
  if (stop <= patience) return { termAt, at: termAt + stop, exitCode }
  return { termAt, at: termAt + patience, exitCode: EXIT_SIGKILL }
}

function wholeSeconds(span: Micros): Micros {
  return span === NEVER ? span : Math.floor(span / SECOND) * SECOND
}
