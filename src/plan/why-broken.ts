import type { Node, Taint } from '../api/types.generated.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { computeZoneState, taintingRate } from '../controllers/zone-state.ts'
import type { TaintingRates } from '../controllers/zone-state.ts'
import { explainAsItStands } from '../run/explain/explain-pod.ts'
import type { Explanation, RejectedNode } from '../run/explain/explanation.ts'
import type { ReplayedParts } from '../run/run.ts'
import type { ReadyReplicas } from './ready-replicas.ts'
import { BARE_POD, workloadKeyOf } from './replicated-workloads.ts'
import type { ReplicatedWorkload } from './replicated-workloads.ts'

const ZONE = 'topology.kubernetes.io/zone'
/** Taint by which a lost node is emptied. */
const UNREACHABLE = 'node.kubernetes.io/unreachable'

/** What filters look at, in words; others are named. */
const MATTERS: ReadonlyMap<string, string> = new Map([
  ['NodeResourcesFit', 'not enough room'],
  ['InterPodAffinity', 'pod affinity or anti-affinity'],
  ['PodTopologySpread', 'a topology spread constraint'],
  ['NodeAffinity', 'node selector or affinity'],
  ['NodeName', 'the node that it names'],
  ['TaintToleration', 'taints'],
  ['NodeUnschedulable', 'cordons'],
  ['NodePorts', 'ports of the host'],
  ['VolumeBinding', 'its volumes'],
  ['VolumeZone', 'the zone of its volumes'],
  ['VolumeRestrictions', 'the access modes of its volumes'],
  ['NodeVolumeLimits', 'the number of volumes'],
  ['DynamicResources', 'its devices'],
])

/** Filters that look at pods wherever they are. */
const COUNTING = ['InterPodAffinity', 'PodTopologySpread']

/** The end of a run in which nodes were lost. */
export interface RunAfterLoss {
  readonly run: ReplayedParts
  readonly lost: ReadonlySet<NodeRow>
  /** What a controller was told last when it could not create a pod, by workload. */
  readonly refused: ReadonlyMap<string, string>
  /** How fast lost nodes are emptied. */
  readonly rates: TaintingRates & { readonly unhealthyThreshold: number }
  /** Pods in the store, by workload. */
  readonly pods: ReadonlyMap<string, readonly PodRow[]>
}

/** Why fewer replicas than wanted were ready at some time; empty when they were not fewer. */
export function whyTooFew(workload: ReplicatedWorkload, sums: ReadyReplicas): string {
  const { wanted, replicas } = workload
  const { before, lost, least } = sums
  if (least >= wanted) return ''
  if (before < wanted) return `only ${before} of ${replicas} were ready before the loss`
  const left = before - lost
  if (lost === before)
    return replicas === 1 ? 'its only replica was there' : `all ${before} replicas were there`
  if (left < wanted) return `${lost} of ${before} replicas were there: ${left} left, ${wanted} wanted`
  return `${lost} of ${before} replicas were there, and others ended meanwhile: ${least} ready at least`
}

/** Why not all replicas are ready at the end; empty when they are. */
export function whyNotWhole(
  workload: ReplicatedWorkload,
  sums: ReadyReplicas,
  after: RunAfterLoss,
): readonly string[] {
  if (sums.now >= workload.replicas) return []
  const pods = after.pods.get(workload.key) ?? []
  const { table } = after.run.api.pods
  const waiting = pods.filter((row) => table.node(row) === NO_NODE)
  const onLost = pods.filter((row) => after.lost.has(table.node(row)))
  const stuck = onLost.filter((row) => table.deletingAt(row) !== NO_TIME)
  const kept = onLost.filter((row) => table.deletingAt(row) === NO_TIME)
  const starting = pods.filter((row) => isStarting(row, after))
  return [
    ...(workload.kind === BARE_POD && (stuck.length > 0 || pods.length === 0)
      ? ['nothing makes it again']
      : []),
    ...(workload.kind === 'StatefulSet' && stuck.length > 0
      ? [`${stuck.length} on a lost node: a StatefulSet makes a pod again only when the old one is gone`]
      : []),
    ...(kept.length > 0 ? [`${kept.length} not evicted: ${whyNotEvicted(kept, after)}`] : []),
    ...(waiting.length > 0
      ? [`${waiting.length} without a node: ${stillCounting(whyWaiting(waiting, after), stuck.length)}`]
      : []),
    ...(starting.length > 0 ? [`${starting.length} not ready yet on their node`] : []),
    ...whyNotCreated(workload, pods.length - stuck.length, after),
  ]
}

/** Adds what a reader may wonder at: affinities and spreading count pods on lost nodes until they are gone. */
function stillCounting(why: string, stuck: number): string {
  const isCounted = COUNTING.some((plugin) => why.includes(MATTERS.get(plugin) ?? plugin))
  if (stuck === 0 || !isCounted) return why
  return `${why}; pods on lost nodes count there until they are gone: ${stuck}`
}

function isStarting(row: PodRow, { run, lost }: RunAfterLoss): boolean {
  const { table } = run.api.pods
  const node = table.node(row)
  return node !== NO_NODE && !lost.has(node) && !table.isReady(row) && table.deletingAt(row) === NO_TIME
}

function whyNotCreated(
  workload: ReplicatedWorkload,
  count: number,
  { refused }: RunAfterLoss,
): readonly string[] {
  const message = refused.get(workload.key)
  const missing = workload.replicas - count
  if (missing <= 0 || workload.kind === BARE_POD) return []
  if (message !== undefined) return [`${missing} cannot be created: ${message}`]
  return workload.kind === 'StatefulSet' ? [] : [`${missing} not created yet`]
}

/** Why pods stay on lost nodes, whose deletion nobody has asked for. */
function whyNotEvicted(pods: readonly PodRow[], { run, lost, rates }: RunAfterLoss): string {
  const { api } = run
  const isTainted = (row: PodRow): boolean =>
    api.nodeRows.nodeOf(api.pods.table.node(row))?.spec?.taints?.some(isEmptied) === true
  if (pods.every(isTainted)) return 'they tolerate unreachable nodes for longer'
  const left = [...api.nodes.list()].filter(({ metadata }) => {
    return !lost.has(api.nodeRows.everRowOf(metadata?.name ?? ''))
  })
  if (left.length === 0) return 'no node is left, and with all zones down nothing is evicted'
  const [first = NO_NODE] = pods.filter((row) => !isTainted(row)).map((row) => api.pods.table.node(row))
  return zoneText(first, { run, lost, rates })
}

/** How fast the zone of a lost node is emptied, and how far that has come. */
function zoneText(node: NodeRow, { run, lost, rates }: Pick<RunAfterLoss, 'run' | 'lost' | 'rates'>): string {
  const { api } = run
  const zoneOf = (one: Node | undefined): string => one?.metadata?.labels?.[ZONE] ?? ''
  const zone = zoneOf(api.nodeRows.nodeOf(node))
  const nodes = [...api.nodes.list()].filter((one) => zoneOf(one) === zone)
  const gone = nodes.filter(({ metadata }) => lost.has(api.nodeRows.everRowOf(metadata?.name ?? '')))
  const state = computeZoneState(nodes.length - gone.length, gone.length, rates.unhealthyThreshold)
  const rate = taintingRate(state, nodes.length, rates)
  if (rate === 0) return 'their zone is partly down and small, and nothing in it is evicted'
  const tainted = gone.filter(({ spec }) => spec?.taints?.some(isEmptied) === true).length
  return `evictions have come to ${tainted} of ${gone.length} lost nodes of their zone, ${rate} a second`
}

function isEmptied({ key, effect }: Taint): boolean {
  return key === UNREACHABLE && effect === 'NoExecute'
}

/** Why pods have no node: what keeps the first of them off the nodes that are left. */
function whyWaiting(pods: readonly PodRow[], { run, lost }: RunAfterLoss): string {
  const { api, scheduler, sim } = run
  const [first] = pods
  if (first === undefined) return ''
  const about = { pod: api.pods.keyOf(first), now: sim.now, decisions: [], notes: [] }
  const found = explainAsItStands(about, scheduler, first)
  if (found.feasible.length > 0) return 'the scheduler has not come to them, or they back off'
  const lostNames = new Set([...lost].map((row) => api.nodeRows.nameOf(row)))
  const rejected = found.rejected.filter(({ node }) => !lostNames.has(node))
  if (rejected.length === 0) return found.message === '' ? 'no node is left' : found.message
  return rejectionsText(rejected, found)
}

/** `2 of 3 nodes left: not enough room (node-1 lacks 500m cpu …), 1 of 3 nodes left: taints (…)`. */
function rejectionsText(rejected: readonly RejectedNode[], found: Explanation): string {
  const byMatter = new Map<string, RejectedNode[]>()
  for (const one of rejected) {
    const matters = [...new Set([one.plugin, ...one.obstacles.map(({ plugin }) => plugin)])].filter(
      (name) => name !== '',
    )
    const words = matters.map((plugin) => MATTERS.get(plugin) ?? plugin).join(' and ')
    byMatter.set(words, [...(byMatter.get(words) ?? []), one])
  }
  if (byMatter.size === 0) return found.message
  return [...byMatter]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(
      ([words, nodes]) =>
        `${nodes.length} of ${rejected.length} nodes left: ${words} (${nearestText(nodes)})`,
    )
    .join(', ')
}

/** What keeps the pod off the nearest of some nodes. */
function nearestText([nearest]: readonly RejectedNode[]): string {
  if (nearest === undefined) return ''
  const missing = nearest.obstacles.flatMap((obstacle) => obstacle.missing.map(({ text }) => text))
  const reasons = missing.length > 0 ? missing : nearest.reasons
  return `${nearest.node} ${reasons.join(', ')}`
}

/** Pods that are not finished, by workload, in order of creation. */
export function podsByWorkload({ api }: ReplayedParts): ReadonlyMap<string, readonly PodRow[]> {
  const byKey = new Map<string, PodRow[]>()
  for (const row of api.pods.table.stored()) {
    const key = api.pods.isFinished(row) ? undefined : workloadKeyOf(api, row)
    if (key === undefined) continue
    const rows = byKey.get(key)
    if (rows === undefined) byKey.set(key, [row])
    else rows.push(row)
  }
  return byKey
}
