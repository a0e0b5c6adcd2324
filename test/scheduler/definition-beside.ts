import { RandomStreams } from '../../src/base/random.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { Cycle } from '../../src/scheduler/cycle.ts'
import { CycleVoice } from '../../src/scheduler/cycle-voice.ts'
import type { Decision } from '../../src/scheduler/decision.ts'
import type { PlacedPod } from '../../src/scheduler/framework/index.ts'
import type { NodePicker } from '../../src/scheduler/node-picker.ts'
import type { RowPod } from '../../src/scheduler/pod-shapes.ts'
import type { QueuedPod } from '../../src/scheduler/queued-pod.ts'
import { ScoreIndex } from '../../src/scheduler/score-index.ts'
import type { TieBreak } from '../../src/scheduler/tie-break.ts'
import { runPostFilters } from '../../src/scheduler/trial-runner.ts'
import { buildPicker } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

/** What became of a pod: its node, or the one that room is made on, and by whose end; who rejected it. */
export interface Verdict {
  readonly outcome: 'placed' | 'nominated' | 'rejected'
  readonly node: string
  readonly feasible: number
  readonly evaluated: number
  readonly rejectedBy: readonly string[]
  readonly victims: readonly string[]
}

/**
 * The definition beside a scheduler that takes fast paths, on the same view: asked about each pod right before the
 * scheduler's own cycle, it says what has to come of it, whoever was tried before.
 */
export class DefinitionBeside {
  /** Decisions that are not the definition's, in words. */
  readonly differences: string[] = []
  decisions = 0
  /** Nodes whose scores were compared. */
  scored = 0
  readonly #cluster: TestCluster
  readonly #cycle: Cycle
  readonly #picker: NodePicker
  readonly #index: ScoreIndex
  readonly #voice: CycleVoice
  /** The scheduler's own, from its start. */
  readonly #offsets = new RandomStreams(1).stream('scheduler/preemption-offset')
  #expected: { readonly pod: PodRow; readonly verdict: Verdict } | undefined

  constructor(cluster: TestCluster, tieBreak: TieBreak = 'heap') {
    const { scheduler } = cluster
    this.#cluster = cluster
    this.#cycle = new Cycle(scheduler.cluster)
    this.#picker = buildPicker(cluster, { cycle: this.#cycle, usesIndex: false, tieBreak })
    this.#index = new ScoreIndex(scheduler.cluster)
    this.#voice = new CycleVoice(this.#cycle)
    scheduler.attend((pod) => {
      const queued = scheduler.queue.get(pod)
      if (queued === undefined) return false
      this.#compareScores(queued)
      this.#expected = { pod, verdict: this.#verdictOf(queued, (bound) => this.#offsets.integer(bound)) }
      return false
    })
    scheduler.observe((decision) => {
      const expected = this.#expected
      // A pod that waited with its node is heard of again when it is bound.
      if (expected?.pod !== decision.pod) return
      this.#expected = undefined
      this.decisions += 1
      this.#compare(decision.pod, this.#told(decision), expected.verdict)
    })
  }

  /** Whether each pod that could be tried now, and is not, would be rejected, and could make no room. */
  checkPassedOver(): number {
    const { scheduler } = this.#cluster
    let count = 0
    for (const pod of scheduler.queue.list()) {
      if (pod.place !== 'active' && pod.place !== 'backoff' && pod.group === undefined) continue
      // Pods of a group that was rejected as a whole back off, whether or not there is room for one.
      if (isOfGroup(pod)) continue
      count += 1
      const { outcome } = this.#verdictOf(pod, () => 0)
      if (outcome === 'rejected') continue
      this.differences.push(`${this.#nameOf(pod.row)} is passed over, and would be ${outcome}`)
      return count
    }
    return count
  }

  #verdictOf(pod: QueuedPod, draw: (bound: number) => number): Verdict {
    const { profile, podClass, row, priority, kin } = pod
    const { nodes } = this.#cluster.scheduler.cluster
    const { node, feasible, evaluated } = this.#picker.pick(profile, podClass, row)
    const found = { feasible, evaluated }
    if (node >= 0) return { outcome: 'placed', node: nodes.name(node), ...found, rejectedBy: [], victims: [] }
    const rejectedBy = this.#cycle.rejectingPlugins()
    const isNeedless = profile.postFilter.every((index) => {
      const plugin = profile.plugins[index]
      return (
        plugin?.postFilterNeedsLowerPriority === true || plugin?.isPostFilterIdle?.(kin.terms[index]) === true
      )
    })
    // With nobody to preempt there is no draw.
    const offset = isNeedless && !nodes.hasPodsBelow(priority) ? () => 0 : draw
    const room = runPostFilters(this.#cycle, { offset, isExhaustive: false })?.nominated
    const victims = this.#namesOf(room?.victims ?? [])
    if (room === undefined) return { outcome: 'rejected', node: '', ...found, rejectedBy, victims }
    return { outcome: 'nominated', node: nodes.name(room.node), ...found, rejectedBy, victims }
  }

  #told({ node, outcome, feasible, evaluated, rejectedBy, victims }: Decision): Verdict {
    const { api } = this.#cluster
    const isPlaced = outcome === 'bound' || outcome === 'waiting'
    return {
      outcome: isPlaced ? 'placed' : outcome === 'nominated' ? outcome : 'rejected',
      node: node < 0 ? '' : api.nodeRows.nameOf(node),
      feasible,
      evaluated,
      rejectedBy: [...rejectedBy],
      victims: victims.map((victim) => api.pods.nameOf(victim)),
    }
  }

  #compare(pod: PodRow, told: Verdict, expected: Verdict): void {
    const [one, other] = [told, expected].map((verdict) => JSON.stringify(verdict))
    if (one === other) return
    const { now } = this.#cluster.sim
    this.differences.push(`${now} ${this.#nameOf(pod)}: ${one}, by the definition ${other}`)
  }

  /** The totals of the index are those of the definition but for what it gives every node alike. */
  #compareScores({ profile, podClass, row }: QueuedPod): void {
    const { searchOrder } = this.#cluster.scheduler.cluster
    this.#cycle.begin(profile, podClass, row)
    const plan = this.#index.planOf(profile, podClass)
    if (plan === undefined) return
    const voice = plan.cycle === undefined ? undefined : this.#voice
    if (plan.cycle === undefined) this.#cycle.preFilter()
    else if (voice?.begin(plan.cycle) === false) return
    const search = this.#index.search({ profile, podClass, plan, voice }, 0, searchOrder.length)
    if (search === undefined || search.found.length < 2) return
    const totals = this.#cycle.score(search.found)
    const [first = 0] = totals
    const [firstOfIndex = 0] = search.totals
    for (const [place, total] of totals.entries()) {
      this.scored += 1
      const ofIndex = search.totals[place] ?? 0
      if (ofIndex - firstOfIndex === total - first) continue
      const name = this.#cluster.scheduler.cluster.nodes.name(search.found[place] ?? 0)
      this.differences.push(`${this.#nameOf(row)} on ${name}: ${ofIndex}, by the definition ${total}`)
    }
  }

  #nameOf(pod: PodRow): string {
    return this.#cluster.api.pods.nameOf(pod)
  }

  #namesOf(pods: readonly PlacedPod[]): string[] {
    return pods.map((pod) => this.#nameOf((pod as RowPod).row))
  }
}

/** Whether PostFilter of some plugin speaks for a whole group of pods. */
function isOfGroup({ profile, kin }: QueuedPod): boolean {
  return profile.postFilter.some(
    (index) => profile.plugins[index]?.isPostFilterIdle?.(kin.terms[index]) === false,
  )
}
