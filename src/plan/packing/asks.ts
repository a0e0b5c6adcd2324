import { GPU_COUNT_ANNOTATION, GPU_MILLI_ANNOTATION, WHOLE_GPU_MILLI } from '../../api/gpu-request.ts'
import { nodeAmounts } from '../../api/node-amounts.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { podRequests } from '../../api/resources.ts'
import { compileLabelMap, compileNodeSelector } from '../../api/selectors.ts'
import type { NodePredicate } from '../../api/selectors.ts'
import { firstUntolerated } from '../../api/tolerations.ts'
import type { Node } from '../../api/types.generated.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { CLAIMED_DEVICES, claimedDevices } from './claimed-devices.ts'
import type { ClaimedDevices } from './claimed-devices.ts'
import type { StaticPod } from './static-workload.ts'

/** Equal machines, as far as packing them goes. */
export interface MachineClass {
  /** What each gives pods, in the order of the resources. */
  readonly amounts: readonly number[]
  /** GPUs of each, of which pods are given shares one by one; none by default. */
  readonly devices?: number
  /** Places of its nodes in the list of nodes. */
  readonly nodes: readonly number[]
}

/** So many different GPUs, and the thousandths that must be free on each. */
export interface DeviceAsk {
  readonly count: number
  readonly milli: number
}

/** Equal pods, as far as packing them goes. */
export interface PodGroup {
  /** What each asks for, in the order of the resources. */
  readonly amounts: readonly number[]
  /** GPUs that each wants all or a share of; none by default. */
  readonly devices?: DeviceAsk
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

/** What nodes say of their GPUs: thousandths of all together. */
const SHARED_GPUS = 'stowage.dev/gpu-milli'

/** Effects that keep a pod off a node. */
const EFFECTS = ['NoSchedule', 'NoExecute']

/** Pods and their templates. */
export interface AskingPods {
  readonly templates: readonly PodTemplate[]
  readonly pods: readonly StaticPod[]
  /** DeviceClasses, ResourceSlices and ResourceClaims among others; none by default. */
  readonly objects?: readonly StoredObject[]
}

/**
 * What of pods and nodes an exact bound may count on: resources, GPUs one by one, nodeSelector and required node affinity, and taints. What pods
 * want of each other (spreading, affinity, ports) is left out: without it no more machines are needed, so a bound stays one.
 */
export function packingProblem(
  { templates, pods, objects = [] }: AskingPods,
  nodes: readonly Node[],
): PackingProblem {
  // Without such a node, GpuShare does not run.
  const hasGpus = nodes.some(({ status }) => status?.allocatable?.[SHARED_GPUS] !== undefined)
  const asks = templates.map((template) => askOf(template, hasGpus))
  const claimed = claimedDevices(objects)
  const { resources, asDevices } = countedResources(asks, nodes, claimed)
  const machines = machineClasses({ nodes, resources, templates, byNode: claimed.byNode })
  const groups: (PodGroup & { count: number })[] = []
  const byKey = new Map<string, number>()
  const groupOf = pods.map((pod, example) => {
    const ask = asks[pod.template]
    const template = templates[pod.template]
    const amounts = amountsOf(pod, template, ask, resources)
    const own = resources.indexOf(CLAIMED_DEVICES)
    if (own >= 0) amounts[own] = devicesClaimed(pod, { template, ask, claimed, asDevices })
    const key = `${ask?.place ?? ''}|${amounts.join(',')}`
    let group = byKey.get(key)
    if (group === undefined) {
      const classes = machines.flatMap((machine, index) =>
        ask !== undefined && takes(machine, nodes, ask, amounts) ? [index] : [],
      )
      const devices = ask?.devices === undefined ? {} : { devices: ask.devices }
      group = groups.push({ amounts, ...devices, count: 0, classes, example }) - 1
      byKey.set(key, group)
    }
    const found = groups[group]
    if (found !== undefined) found.count += 1
    return group
  })
  return { resources, machines, groups, groupOf }
}

/**
 * The resources that a bound counts. What no node has, devices of ResourceSlices may stand for: these are counted as devices, and not at all
 * where nodes or pods may share devices.
 */
function countedResources(
  asks: readonly TemplateAsk[],
  nodes: readonly Node[],
  { delegated, byNode }: ClaimedDevices,
): { readonly resources: readonly string[]; readonly asDevices: readonly string[] } {
  const offers = nodes.map(({ status }) => status?.allocatable ?? {})
  const asked = [...new Set(asks.flatMap(({ scalars }) => [...scalars.keys()]))]
  const scalars = asked.filter((name) => !delegated.has(name) || offers.every((has) => name in has))
  const asDevices = asked.filter((name) => delegated.has(name) && !offers.some((has) => name in has))
  const devices = byNode !== undefined && byNode.size > 0 ? [CLAIMED_DEVICES] : []
  return { resources: ['cpu', 'memory', 'pods', ...scalars, ...devices], asDevices }
}

/** Devices that a pod has to itself at least. */
function devicesClaimed(
  { details }: StaticPod,
  asked: {
    readonly template: PodTemplate | undefined
    readonly ask: TemplateAsk | undefined
    readonly claimed: ClaimedDevices
    readonly asDevices: readonly string[]
  },
): number {
  const { template, ask, claimed, asDevices } = asked
  const own = claimed.claimedBy(details, template?.metadata.namespace ?? '')
  return asDevices.reduce((sum, name) => sum + (ask?.scalars.get(name) ?? 0), own)
}

/** What a template asks of nodes. */
interface TemplateAsk {
  /** Equal for templates that ask for the same. */
  readonly place: string
  readonly cpu: number
  readonly memory: number
  readonly scalars: ReadonlyMap<string, number>
  readonly devices: DeviceAsk | undefined
  readonly accepts: NodePredicate
  readonly template: PodTemplate
}

function askOf(template: PodTemplate, hasDevices: boolean): TemplateAsk {
  const { spec } = template
  const devices = hasDevices ? devicesAsked(template) : undefined
  const { cpu, memory, ephemeralStorage, scalars } = podRequests({ spec })
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const selects = spec.nodeSelector === undefined ? undefined : compileLabelMap(spec.nodeSelector)
  const requires = required === undefined ? undefined : compileNodeSelector(required)
  const asked = new Map(scalars)
  if (ephemeralStorage > 0) asked.set('ephemeral-storage', ephemeralStorage)
  return {
    place: JSON.stringify([spec.nodeSelector, required, spec.tolerations, devices]),
    cpu,
    memory,
    scalars: asked,
    devices,
    accepts: (labels, name) => (selects?.(labels) ?? true) && (requires?.(labels, name) ?? true),
    template,
  }
}

/** As the plugin GpuShare reads it. */
function devicesAsked({ metadata }: PodTemplate): DeviceAsk | undefined {
  const count = Number(metadata.annotations[GPU_COUNT_ANNOTATION] ?? 0)
  const milli = Number(metadata.annotations[GPU_MILLI_ANNOTATION] ?? 0)
  return count > 0 && milli > 0 ? { count, milli } : undefined
}

function amountsOf(
  pod: StaticPod,
  template: PodTemplate | undefined,
  ask: TemplateAsk | undefined,
  resources: readonly string[],
): number[] {
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
function machineClasses({
  nodes,
  resources,
  templates,
  byNode,
}: {
  readonly nodes: readonly Node[]
  readonly resources: readonly string[]
  readonly templates: readonly PodTemplate[]
  /** Devices of ResourceSlices. */
  readonly byNode: ClaimedDevices['byNode']
}): readonly MachineClass[] {
  const texts = templates.map(({ spec }) => JSON.stringify([spec.nodeSelector, spec.affinity?.nodeAffinity]))
  const wanted = new Set(texts.filter((text) => text !== '[null,null]'))
  const all = [...wanted].join(' ')
  const looksAtNames = all.includes('matchFields')
  const classes = new Map<string, { amounts: readonly number[]; devices: number; nodes: number[] }>()
  nodes.forEach((node, index) => {
    const allocatable = nodeAmounts(node.status?.allocatable)
    const amounts = resources.map((resource) => {
      if (resource === CLAIMED_DEVICES) return byNode?.get(node.metadata?.name ?? '') ?? 0
      return allocatable.get(resource) ?? 0
    })
    const devices = Math.floor((allocatable.get(SHARED_GPUS) ?? 0) / WHOLE_GPU_MILLI)
    const labels = Object.entries(node.metadata?.labels ?? {}).filter(([key]) =>
      all.includes(JSON.stringify(key)),
    )
    const name = looksAtNames ? node.metadata?.name : undefined
    const taints = node.spec?.taints ?? []
    const key = JSON.stringify([amounts, devices, labels, taints, name])
    const found = classes.get(key)
    if (found === undefined) classes.set(key, { amounts, devices, nodes: [index] })
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
  const { count, milli } = ask.devices ?? { count: 0, milli: 0 }
  if (count > (machine.devices ?? 0) || milli > WHOLE_GPU_MILLI) return false
  const node = nodes[machine.nodes[0] ?? 0]
  const taints = node?.spec?.taints ?? []
  if (firstUntolerated(taints, ask.template.spec.tolerations ?? [], EFFECTS) !== undefined) return false
  return ask.accepts(node?.metadata?.labels ?? {}, node?.metadata?.name ?? '')
}
