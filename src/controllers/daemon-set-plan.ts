import { scaledValue } from '../api/int-or-percent.ts'
import type { DaemonSet, Node } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import { PHASE_FAILED, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { byAge } from './daemon-pod.ts'
import type { DaemonPod } from './daemon-pod.ts'
import type { DaemonVerdict } from './daemon-rules.ts'

/** What a reconciliation of a DaemonSet looks at. */
export interface DaemonView {
  readonly set: DaemonSet
  /** Hash of the set's present revision. */
  readonly hash: string
  readonly nodes: Iterable<Node>
  readonly judge: (node: Node) => DaemonVerdict
  readonly podsByNode: ReadonlyMap<string, readonly DaemonPod[]>
  readonly isAvailable: (pod: DaemonPod) => boolean
  /** Takes note that a failed pod of a node is deleted now; or how long it has to wait. */
  readonly failedAgain: (node: string) => Micros | undefined
}

/** What a reconciliation does. */
export interface DaemonPlan {
  /** Names of nodes that get a pod. */
  readonly create: string[]
  /** Pods that have ended, are in excess, or do not belong where they are. */
  readonly delete: DaemonPod[]
  /** Pods that make way for those of the present revision. */
  readonly replace: DaemonPod[]
  /** When to look again at failed pods that have to wait. */
  after: Micros | undefined
}

/** Numbers of a rolling update. */
export interface DaemonLimits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/**
 * Limits of a rolling update of pods on `desired` nodes: percentages are rounded up; if both come to 0, one may be unavailable.
 *
 * Source: Kubernetes v1.37, controller/daemon `updatedDesiredNodeCounts`.
 */
export function daemonLimits(set: DaemonSet, desired: number): DaemonLimits {
  const { maxSurge, maxUnavailable } = daemonCounts(set, desired)
  const isStuck = desired > 0 && maxUnavailable === 0 && maxSurge === 0
  return { maxSurge, maxUnavailable: isStuck ? 1 : maxUnavailable }
}

/**
 * What the set's update strategy says of `desired` nodes; 0 without a rolling update.
 *
 * Source: Kubernetes v1.37, controller/daemon/util `SurgeCount`, `UnavailableCount`.
 */
export function daemonCounts(set: DaemonSet, desired: number): DaemonLimits {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec?.updateStrategy ?? {}
  if (type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 }
  return {
    maxSurge: scaledValue(rollingUpdate?.maxSurge ?? 0, desired, 'up') ?? 0,
    maxUnavailable: scaledValue(rollingUpdate?.maxUnavailable ?? 1, desired, 'up') ?? 0,
  }
}

/**
 * Brings one pod to each node where one belongs, and takes away those that ended, those in excess and those where none belongs.
 *
 * Source: Kubernetes v1.37, controller/daemon `manage`, `podsShouldBeOnNode`.
 */
export function planDaemonPods(view: DaemonView): DaemonPlan {
  const plan: DaemonPlan = { create: [], delete: [], replace: [], after: undefined }
  const allowsSurge = daemonCounts(view.set, 1).maxSurge > 0
  const names = new Set<string>()
  for (const node of view.nodes) {
    const name = node.metadata?.name ?? ''
    names.add(name)
    const { shouldRun, shouldContinueRunning } = view.judge(node)
    const pods = view.podsByNode.get(name)
    if (pods === undefined) {
      if (shouldRun) plan.create.push(name)
    } else if (shouldContinueRunning) {
      const running = withoutEnded(view, name, { pods, plan })
      if (!allowsSurge) plan.delete.push(...running.slice(1))
      else if (running.length === 0 && shouldRun) plan.create.push(name)
      else if (running.length > 1) pruneWithSurge(view, running, plan)
    } else plan.delete.push(...pods.filter((pod) => !pod.isTerminating))
  }
  for (const [name, pods] of view.podsByNode) {
    if (!names.has(name)) plan.delete.push(...pods.filter((pod) => !pod.isBound))
  }
  return plan
}

/** The pods of a node that have not ended and are not going, the oldest first; those that ended are deleted. */
function withoutEnded(
  view: DaemonView,
  node: string,
  { pods, plan }: { readonly pods: readonly DaemonPod[]; readonly plan: DaemonPlan },
): readonly DaemonPod[] {
  const running: DaemonPod[] = []
  for (const pod of pods) {
    if (pod.isTerminating) continue
    if (pod.phase === PHASE_FAILED) {
      const delay = view.failedAgain(node)
      if (delay === undefined) plan.delete.push(pod)
      else plan.after = Math.min(plan.after ?? delay, delay)
    } else if (pod.phase === PHASE_SUCCEEDED) plan.delete.push(pod)
    else running.push(pod)
  }
  return running.sort(byAge)
}

/** With surge a new pod may be beside an old one that is ready, until the new one is available. */
function pruneWithSurge(view: DaemonView, running: readonly DaemonPod[], plan: DaemonPlan): void {
  const fresh = running.find((pod) => pod.hash === view.hash)
  const old = running.find((pod) => pod.hash !== view.hash)
  plan.delete.push(...running.filter((pod) => pod !== fresh && pod !== old))
  if (fresh === undefined || old === undefined) return
  if (old.readySince === undefined || view.isAvailable(fresh)) plan.replace.push(old)
}
