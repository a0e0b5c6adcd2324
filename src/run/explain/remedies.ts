import { allocatableOf, requestOf, requestedOf } from '../../../plugins/resource-columns.ts'
import { bytesText, milliText } from '../../api/quantity.ts'
import { hostPortsOf } from '../../api/host-ports.ts'
import { compileLabelMap, compileNodeSelectorTerm } from '../../api/selectors.ts'
import { toleratesTaint } from '../../api/tolerations.ts'
import type { NodeSelectorRequirement, Taint } from '../../api/types.generated.ts'
import type { NodeColumns, NodeIndex } from '../../scheduler/framework/node-columns.ts'
import type { PodShape } from '../../scheduler/framework/pod-shape.ts'
import type { PluginRejection } from '../../scheduler/pod-class.ts'
import type { MissingAmount, Obstacle } from './explanation.ts'

const INSUFFICIENT = 'Insufficient '
const TOO_MANY_PODS = 'Too many pods'
const EPHEMERAL_STORAGE = 'ephemeral-storage'

/** Taint that stands for a cordoned node, beside `spec.unschedulable`. */
const CORDON_TAINT = 'node.kubernetes.io/unschedulable'
const UNCORDON = `uncordon the node, or tolerate ${CORDON_TAINT}:NoSchedule`

type Remedy = (pod: PodShape, node: NodeIndex, nodes: NodeColumns, reasons: readonly string[]) => string

/** By plugin: what would make it let the pod onto the node. Plugins that are not here speak by their reasons. */
const REMEDIES: ReadonlyMap<string, Remedy> = new Map<string, Remedy>([
  ['NodeUnschedulable', () => UNCORDON],
  ['NodeName', (pod) => `drop spec.nodeName (${pod.spec.nodeName ?? ''})`],
  ['TaintToleration', taintRemedy],
  ['NodeAffinity', affinityRemedy],
  ['NodePorts', portRemedy],
  ['PodTopologySpread', spreadRemedy],
  ['InterPodAffinity', podAffinityRemedy],
])

/** A filter's rejection with the amounts that are missing, and with what would change its mind. */
export function obstacleOf(
  found: PluginRejection,
  pod: PodShape,
  node: NodeIndex,
  nodes: NodeColumns,
): Obstacle {
  const { plugin, rejection } = found
  const { code, reasons } = rejection
  const missing = plugin === 'NodeResourcesFit' ? missingAmounts(reasons, pod, node, nodes) : []
  const remedy = REMEDIES.get(plugin)?.(pod, node, nodes, reasons) ?? ''
  return { plugin, code, reasons, missing, remedy }
}

/** How much of the resources named by NodeResourcesFit's reasons the node does not have. */
function missingAmounts(
  reasons: readonly string[],
  pod: PodShape,
  node: NodeIndex,
  nodes: NodeColumns,
): MissingAmount[] {
  return reasons.flatMap((reason): MissingAmount[] => {
    if (reason === TOO_MANY_PODS) {
      const allocatable = nodes.allocatablePods(node)
      return [missingOf('pods', { asked: 1, allocatable, free: allocatable - nodes.podCount(node) })]
    }
    if (!reason.startsWith(INSUFFICIENT)) return []
    const resource = reason.slice(INSUFFICIENT.length)
    const asked = requestOf(resource, pod, false)
    const allocatable = allocatableOf(resource, node, nodes)
    return [
      missingOf(resource, {
        asked,
        allocatable,
        free: allocatable - requestedOf(resource, node, nodes),
      }),
    ]
  })
}

function missingOf(
  resource: string,
  amounts: { readonly asked: number; readonly allocatable: number; readonly free: number },
): MissingAmount {
  const { asked, allocatable, free } = amounts
  const text = (amount: number): string => amountText(resource, amount)
  const missing = asked - free
  if (resource === 'pods') {
    return {
      resource,
      ...amounts,
      missing,
      text: `lacks room for ${missing} pods (holds ${allocatable - free} of ${allocatable})`,
    }
  }
  const state =
    asked > allocatable
      ? `asks ${text(asked)}, the whole node has ${text(allocatable)}`
      : `asks ${text(asked)}, ${text(free)} of ${text(allocatable)} free`
  return { resource, ...amounts, missing, text: `lacks ${text(missing)} ${resource} (${state})` }
}

/** An amount as a quantity: `500m` cpu, `2Gi` memory, `1` of a device. */
export function amountText(resource: string, amount: number): string {
  const write = (size: number): string => {
    if (resource === 'cpu') return milliText(size)
    const isBytes =
      resource === 'memory' || resource === EPHEMERAL_STORAGE || resource.startsWith('hugepages-')
    return isBytes ? bytesText(size) : String(size)
  }
  return amount < 0 ? `-${write(-amount)}` : write(amount)
}

function taintRemedy(pod: PodShape, node: NodeIndex, nodes: NodeColumns): string {
  const tolerations = pod.spec.tolerations ?? []
  const inTheWay = nodes
    .taints(node)
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .filter((taint) => !tolerations.some((toleration) => toleratesTaint(toleration, taint)))
  if (inTheWay.every(({ key }) => key === CORDON_TAINT)) return UNCORDON
  return `tolerate ${inTheWay.map(taintText).join(' and ')}, or take the taint off`
}

function taintText({ key, value = '', effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`
}

/** The labels that nodeSelector and the nearest required term ask for and the node does not have. */
function affinityRemedy(pod: PodShape, node: NodeIndex, nodes: NodeColumns): string {
  const labels = nodes.labels(node)
  const name = nodes.name(node)
  const wanted: string[] = []
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
    if (!compileLabelMap({ [key]: value })(labels)) wanted.push(`${key}=${value}`)
  }
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const lacking = (required?.nodeSelectorTerms ?? []).map((term) => [
    ...(term.matchExpressions ?? [])
      .filter((one) => !compileNodeSelectorTerm({ matchExpressions: [one] })(labels, name))
      .map((one) => requirementText(one, '')),
    ...(term.matchFields ?? [])
      .filter((one) => !compileNodeSelectorTerm({ matchFields: [one] })(labels, name))
      .map((one) => requirementText(one, 'field ')),
  ])
  const [nearest] = lacking.sort((one, other) => one.length - other.length)
  wanted.push(...(nearest ?? []))
  if (wanted.length === 0) return "a node that the scheduler's addedAffinity matches"
  return `the node needs ${wanted.join(' and ')}, or drop it from the pod's node selector or affinity`
}

function requirementText({ key, operator, values = [] }: NodeSelectorRequirement, prefix: string): string {
  switch (operator) {
    case 'In':
      return values.length === 1
        ? `${prefix}${key}=${values[0] ?? ''}`
        : `${prefix}${key} in (${values.join(', ')})`
    case 'NotIn':
      return `${prefix}${key} not in (${values.join(', ')})`
    case 'Exists':
      return `${prefix}${key}`
    case 'DoesNotExist':
      return `no ${prefix}${key}`
    default:
      return `${prefix}${key} ${operator === 'Gt' ? '>' : '<'} ${values.join(', ')}`
  }
}

function portRemedy(pod: PodShape, node: NodeIndex, nodes: NodeColumns): string {
  const wanted = hostPortsOf(pod.spec)
  const taken = nodes.hostPorts(node)
  const clashing = wanted.filter(({ hostPort, protocol }) =>
    taken.some((other) => other.hostPort === hostPort && other.protocol === protocol),
  )
  const ports = clashing.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`)
  return `free host port ${ports.join(', ')}, or ask for another`
}

/** The labels that the constraints count by and the node does not have, or the constraints. */
function spreadRemedy(pod: PodShape, node: NodeIndex, nodes: NodeColumns): string {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  )
  if (hard.length === 0) return "relax the scheduler's default topology spread constraints"
  const lacking = hard.filter(({ topologyKey }) => nodes.labels(node)[topologyKey] === undefined)
  if (lacking.length > 0) return `the node needs the label ${keysOf(lacking)}`
  const limits = hard.map(({ topologyKey, maxSkew }) => `${topologyKey}, maxSkew ${maxSkew}`)
  return `relax topologySpreadConstraints (${limits.join('; ')}), or free room in the emptier domains`
}

/** By what the plugin says: the pod's affinity, its anti-affinity, or that of the pods that are there. */
function podAffinityRemedy(
  pod: PodShape,
  _node: NodeIndex,
  _nodes: NodeColumns,
  reasons: readonly string[],
): string {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  const text = reasons.join(', ')
  if (text.includes('existing pods anti-affinity')) {
    return 'relax the required anti-affinity of the pods that are there, or move them'
  }
  if (text.includes('anti-affinity')) {
    const keys = keysOf(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
    return `relax the pod's required anti-affinity (${keys}), or move the pods that it matches`
  }
  const keys = keysOf(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
  return `relax the pod's required pod affinity (${keys}), or place a pod there that it matches`
}

function keysOf(terms: readonly { readonly topologyKey: string }[]): string {
  return [...new Set(terms.map(({ topologyKey }) => topologyKey))].join(', ')
}
