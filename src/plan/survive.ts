import type { IntOrString } from '../api/types.generated.ts'
import { assert } from '../base/assert.ts'
import { InputError } from '../base/errors.ts'
import { DAY, MINUTE, SECOND, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { RandomStreams } from '../base/random.ts'
import { POD_BOUND, POD_STATE_EVENTS } from '../cluster/pod-event.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import { replayRun } from '../run/run.ts'
import type { ReplayedParts } from '../run/run.ts'
import { workloadOf } from '../run/workload-of.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { roomBound } from './free-room.ts'
import type { RoomBound } from './free-room.ts'
import { lossesOf } from './losses.ts'
import type { Loss, PlannedNode } from './losses.ts'
import { ReadyReplicaCounts } from './ready-replicas.ts'
import type { ReadyReplicas } from './ready-replicas.ts'
import { replicatedWorkloads } from './replicated-workloads.ts'
import type { ReplicatedWorkload } from './replicated-workloads.ts'
import type { SurvivalQuestion } from './survival-question.ts'
import { podsByWorkload, whyNotWhole, whyTooFew } from './why-broken.ts'

/** Nothing has changed for so long: the cluster is at rest. Longer than every pause of a controller but those for failures. */
const REST: Micros = 5 * MINUTE
/** How long is waited for that. */
const REST_MAX: Micros = DAY
const LOOK: Micros = 10 * SECOND
/** Detection, five minutes of toleration, and a start. */
const HORIZON_BESIDES: Micros = 10 * MINUTE
const HORIZON_MIN: Micros = 15 * MINUTE

/** How a survival question is answered. */
export interface SurvivalSettings {
  /** When the loss happens; undefined: when the cluster is at rest. */
  readonly at: Micros | undefined
  /** How long after the loss all is to be whole again; undefined: long enough for all lost nodes to be emptied. */
  readonly horizon: Micros | undefined
  /** Replicas that are to be ready at any time where nobody says it. */
  readonly minAvailable: IntOrString | undefined
  /** Losses that are tried at most. */
  readonly triesMax: number
  /** Of the losses every so many-th only, from the one at `index` on: the rest are somebody else's. */
  readonly share?: { readonly index: number; readonly count: number }
  readonly signal: AbortSignal
  /** Hears of each loss that was tried. */
  readonly onTried?: (done: number, all: number) => void
}

/** `keeps`: never fewer ready than wanted, and whole in the end; `dips`: fewer for a time; `breaks`: not whole in the end. */
export type SurvivalVerdict = 'keeps' | 'dips' | 'breaks'

/** What a loss does to a workload. */
export interface WorkloadSurvival extends ReplicatedWorkload, Omit<Readonly<ReadyReplicas>, 'wholeSince'> {
  /** From the loss until all replicas were ready again and stayed so; undefined when they were not at the end. */
  readonly wholeAfter: Micros | undefined
  readonly verdict: SurvivalVerdict
  /** Why it dips or breaks; empty when it keeps what it wants. */
  readonly reason: string
}

/** What a loss does to the cluster. */
export interface LossOutcome extends Loss {
  readonly room: RoomBound
  readonly workloads: readonly WorkloadSurvival[]
}

/** The answer to a survival question. */
export interface Survival {
  readonly question: string
  /** When the nodes are lost. */
  readonly at: Micros
  readonly horizon: Micros
  /** Losses that there are, of which `outcomes` were tried. */
  readonly losses: number
  readonly outcomes: readonly LossOutcome[]
}

/**
 * Finds out what a cluster survives: brings the scenario to rest, then plays it once for each loss, from the same seed, up to the
 * horizon. The nodes do not come back; failures of the scenario's own are left out.
 */
export async function survive(
  given: Scenario,
  question: SurvivalQuestion,
  settings: SurvivalSettings,
): Promise<Survival> {
  const { triesMax, signal } = settings
  const scenario = { ...given, failures: [] }
  const rest = await bringToRest(scenario, settings)
  const chance = new RandomStreams(scenario.seed).stream(`plan/${question.text}`)
  const { tried, all } = lossesOf(question, rest.nodes, triesMax, chance)
  const horizon = settings.horizon ?? longEnough(tried, given)
  const outcomes: LossOutcome[] = []
  const { index: first, count } = settings.share ?? { index: 0, count: 1 }
  const own = tried.filter((_, index) => index % count === first)
  for (const loss of own) {
    if (signal.aborted) break
    outcomes.push(await play(scenario, loss, rest.at, { ...settings, horizon }))
    settings.onTried?.(outcomes.length, own.length)
  }
  return { question: question.text, at: rest.at, horizon, losses: all, outcomes }
}

/** Time for the nodes of the largest loss to be emptied one after the other, and for what that takes besides; in minutes. */
function longEnough(losses: readonly Loss[], { nodeLifecycle: { evictionRate } }: Scenario): Micros {
  const most = Math.max(0, ...losses.map(({ nodes }) => nodes.length))
  const emptied = evictionRate === 0 ? 0 : most / evictionRate
  return Math.max(HORIZON_MIN, HORIZON_BESIDES + Math.ceil((emptied * SECOND) / MINUTE) * MINUTE)
}

/** Puts the answers to a question together whose losses were shared out, in the order of the losses. */
export function joined(shares: readonly Survival[]): Survival {
  const [first] = shares
  assert(first !== undefined, 'nobody answered')
  const longest = Math.max(...shares.map(({ outcomes }) => outcomes.length))
  const outcomes = Array.from({ length: longest }, (_, index) =>
    shares.flatMap((share) => share.outcomes.slice(index, index + 1)),
  ).flat()
  return { ...first, outcomes }
}

/** Whether each workload keeps what it wants, whatever is lost. */
export function survivesAll({ outcomes }: Survival): boolean {
  return outcomes.every(({ workloads }) => workloads.every(({ verdict }) => verdict === 'keeps'))
}

/** The cluster before the loss. */
interface Rest {
  readonly at: Micros
  readonly nodes: readonly PlannedNode[]
}

async function bringToRest(scenario: Scenario, { at, signal }: SurvivalSettings): Promise<Rest> {
  let counts: ReadyReplicaCounts | undefined
  let isAtRest = at !== undefined
  const run = await replayRun(
    { ...scenario, until: at ?? REST_MAX },
    (parts) => {
      counts = new ReadyReplicaCounts(parts)
      if (at === undefined) stopAtRest(parts, () => (isAtRest = true))
    },
    signal,
  )
  if (!isAtRest && !signal.aborted) {
    throw new InputError({
      message: `the cluster does not come to rest within ${formatDuration(REST_MAX)}`,
      hint: 'say by --at when the nodes are lost',
    })
  }
  return { at: run.sim.now, nodes: plannedNodes(run, counts) }
}

/** Stops a run when no pod but those of traces has changed for a time. */
function stopAtRest({ sim, api }: ReplayedParts, atRest: () => void): void {
  let changedAt = 0
  api.pods.observe((event, row) => {
    const isChange = (event & (POD_STATE_EVENTS | POD_BOUND)) !== 0
    if (isChange && api.pods.table.ownerKind(row) !== TASK) changedAt = sim.now
  })
  const look = sim.handler('plan/rest', () => {
    if (sim.now - changedAt < REST) {
      sim.after(LOOK, look)
      return
    }
    atRest()
    sim.stop()
  })
  sim.after(LOOK, look)
}

function plannedNodes(
  { api, scheduler }: ReplayedParts,
  counts: ReadyReplicaCounts | undefined,
): readonly PlannedNode[] {
  const byNode = new Map<number, Map<string, number>>()
  for (const { key } of replicatedWorkloads(api, undefined)) {
    for (const node of counts?.nodesOf(key) ?? []) {
      const replicas = byNode.get(node) ?? new Map<string, number>()
      byNode.set(node, replicas.set(key, (replicas.get(key) ?? 0) + 1))
    }
  }
  return [...api.nodes.list()].map(({ metadata }) => {
    const name = metadata?.name ?? ''
    const row = api.nodeRows.everRowOf(name)
    const requestedCpu = scheduler.cluster.nodes.requestedCpu(row)
    return { name, labels: metadata?.labels ?? {}, replicas: byNode.get(row) ?? new Map(), requestedCpu }
  })
}

async function play(
  scenario: Scenario,
  loss: Loss,
  at: Micros,
  { horizon, minAvailable, signal }: SurvivalSettings & { readonly horizon: Micros },
): Promise<LossOutcome> {
  const refused = new Map<string, string>()
  let workloads: readonly ReplicatedWorkload[] = []
  let room: RoomBound | undefined
  let counts: ReadyReplicaCounts | undefined
  const lose = (run: ReplayedParts, ready: ReadyReplicaCounts): void => {
    const lost = rowsOf(run, loss)
    workloads = replicatedWorkloads(run.api, minAvailable)
    ready.follow(workloads, lost)
    const pods = [...podsByWorkload(run).values()]
      .flat()
      .filter((row) => lost.has(run.api.pods.table.node(row)))
    room = roomBound(run.scheduler, pods, lost)
    run.failures.begin('survive', { nodes: [...lost] })
  }
  const run = await replayRun(
    { ...scenario, until: at + horizon },
    (parts) => {
      const ready = new ReadyReplicaCounts(parts)
      counts = ready
      const { sim, api } = parts
      const begin = sim.handler('plan/loss', () => lose(parts, ready))
      sim.at(at, begin)
      api.onRefusedPod((owner, message) => {
        const { kind, name } = workloadOf(api, owner)
        const [namespace = ''] = owner.key.split('/')
        if (sim.now >= at) refused.set(`${kind} ${namespace}/${name}`, message)
      })
    },
    signal,
  )
  const rates = scenario.nodeLifecycle
  const after = { run, lost: rowsOf(run, loss), refused, rates, pods: podsByWorkload(run) }
  const outcomes = workloads.map((workload): WorkloadSurvival => {
    const sums = counts?.of(workload.key) ?? NOTHING_READY
    return survivalOf(workload, sums, whyNotWhole(workload, sums, after), at)
  })
  return { ...loss, room: room ?? roomBound(run.scheduler, [], after.lost), workloads: outcomes }
}

const NOTHING_READY: ReadyReplicas = {
  before: 0,
  lost: 0,
  least: 0,
  now: 0,
  wholeSince: undefined,
  missing: 0,
}

function survivalOf(
  workload: ReplicatedWorkload,
  sums: ReadyReplicas,
  notWhole: readonly string[],
  at: Micros,
): WorkloadSurvival {
  const tooFew = whyTooFew(workload, sums)
  const isWhole = sums.now >= workload.replicas
  const { wholeSince, ...counted } = sums
  return {
    ...workload,
    ...counted,
    wholeAfter: wholeSince === undefined ? undefined : wholeSince - at,
    verdict: isWhole ? (tooFew === '' ? 'keeps' : 'dips') : 'breaks',
    reason: [...(tooFew === '' ? [] : [tooFew]), ...notWhole].join('; '),
  }
}

function rowsOf(
  { api }: ReplayedParts,
  { nodes }: Loss,
): ReadonlySet<ReturnType<typeof api.nodeRows.everRowOf>> {
  return new Set(nodes.map((name) => api.nodeRows.everRowOf(name)).filter((row) => row !== NO_NODE))
}
