import { nodeAmounts } from '../../api/node-amounts.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { podRequests } from '../../api/resources.ts'
import { compileLabelMap, compileNodeSelector } from '../../api/selectors.ts'
import type { NodePredicate } from '../../api/selectors.ts'
import { firstUntolerated } from '../../api/tolerations.ts'
import type { Node } from '../../api/types.generated.ts'
import type { StaticPod } from './static-workload.ts'

/** Equal machines, as far as packing them goes. */
export interface MachineClass {
  /** What each gives pods, in the order of the resources. */
  readonly amounts: readonly number[]
  /** Places of its nodes in the list of nodes. */
  readonly nodes: readonly number[]
}

/** Equal pods, as far as packing them goes. */
export interface PodGroup {
  /** What each asks for, in the order of the resources. */
  readonly amounts: readonly number[]
  readonly count: number
  /** Classes of machines that take one when they are empty. */
  readonly classes: readonly number[]
  /** Place of one of them in the list of pods. */
  readonly example: number
}

/** A problem of vector bin packing with classes of machines: what bounds are computed of. */
export interface PackingProblem {
  readonly resources: readonly string[]
  readonly machines: readonly MachineClass[]
  readonly groups: readonly PodGroup[]
  /** Group of each pod. */
  readonly groupOf: readonly number[]
}

/** Effects that keep a pod off a node. */
const EFFECTS = ['NoSchedule', 'NoExecute']

/** Pods and their templates. */
export interface AskingPods {
  readonly templates: readonly PodTemplate[]
  readonly pods: readonly StaticPod[]
}

/**
 * What of pods and nodes an exact bound may count on: resources, nodeSelector and required node affinity, and taints. What pods want of
 * each other (spreading, affinity, ports) is left out: without it no more machines are needed, so a bound stays one.
 */
export function packingProblem({ templates, pods }: AskingPods, nodes: readonly Node[]): PackingProblem {
  const asks = templates.map((template) => askOf(template))
  const resources = ['cpu', 'memory', 'pods', ...new Set(asks.flatMap(({ scalars }) => [...scalars.keys()]))]
  const machines = machineClasses(nodes, resources, templates)
  const groups: (PodGroup & { count: number })[] = []
  const byKey = new Map<string, number>()
  const groupOf = pods.map((pod, example) => {
    const ask = asks[pod.template]
    const amounts = amountsOf(pod, templates[pod.template], ask, resources)
    const key = `${ask?.place ?? ''}|${amounts.join(',')}`
    let group = byKey.get(key)
    if (group === undefined) {
      const classes = machines.flatMap((machine, index) =>
        ask !== undefined && takes(machine, nodes, ask, amounts) ? [index] : [],
      )
      group = groups.push({ amounts, count: 0, classes, example }) - 1
      byKey.set(key, group)
    }
    const found = groups[group]
    if (found !== undefined) found.count += 1
    return group
  })
  return { resources, machines, groups, groupOf }
}

/** What a template asks of nodes. */
interface TemplateAsk {
  /** Equal for templates that ask for the same. */
  readonly place: string
  readonly cpu: number
  readonly memory: number
  readonly scalars: ReadonlyMap<string, number>
  readonly accepts: NodePredicate
  readonly template: PodTemplate
}

function askOf(template: PodTemplate): TemplateAsk {
  const { spec } = template
  const { cpu, memory, ephemeralStorage, scalars } = podRequests({ spec })
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const selects = spec.nodeSelector === undefined ? undefined : compileLabelMap(spec.nodeSelector)
  const requires = required === undefined ? undefined : compileNodeSelector(required)
  const asked = new Map(scalars)
  if (ephemeralStorage > 0) asked.set('ephemeral-storage', ephemeralStorage)
  return {
    place: JSON.stringify([spec.nodeSelector, required, spec.tolerations]),
    cpu,
    memory,
    scalars: asked,
    accepts: (labels, name) => (selects?.(labels) ?? true) && (requires?.(labels, name) ?? true),
    template,
  }
}

function amountsOf(
  pod: StaticPod,
  template: PodTemplate | undefined,
  ask: TemplateAsk | undefined,
  resources: readonly string[],
): readonly number[] {
  const ofTemplate = template?.sizing === 'template'
  const isNothing = template?.sizing === 'best-effort'
  return resources.map((resource) => {
    if (resource === 'pods') return 1
    if (resource === 'cpu') return isNothing ? 0 : ofTemplate ? (ask?.cpu ?? 0) : pod.cpu
    if (resource === 'memory') return isNothing ? 0 : ofTemplate ? (ask?.memory ?? 0) : pod.memory
    return ask?.scalars.get(resource) ?? 0
  })
}

/** Nodes that differ in nothing that these templates look at. */
function machineClasses(
  nodes: readonly Node[],
  resources: readonly string[],
  templates: readonly PodTemplate[],
): readonly MachineClass[] {
  const texts = templates.map(({ spec }) => JSON.stringify([spec.nodeSelector, spec.affinity?.nodeAffinity]))
  const wanted = new Set(texts.filter((text) => text !== '[null,null]'))
  const all = [...wanted].join(' ')
  const looksAtNames = all.includes('matchFields')
  const classes = new Map<string, { amounts: readonly number[]; nodes: number[] }>()
  nodes.forEach((node, index) => {
    const allocatable = nodeAmounts(node.status?.allocatable)
    const amounts = resources.map((resource) => allocatable.get(resource) ?? 0)
    const labels = Object.entries(node.metadata?.labels ?? {}).filter(([key]) =>
      all.includes(JSON.stringify(key)),
    )
    const name = looksAtNames ? node.metadata?.name : undefined
    const taints = node.spec?.taints ?? []
    const key = JSON.stringify([amounts, labels, taints, name])
    const found = classes.get(key)
    if (found === undefined) classes.set(key, { amounts, nodes: [index] })
    else found.nodes.push(index)
  })
  return [...classes.values()]
}

function takes(
  machine: MachineClass,
  nodes: readonly Node[],
  ask: TemplateAsk,
  amounts: readonly number[],
): boolean {
  if (amounts.some((amount, resource) => amount > (machine.amounts[resource] ?? 0))) return false
  const node = nodes[machine.nodes[0] ?? 0]
  const taints = node?.spec?.taints ?? []
  if (firstUntolerated(taints, ask.template.spec.tolerations ?? [], EFFECTS) !== undefined) return false
  return ask.accepts(node?.metadata?.labels ?? {}, node?.metadata?.name ?? '')
}
