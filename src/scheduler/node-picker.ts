import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Cycle } from './cycle.ts'
import type { ReservedParts } from './reserving.ts'
import type { PluginScores } from './scoring.ts'
import type { NodeVerdict } from './decision.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'
import { namingPod } from './plugin-call.ts'
import { Batches } from './batching.ts'
import { CycleVoice } from './cycle-voice.ts'
import type { ScanRange, SizeAsk } from './number-scan.ts'
import { NumberTrials } from './number-trials.ts'
import type { PickerOptions } from './picker-options.ts'
import { ScoreIndex } from './score-index.ts'
import { SearchLimits, searchNodes } from './search.ts'
import { firstByHeap, firstByName, firstFound, oneByChance } from './tie-break.ts'
import type { SearchResult } from './search.ts'

const NO_NODES: readonly NodeIndex[] = Object.freeze([])
const NOTHING_RESERVED: ReservedParts = Object.freeze({ devices: 0, objects: [], failure: undefined })

/** Where a pod goes, and what it took to find out; the same object is refilled for each pod. */
export interface Pick {
  /** Node chosen, or `NO_NODE` (-1). */
  node: NodeIndex
  feasible: number
  evaluated: number
  /** Whether the node was the hint of a batch of equal pods. */
  isBatched: boolean
  /** Plugins that rejected the pod, where the fast path found no node and knows; the definition has not run then. */
  rejectedBy: readonly string[] | undefined
}

/**
 * Answers by who gave them: the pass over numbers, the score index, the index together with plugins that prepared for the
 * cycle, the definition.
 */
export interface Answered {
  readonly scan: number
  readonly index: number
  readonly mixed: number
  readonly definition: number
  /** Times that PostFilter tried nodes by numbers. */
  readonly trials: number
}

/**
 * Finds the node for a pod: PreFilter, the nominated node first, the sampled search, scores, the choice among equals.
 * Keeps the place in the list at which the next search starts.
 */
export class NodePicker {
  /** Whether `verdicts` tells of each node; then the definition answers always. */
  keepsDetails: boolean
  readonly #cycle: Cycle
  readonly #options: PickerOptions
  readonly #limits: SearchLimits
  readonly #pick: Pick = { node: NO_NODE, feasible: 0, evaluated: 0, isBatched: false, rejectedBy: undefined }
  readonly #batches: Batches | undefined
  readonly #index: ScoreIndex
  readonly #voice: CycleVoice
  readonly #trials: NumberTrials
  /** Whether the last search was one over numbers. */
  #isByNumbers = false
  #nextStart = 0
  /** Node that was tried before the search and rejected, or `NO_NODE`. */
  #triedFirst: NodeIndex = NO_NODE
  readonly #answered = { scan: 0, index: 0, mixed: 0, definition: 0, trials: 0 }
  /** Nodes that the last search found, and what the plugins gave them; kept when details are. */
  #found: readonly NodeIndex[] = NO_NODES
  readonly #scores: PluginScores[] = []

  constructor(cycle: Cycle, options: PickerOptions) {
    this.#cycle = cycle
    this.#options = options
    this.keepsDetails = options.keepsDetails
    this.#limits = new SearchLimits(options.percentageOfNodesToScore, cycle.extenders)
    this.#index = new ScoreIndex(cycle.cluster)
    this.#voice = new CycleVoice(cycle)
    this.#trials = new NumberTrials(cycle.cluster)
    if (options.batches && options.tieBreak === 'heap') this.#batches = new Batches(cycle)
  }

  /**
   * A pod failed without being looked at, whose search would look at so many nodes: the next pod is not right after a
   * placement.
   */
  passOver(evaluated: number): void {
    this.#batches?.failed()
    this.#moveOn(evaluated)
  }

  /** How many times each way found the node of a pod, or that there is none. */
  get answered(): Answered {
    return this.#answered
  }

  /** Position in the list of nodes at which the next search starts. */
  get nextStart(): number {
    return this.#nextStart
  }

  /** By the fast path where it applies, else by the definition; a pod that is batched by that, but for its search. */
  pick(profile: Profile, podClass: PodClass, pod: PodRow): Pick {
    const pick = this.#cleared()
    this.#cycle.begin(profile, podClass, pod)
    const isAlone = this.#batches?.concerns(profile, podClass) !== true
    const { shapes } = this.#cycle.cluster
    const searchIndex = (): boolean => this.#searchIndex(profile, podClass, pick)
    if (isAlone && this.#mayUseIndex(podClass) && namingPod(() => shapes.keyOf(pod), searchIndex)) {
      this.#batches?.failed()
      return pick
    }
    return this.pickByDefinition(profile, podClass, pod)
  }

  /**
   * By numbers, for a pod that has no class of its own: by its size, and the class of another size of its template.
   * Undefined where that does not do, or finds no node; nothing has moved then.
   */
  pickBySize(profile: Profile, kin: PodClass, size: SizeAsk): Pick | undefined {
    const { tieBreak } = this.#options
    if (tieBreak !== 'heap' || this.#batches?.concernsAny(profile) === true) return undefined
    if (kin.reservers.length > 0 || this.#cycle.cluster.nominations.size > 0) return undefined
    if (!this.#mayUseIndex(kin)) return undefined
    const scan = this.#index.scanSize(kin, profile, size, this.#rangeFor(profile))
    if (scan === undefined || scan.found === 0) return undefined
    this.#batches?.failed()
    const pick = this.#cleared()
    this.#answered.scan += 1
    pick.node = scan.node
    this.#took(pick, scan.found, scan.evaluated)
    return pick
  }

  /** By the definition, which leaves why each node was rejected in the cycle. */
  pickByDefinition(profile: Profile, podClass: PodClass, pod: PodRow): Pick {
    const pick = this.#cleared()
    this.#cycle.begin(profile, podClass, pod)
    const isRejected = this.#cycle.preFilter() !== undefined
    if (!isRejected && !this.#tryFirst(pod, pick)) this.#search(profile, pick)
    else this.#answered.definition += 1
    if (pick.node === NO_NODE) this.#batches?.failed()
    return pick
  }

  /**
   * For PostFilter of the pod that the last pick found no node for: trials by numbers, where they can tell all that the
   * definition would. The cycle then asks nodes why only when somebody wants to know.
   */
  numberTrials({ rejectedBy }: Pick): NumberTrials | undefined {
    const cycle = this.#cycle
    const { profile, podClass } = cycle
    if (!this.#isByNumbers || rejectedBy === undefined || podClass.fit === undefined) return undefined
    if (cycle.cluster.isRestricted) return undefined
    if (cycle.preFilter() !== undefined || cycle.allowedNames !== undefined) return undefined
    const objects = this.#index.objectsOf(profile, podClass)
    if (objects === undefined) return undefined
    cycle.knowRejected(rejectedBy)
    this.#answered.trials += 1
    this.#trials.begin(cycle, podClass.fit, objects)
    return this.#trials
  }

  /** Whether a node takes pods of a class, nominated pods left out; true when only the definition can say. */
  admits(profile: Profile, podClass: PodClass, node: NodeIndex): boolean {
    return this.#index.admits(profile, podClass, node)
  }

  /** The plugins that reject the nodes of a class that fits nowhere; undefined when only the definition can say. */
  rejectingPlugins(profile: Profile, podClass: PodClass): readonly string[] | undefined {
    return this.#index.rejectingPlugins(profile, podClass)
  }

  /** The same, of a pod that fits nowhere, as the definition says: O(nodes × plugins). */
  rejectingByDefinition(profile: Profile, podClass: PodClass, pod: PodRow): readonly string[] {
    this.explain(profile, podClass, pod)
    return this.#cycle.rejectingPlugins()
  }

  /** Looks at every node, so that the cycle holds why each was rejected; moves no search on. */
  explain(profile: Profile, podClass: PodClass, pod: PodRow): void {
    this.#cycle.begin(profile, podClass, pod)
    if (this.#cycle.preFilter() !== undefined) return
    for (const node of this.#cycle.candidates()) this.#cycle.check(node)
  }

  /** What the reserve plugins set aside on the chosen node. */
  reserve(podClass: PodClass, node: NodeIndex): ReservedParts {
    return podClass.reservers.length === 0 ? NOTHING_RESERVED : this.#cycle.reserve(node)
  }

  #cleared(): Pick {
    const pick = this.#pick
    pick.node = NO_NODE
    pick.feasible = 0
    pick.evaluated = 0
    pick.isBatched = false
    pick.rejectedBy = undefined
    this.#isByNumbers = false
    this.#found = NO_NODES
    if (this.#scores.length > 0) this.#scores.length = 0
    return pick
  }

  /** What the last search by the definition said of each node that it looked at; empty when no details are kept. */
  verdicts(): readonly NodeVerdict[] {
    if (!this.keepsDetails) return []
    const place = new Map(this.#found.map((node, position) => [node, position]))
    return this.#cycle.cluster.searchOrder.flatMap((node): NodeVerdict[] => {
      const position = place.get(node)
      if (position !== undefined) {
        const scores = this.#scores.map(({ plugin, raw, normalized, weight }) => {
          return { plugin, raw: raw[position] ?? 0, normalized: normalized[position] ?? 0, weight }
        })
        return [{ node, code: 'Success', plugin: '', reasons: [], scores }]
      }
      const found = this.#cycle.rejectionOf(node)
      if (found === undefined) return []
      const { plugin, rejection } = found
      return [{ node, code: rejection.code, plugin, reasons: this.#cycle.reasonsOf(node), scores: [] }]
    })
  }

  /** Tries the nominated node, or the hint of a batch, before all others; false when it will not do. */
  #tryFirst(pod: PodRow, pick: Pick): boolean {
    const { cluster } = this.#cycle
    const { nominations, nodes } = cluster
    this.#triedFirst = NO_NODE
    const nominated = nominations.nodeOf(pod)
    const isHint = nominated === NO_NODE
    const first = isHint ? this.#hint() : nominated
    if (first === NO_NODE || !cluster.searches(first)) return false
    const allowed = this.#cycle.allowedNames
    if (allowed !== undefined && !allowed.has(nodes.name(first))) return false
    const isRejected = this.#cycle.check(first) !== undefined
    if (isRejected || this.#cycle.extenders.filter(this.#cycle, [first]).length === 0) {
      this.#triedFirst = first
      return false
    }
    this.#found = [first]
    pick.node = first
    pick.feasible = 1
    pick.evaluated = 1
    pick.isBatched = isHint
    this.#batches?.placed(first, isHint ? 'hint' : 'alone', this.#options.clock())
    return true
  }

  #hint(): NodeIndex {
    return this.#batches?.hint(this.#options.clock()) ?? NO_NODE
  }

  /** The fast path: false when it does not apply, or found no node and cannot say why. */
  #searchIndex(profile: Profile, podClass: PodClass, pick: Pick): boolean {
    const plan = this.#index.planOf(profile, podClass)
    if (plan === undefined) return false
    const { start, limit } = this.#rangeFor(profile)
    if (this.#options.tieBreak === 'heap') {
      const scan = this.#index.scan({ profile, podClass, plan }, { start, limit })
      if (scan !== undefined) {
        this.#isByNumbers = true
        if (scan.found === 0) return this.#fail(profile, podClass, pick)
        this.#answered.scan += 1
        pick.node = scan.node
        this.#took(pick, scan.found, scan.evaluated)
        return true
      }
    }
    if (this.#cycle.cluster.nominations.size > 0) return false
    const voice = plan.cycle === undefined ? undefined : this.#voice
    if (plan.cycle !== undefined && voice?.begin(plan.cycle) === false) return false
    const search = this.#index.search({ profile, podClass, plan, voice }, start, limit)
    if (search === undefined) return false
    const count = search.found.length
    if (count === 0) return this.#fail(profile, podClass, pick)
    this.#answered[voice === undefined ? 'index' : 'mixed'] += 1
    const position = count === 1 ? 0 : this.#choose(search.totals, search.found, count)
    pick.node = search.found[position] ?? NO_NODE
    this.#took(pick, count, search.evaluated)
    return true
  }

  #rangeFor(profile: Profile): ScanRange {
    const nodeCount = this.#cycle.cluster.searchOrder.length
    // Nodes may have gone since the last search.
    const start = nodeCount === 0 ? 0 : this.#nextStart % nodeCount
    return { start, limit: this.#limits.of(profile, nodeCount) }
  }

  /** The fast path found no node: whether it knows who rejected the pod. */
  #fail(profile: Profile, podClass: PodClass, pick: Pick): boolean {
    pick.rejectedBy = this.#index.rejectingPlugins(profile, podClass)
    pick.evaluated = this.#cycle.cluster.searchOrder.length
    if (pick.rejectedBy === undefined) return false
    this.#moveOn(pick.evaluated)
    this.#answered.index += 1
    return true
  }

  /** The fast path found nodes and chose one: the next search starts behind them. */
  #took(pick: Pick, feasible: number, evaluated: number): void {
    this.#moveOn(evaluated)
    pick.feasible = feasible
    pick.evaluated = evaluated
  }

  #moveOn(evaluated: number): void {
    const nodeCount = this.#cycle.cluster.searchOrder.length
    if (nodeCount > 0) this.#nextStart = (this.#nextStart + evaluated) % nodeCount
  }

  #search(profile: Profile, pick: Pick): void {
    const candidates = this.#cycle.candidates()
    const limit = this.#limits.of(profile, candidates.length)
    const indexed = this.#indexedSearch(profile, limit)
    this.#answered[indexed === undefined ? 'definition' : 'index'] += 1
    const { found: passing, evaluated } =
      indexed ??
      searchNodes(this.#cycle, candidates, this.#nextStart, { limit, triedFirst: this.#triedFirst })
    this.#moveOn(evaluated)
    pick.evaluated = evaluated
    if (this.#cycle.error !== undefined) return
    const { extenders } = this.#cycle
    const found = extenders.filter(this.#cycle, passing)
    this.#found = found
    pick.feasible = found.length
    const only = found[0]
    if (only === undefined) return
    const { clock } = this.#options
    if (found.length === 1) {
      pick.node = only
      this.#batches?.placed(only, 'alone', clock())
      return
    }
    const details = this.keepsDetails || this.#batches !== undefined ? this.#scores : undefined
    const totals = this.#cycle.score(found, { details })
    const draws = extenders.prioritize(this.#cycle, found, totals, { ties: this.#options.ties, details })
    pick.node = found[this.#choose(totals, found, found.length, draws)] ?? only
    this.#batches?.placed(pick.node, { found, totals, scores: this.#scores }, clock())
  }

  /** The nodes of the search by the index, for a pod that is batched; undefined when only the definition can say. */
  #indexedSearch(profile: Profile, limit: number): SearchResult | undefined {
    const { cluster, podClass, allowedNames } = this.#cycle
    const applies = this.#batches?.concerns(profile, podClass) === true && this.#mayUseIndex(podClass)
    if (!applies || allowedNames !== undefined || cluster.nominations.size > 0) return undefined
    const plan = this.#index.planOf(profile, podClass)
    if (plan === undefined || plan.cycle !== undefined) return undefined
    const count = cluster.searchOrder.length
    const start = count === 0 ? 0 : this.#nextStart % count
    const search = this.#index.search({ profile, podClass, plan }, start, limit)
    if (search === undefined || search.found.length === 0) return undefined
    const place = this.#triedFirst === NO_NODE ? -1 : cluster.searchOrder.indexOf(this.#triedFirst)
    const isVisited = place < 0 || (place - start + count) % count < search.evaluated
    const found = [...search.found]
    return { found, evaluated: search.evaluated + (isVisited ? 0 : 1) }
  }

  /** Whether those that are nominated, if any, all count beside the pod of the cycle, which is not one of them. */
  #areNominationsPlain(): boolean {
    const { cluster, pod } = this.#cycle
    const { nominations, shapes } = cluster
    if (nominations.size === 0) return true
    return nominations.nodeOf(pod) === NO_NODE && nominations.areAllFrom(shapes.priorityOf(pod))
  }

  #mayUseIndex(podClass: PodClass): boolean {
    const { extenders } = this.#cycle
    return (
      this.#options.usesIndex &&
      !this.keepsDetails &&
      this.#areNominationsPlain() &&
      !extenders.isInterestedIn(podClass.shape.spec)
    )
  }

  /** Position of the node taken among those found; draws decide between equals where extenders made some. */
  #choose(
    totals: ArrayLike<number>,
    found: ArrayLike<NodeIndex>,
    count: number,
    draws?: readonly number[],
  ): number {
    switch (this.#options.tieBreak) {
      case 'heap':
        return firstByHeap(totals, count, draws)
      case 'name':
        return firstByName(totals, found, count, this.#cycle.cluster.nodes)
      case 'first':
        return firstFound(totals, count)
      case 'random':
        return oneByChance(totals, count, this.#options.ties)
    }
  }
}
