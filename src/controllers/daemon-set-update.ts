import type { DaemonPod } from './daemon-pod.ts'
import { daemonLimits } from './daemon-set-plan.ts'
import type { DaemonLimits, DaemonPlan, DaemonView } from './daemon-set-plan.ts'

/** The pods of a node that are not going: at most one of the present revision and one of another. */
interface PodsOfNode {
  readonly name: string
  readonly fresh: DaemonPod | undefined
  readonly old: DaemonPod | undefined
  /** There are more of a sort: they are taken away first. */
  readonly hasExcess: boolean
}

/**
 * The next step of a rolling update: old pods that are deleted, and with surge nodes that get a new pod beside the old one.
 * Nodes are gone through in the order in which they got their first pod; where Kubernetes goes through a map.
 *
 * Source: Kubernetes v1.37, controller/daemon `rollingUpdate`.
 */
export function planDaemonUpdate(view: DaemonView): DaemonPlan {
  const wanted = new Map<string, boolean>()
  for (const node of view.nodes) wanted.set(node.metadata?.name ?? '', view.judge(node).shouldRun)
  const desired = [...wanted].flatMap(([name, isWanted]) => (isWanted ? [name] : []))
  const limits = daemonLimits(view.set, desired.length)
  const names = [...view.podsByNode.keys(), ...desired.filter((name) => !view.podsByNode.has(name))]
  const nodes = names.map((name) => podsOf(view, name))
  if (limits.maxSurge === 0) return replace(view, nodes, limits)
  return surge(view, nodes, { limits, desired: desired.length, wanted })
}

function podsOf(view: DaemonView, name: string): PodsOfNode {
  const staying = (view.podsByNode.get(name) ?? []).filter((pod) => !pod.isTerminating)
  const fresh = staying.filter((pod) => pod.hash === view.hash)
  const old = staying.filter((pod) => pod.hash !== view.hash)
  return { name, fresh: fresh[0], old: old[0], hasExcess: fresh.length > 1 || old.length > 1 }
}

/** Old pods that are unavailable go; available ones as far as `maxUnavailable` allows. */
function replace(
  view: DaemonView,
  nodes: readonly PodsOfNode[],
  { maxUnavailable }: DaemonLimits,
): DaemonPlan {
  const broken: DaemonPod[] = []
  const good: DaemonPod[] = []
  let unavailable = 0
  for (const { fresh, old, hasExcess } of nodes) {
    const isUnclear = hasExcess || (fresh === undefined) === (old === undefined)
    const only = fresh ?? old
    if (isUnclear || only === undefined) unavailable += 1
    else if (only === old) {
      if (view.isAvailable(only)) good.push(only)
      else {
        broken.push(only)
        unavailable += 1
      }
    } else if (!view.isAvailable(only)) unavailable += 1
  }
  const budget = Math.max(0, maxUnavailable - unavailable)
  return { create: [], delete: [], replace: [...broken, ...good.slice(0, budget)], after: undefined }
}

/**
 * Nodes whose old pod is unavailable get a new one at once; others as far as `maxSurge` allows. An old pod goes when the new
 * one is available; on a node where none belongs any more, when enough pods are available elsewhere.
 */
function surge(
  view: DaemonView,
  nodes: readonly PodsOfNode[],
  {
    limits,
    desired,
    wanted,
  }: {
    readonly limits: DaemonLimits
    readonly desired: number
    readonly wanted: ReadonlyMap<string, boolean>
  },
): DaemonPlan {
  const replaced: DaemonPod[] = []
  const misplaced: DaemonPod[] = []
  const atOnce: string[] = []
  const candidates: string[] = []
  let surging = 0
  let available = 0
  for (const { name, fresh, old, hasExcess } of nodes) {
    if (hasExcess) {
      surging += 1
      continue
    }
    const counted = old ?? fresh
    if (counted !== undefined && view.isAvailable(counted)) available += 1
    if (old === undefined) continue
    if (fresh !== undefined) {
      if (view.isAvailable(fresh)) replaced.push(old)
      else surging += 1
    } else if (wanted.get(name) === true) (view.isAvailable(old) ? candidates : atOnce).push(name)
    else (view.isAvailable(old) ? misplaced : replaced).push(old)
  }
  const spare = Math.max(0, available - desired)
  const room = Math.max(0, limits.maxSurge - surging)
  return {
    create: [...atOnce, ...candidates.slice(0, room)],
    delete: misplaced.slice(0, spare),
    replace: replaced,
    after: undefined,
  }
}
