import { compileLabelMap, compileNodeSelector } from '../api/selectors.ts'
import { firstUntolerated } from '../api/tolerations.ts'
import type { DaemonSet, Node, PodSpec, Toleration } from '../api/types.generated.ts'

/** Where pods of a DaemonSet belong. */
export interface DaemonVerdict {
  /** Whether a pod is to be on the node. */
  readonly shouldRun: boolean
  /** Whether a pod that is on the node may stay. */
  readonly shouldContinueRunning: boolean
}

const NOWHERE: DaemonVerdict = { shouldRun: false, shouldContinueRunning: false }
const HERE: DaemonVerdict = { shouldRun: true, shouldContinueRunning: true }
const MAY_STAY: DaemonVerdict = { shouldRun: false, shouldContinueRunning: true }

/** Taints that every pod of a DaemonSet tolerates for ever, with their effects. */
const TOLERATED: readonly (readonly [key: string, effect: string])[] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
]
/** Also tolerated by pods in the node's own network. */
const TOLERATED_BY_HOST_NETWORK = ['node.kubernetes.io/network-unavailable', 'NoSchedule'] as const

/**
 * Tolerations of the pods of a DaemonSet: those of the template, and those that every such pod has; one of the template with
 * the same key, operator and effect is replaced.
 *
 * Source: Kubernetes v1.37, controller/daemon/util `AddOrUpdateDaemonPodTolerations`.
 */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const added = spec.hostNetwork === true ? [...TOLERATED, TOLERATED_BY_HOST_NETWORK] : TOLERATED
  const tolerations: Toleration[] = [...(spec.tolerations ?? [])]
  for (const [key, effect] of added) {
    const toleration: Toleration = { key, operator: 'Exists', effect }
    let isThere = false
    for (const [place, other] of tolerations.entries()) {
      const isSame =
        other.key === key &&
        other.effect === effect &&
        other.operator === 'Exists' &&
        (other.value ?? '') === ''
      if (!isSame) continue
      tolerations[place] = toleration
      isThere = true
    }
    if (!isThere) tolerations.push(toleration)
  }
  return tolerations
}

/**
 * Whether pods of a DaemonSet belong on a node: its name, labels and taints say so; room on it does not matter, nor whether it
 * is cordoned or ready. Asked once for each node as it stands.
 *
 * Source: Kubernetes v1.37, controller/daemon `nodeShouldRunDaemonPod`.
 */
export function daemonRules(set: DaemonSet): (node: Node) => DaemonVerdict {
  const spec = set.spec?.template.spec ?? { containers: [] }
  const { nodeName = '', nodeSelector = {}, affinity } = spec
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const hasLabels = compileLabelMap(nodeSelector)
  const isSelected = required === undefined ? undefined : compileNodeSelector(required)
  const tolerations = daemonTolerations(spec)
  const judge = ({ metadata, spec: { taints = [] } = {} }: Node): DaemonVerdict => {
    const { name = '', labels = {} } = metadata ?? {}
    if (nodeName !== '' && nodeName !== name) return NOWHERE
    if (!hasLabels(labels) || isSelected?.(labels, name) === false) return NOWHERE
    if (firstUntolerated(taints, tolerations, ['NoSchedule', 'NoExecute']) === undefined) return HERE
    return firstUntolerated(taints, tolerations, ['NoExecute']) === undefined ? MAY_STAY : NOWHERE
  }
  const known = new WeakMap<Node, DaemonVerdict>()
  return (node) => {
    let verdict = known.get(node)
    if (verdict === undefined) {
      verdict = judge(node)
      known.set(node, verdict)
    }
    return verdict
  }
}
