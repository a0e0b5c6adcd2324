import type { NodeRow } from '../cluster/rows.ts'
import { AnswerKeys } from './answer-keys.ts'
import type { AnswerKey } from './answer-keys.ts'
import type { FitKernel, ScoreKernel } from './framework/kernel.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import type { CycleVoice } from './cycle-voice.ts'
import { KinPlans } from './kin-plans.ts'
import type { KinPlan } from './kin-plans.ts'
import { PluginAnswers } from './plugin-answers.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import { KERNEL_AMOUNT_MAX } from './kernel-rows.ts'
import { fitsBesideNominated } from './number-trials.ts'
import { NO_OTHERS, fits, otherColumns, scoreOf } from './resource-kernel.ts'
import type { OtherColumn } from './resource-kernel.ts'
import { NumberScan, isNumeric, isRejectedByRoom } from './number-scan.ts'
import type { ScanRange, SizeAsk } from './number-scan.ts'
import type { ScanResult } from './kernel-scan.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Fewest classes whose verdicts and scores are kept. */
const ENTRIES_MIN = 64
/** Nodes that all kept classes may have together, beyond the fewest. */
const CELLS_MAX = 1_000_000

/** What plugins said for one class of pods, and for others with the same terms. */
interface ClassAnswers {
  readonly plan: KinPlan
  /** Of all plugins together. */
  readonly all: PluginAnswers
  readonly fit: FitKernel | undefined
  readonly scores: readonly { readonly kernel: ScoreKernel; readonly weight: number }[]
}

/** How a class is answered that only room and Node objects keep off nodes, and the room that it asks for. */
export interface RoomPlan {
  readonly plan: KinPlan
  readonly fit: FitKernel
}

/** A class of pods to find nodes for, with what `planOf` says of it now. */
export interface IndexSubject {
  readonly profile: Profile
  readonly podClass: PodClass
  readonly plan: KinPlan
}

/** Nodes found by the index, with their totals; the arrays are refilled by the next search. */
export interface IndexedSearch {
  readonly found: NodeIndex[]
  totals: Float64Array
  evaluated: number
}

/**
 * The fast path of search and scores: remembers what plugins said of each node and asks again only about nodes that
 * changed since: plugins that look at Node objects only once for equal terms and a node, the others once a class and
 * node. Resource plugins with a kernel are asked as numbers; where nothing else has a say, one pass over the numbers
 * decides (`scan`). Answers as `cycle.ts` does, or not at all.
 *
 * Cost of a decision: O(nodes visited) array reads, plus the plugins' answers on changed nodes.
 */
export class ScoreIndex {
  readonly #cluster: SchedulerCluster
  readonly #plans: KinPlans
  readonly #scan: NumberScan
  readonly #keys = new AnswerKeys()
  readonly #classes = new Map<AnswerKey, ClassAnswers>()
  readonly #spare: PluginAnswers[] = []
  readonly #search: IndexedSearch = {
    found: [],
    totals: new Float64Array(0),
    evaluated: 0,
  }
  #order = new Int32Array(0)
  #orderOf: readonly NodeIndex[] | undefined
  /** The nodes of placements of groups, by their list. */
  readonly #placements = new WeakMap<readonly NodeIndex[], Int32Array>()
  /** Who rejects the nodes of classes that numbers decide and that fit nowhere: it follows from the Node objects. */
  readonly #rejecting = new WeakMap<KinPlan, { order: Int32Array; epoch: number; names: readonly string[] }>()
  #hasHugeNodes = false
  #amountsEpoch = -1

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
    this.#plans = new KinPlans(cluster)
    this.#scan = new NumberScan(cluster)
  }

  /**
   * Searches from `start` until `limit` nodes are found and takes the first maximum in heap pre-order, in one pass over
   * numbers; undefined where plugins have to be asked.
   */
  scan(
    { profile, podClass, plan }: IndexSubject,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): ScanResult | undefined {
    // What is remembered of each node serves better where pods are tried on few nodes at a time, and on them again.
    if (profile.filter.length === 0 || this.#cluster.isRestricted) return undefined
    this.#refreshOrder()
    return this.#scan.run({ profile, podClass, plan, order: this.#order }, { start, limit })
  }

  /** As `scan`, for a pod that has no class of its own: by the size that it brings, and the class of another size. */
  scanSize(kin: PodClass, profile: Profile, size: SizeAsk, range: ScanRange): ScanResult | undefined {
    if (profile.filter.length === 0) return undefined
    const plan = this.#plans.of(profile, kin)
    if (plan === undefined) return undefined
    this.#refreshOrder()
    return this.#scan.runSize({ profile, podClass: kin, plan, order: this.#order }, size, range)
  }

  /** Who has a say about a class as the cluster stands; undefined when the class has to be decided by the definition. */
  planOf(profile: Profile, podClass: PodClass): KinPlan | undefined {
    return this.#plans.of(profile, podClass)
  }

  /**
   * The plan of a class that only numbers and plugins of Node objects may reject, with what these say of every node;
   * undefined for other classes. Others may have a say in how nodes rank.
   */
  planByRoom(profile: Profile, podClass: PodClass): RoomPlan | undefined {
    const plan = this.#plans.of(profile, podClass)
    const { fit } = podClass
    if (plan === undefined || fit === undefined || fit.others.length > 0 || !isRejectedByRoom(plan)) {
      return undefined
    }
    this.#refreshOrder()
    plan.objects.complete(this.#order)
    return { plan, fit }
  }

  /** Whether no node has room for a class beside the pods that are nominated to it; false where room is not all that counts. */
  isFull(profile: Profile, podClass: PodClass): boolean {
    const known = this.planByRoom(profile, podClass)
    if (known === undefined) return false
    const { isFeasible } = known.plan.objects
    return this.#searchOrder().every(
      (node) => isFeasible[node] === 0 || !fitsBesideNominated(this.#cluster, known.fit, node as NodeRow),
    )
  }

  /**
   * Searches from `start` until `limit` nodes are found and adds up their scores; undefined when the class has to be
   * decided by the definition. `voice` speaks for the plugins that have to be asked in each cycle.
   */
  search(
    { profile, podClass, plan, voice }: IndexSubject & { readonly voice?: CycleVoice | undefined },
    start: number,
    limit: number,
  ): IndexedSearch | undefined {
    if (profile.filter.length === 0) return undefined
    this.#refreshOrder()
    if (this.#hasHugeNodes) return undefined
    const entry = this.#answersOf(profile, podClass, plan)
    // Told of all nodes, they know whether there is anything of theirs to scale.
    plan.objects.complete(this.#order)
    this.#find(entry, voice, start, limit)
    const { found, totals } = this.#search
    if (found.length > 1) {
      this.#total(profile, entry)
      voice?.score(found, totals)
    }
    return this.#search
  }

  /** Whether a node takes pods of a class; true when the index does not know. */
  admits(profile: Profile, podClass: PodClass, node: NodeIndex): boolean {
    const { nodes } = this.#cluster
    if (!nodes.has(node)) return false
    this.#refreshOrder()
    if (this.#hasHugeNodes) return true
    // Whatever else is asked of a node: without the cpu, the memory or a place for the pod it will not do.
    if (podClass.fit !== undefined && !fits(podClass.fit, NO_OTHERS, node, nodes)) return false
    const plan = this.#plans.of(profile, podClass)
    if (plan === undefined || plan.cycle !== undefined) return true
    if (isNumeric(plan)) {
      plan.objects.complete(this.#order)
      return plan.objects.isFeasible[node] === 1
    }
    const entry = this.#answersOf(profile, podClass, plan)
    if (entry.all.version[node] !== nodes.version[node]) this.#look(entry, node, this.#othersOf(entry))
    return entry.all.isFeasible[node] === 1
  }

  /**
   * The plugins that reject the nodes of a class that fits nowhere, in the order of the profile; undefined when only the
   * definition can say.
   */
  rejectingPlugins(profile: Profile, podClass: PodClass): readonly string[] | undefined {
    const plan = this.#plans.of(profile, podClass)
    if (plan === undefined || !plan.isOrdered) return undefined
    this.#refreshOrder()
    if (isRejectedByRoom(plan)) return this.#rejectingByRoom(profile, plan)
    if (this.#hasHugeNodes) return undefined
    const entry = this.#answersOf(profile, podClass, plan)
    const { nodes } = this.#cluster
    const { fit, all } = entry
    const { objects, fitIndex } = entry.plan
    const others = this.#othersOf(entry)
    const rejecting = new Set<PluginIndex>()
    objects.complete(this.#order)
    for (const node of this.#searchOrder()) {
      if (all.version[node] !== nodes.version[node]) this.#look(entry, node, others)
      if (objects.isFeasible[node] === 0) rejecting.add(objects.rejectedBy[node] as number)
      else if (
        fit !== undefined &&
        fitIndex !== undefined &&
        (others === undefined || !fits(fit, others, node, nodes))
      ) {
        rejecting.add(fitIndex)
      } else rejecting.add(all.rejectedBy[node] as number)
    }
    return profile.plugins.flatMap((plugin, index) => (rejecting.has(index) ? [plugin.name] : []))
  }

  /** Where only room and Node objects reject nodes: what is not rejected by its object has no room. */
  #rejectingByRoom(profile: Profile, plan: KinPlan): readonly string[] {
    const { objects, fitIndex } = plan
    objects.complete(this.#order)
    const order = this.#searchOrder()
    const known = this.#rejecting.get(plan)
    if (known?.order === order && known.epoch === objects.completeEpoch) return known.names
    const rejecting = new Set<PluginIndex>()
    for (const node of order) {
      const by = objects.isFeasible[node] === 0 ? (objects.rejectedBy[node] as number) : fitIndex
      if (by !== undefined) rejecting.add(by)
    }
    const names = profile.plugins.flatMap((plugin, index) => (rejecting.has(index) ? [plugin.name] : []))
    this.#rejecting.set(plan, { order, epoch: objects.completeEpoch, names })
    return names
  }

  /** The nodes that pods are tried on: all, or those of a placement of their group. */
  #searchOrder(): Int32Array {
    const { searchOrder, isRestricted } = this.#cluster
    if (!isRestricted) return this.#order
    let nodes = this.#placements.get(searchOrder)
    if (nodes === undefined) {
      nodes = Int32Array.from(searchOrder)
      this.#placements.set(searchOrder, nodes)
    }
    return nodes
  }

  /** Follows nodes that came or went, and looks for amounts that the kernels do not count exactly. */
  #refreshOrder(): void {
    const { nodes, order } = this.#cluster
    if (this.#orderOf !== order) {
      this.#orderOf = order
      this.#order = Int32Array.from(order)
      this.#search.totals = new Float64Array(order.length)
    }
    if (this.#amountsEpoch === nodes.staticEpoch) return
    this.#amountsEpoch = nodes.staticEpoch
    this.#hasHugeNodes = this.#findsHuge(order)
  }

  #findsHuge(order: readonly NodeIndex[]): boolean {
    return order.some((node) => this.#cluster.nodes.allocatableMemory(node) > KERNEL_AMOUNT_MAX)
  }

  /** What is remembered of a class, with room for all nodes. */
  #answersOf(profile: Profile, podClass: PodClass, plan: KinPlan): ClassAnswers {
    const key = this.#keys.of(profile, podClass, plan)
    let entry = this.#classes.get(key)
    this.#classes.delete(key)
    if (entry === undefined || (key === podClass && entry.plan !== plan)) {
      if (entry !== undefined) this.#spare.push(entry.all)
      const entriesMax = Math.max(ENTRIES_MIN, Math.floor(CELLS_MAX / this.#cluster.nodes.version.length))
      if (this.#classes.size >= entriesMax) this.#evictOldest()
      entry = this.#makeAnswers(profile, podClass, plan)
    }
    this.#classes.set(key, entry)
    entry.plan.objects.refresh()
    entry.all.refresh()
    return entry
  }

  /** Drops the class that was asked for longest ago; its columns serve the next one, so that a new class allocates none. */
  #evictOldest(): void {
    const oldest = this.#classes.keys().next()
    if (oldest.done === true) return
    const evicted = this.#classes.get(oldest.value)
    this.#classes.delete(oldest.value)
    if (evicted !== undefined) this.#spare.push(evicted.all)
  }

  #makeAnswers(profile: Profile, podClass: PodClass, plan: KinPlan): ClassAnswers {
    const { terms } = podClass
    // Without a place in the plan, the filter that says it has more to say in this cluster.
    const fit = plan.fitIndex === undefined ? undefined : podClass.fit
    const scores = plan.scores.flatMap(({ index, weight }) => {
      const kernel = profile.plugins[index]?.kernel?.(terms[index]).score
      return kernel === undefined ? [] : [{ kernel, weight }]
    })
    const spare = this.#spare.pop()
    const all = new PluginAnswers(profile, plan.rest, { terms, cluster: this.#cluster, spare })
    return { plan, all, fit, scores }
  }

  #find(entry: ClassAnswers, voice: CycleVoice | undefined, start: number, limit: number): void {
    const { version } = this.#cluster.nodes
    const order = this.#searchOrder()
    const others = this.#othersOf(entry)
    const { found } = this.#search
    const { version: seen, isFeasible } = entry.all
    const count = order.length
    let foundCount = 0
    let visited = 0
    let position = start
    for (; visited < count; visited++) {
      const node = order[position] as NodeIndex
      if (++position === count) position = 0
      if (seen[node] !== version[node]) this.#look(entry, node, others)
      if (isFeasible[node] === 0 || voice?.admits(node) === false) continue
      if (foundCount === limit) break
      found[foundCount++] = node
    }
    found.length = foundCount
    this.#search.evaluated = visited
  }

  /** What a class asks for beside cpu and memory, as columns; undefined where no node has one of them. */
  #othersOf({ fit }: ClassAnswers): readonly OtherColumn[] | undefined {
    return fit === undefined ? NO_OTHERS : otherColumns(fit, this.#cluster.nodes)
  }

  /** Asks about one node that changed. */
  #look(entry: ClassAnswers, node: NodeIndex, others: readonly OtherColumn[] | undefined): void {
    const { nodes } = this.#cluster
    const { fit, all } = entry
    const { objects } = entry.plan
    all.version[node] = nodes.version[node] as number
    all.isFeasible[node] = 0
    if (fit !== undefined && (others === undefined || !fits(fit, others, node, nodes))) return
    const objectVersion = nodes.objectVersion[node] as number
    if (objects.version[node] !== objectVersion) {
      objects.version[node] = objectVersion
      objects.ask(node)
    }
    if (objects.isFeasible[node] === 0 || !all.ask(node)) {
      all.isFeasible[node] = 0
      return
    }
    let total = (objects.total[node] as number) + (all.total[node] as number)
    for (const { kernel, weight } of entry.scores) total += scoreOf(kernel, node, nodes) * weight
    all.total[node] = total
  }

  /** Adds the scaled plugins to the totals of the nodes found: `normalize.ts`, with the columns as they stand. */
  #total(profile: Profile, entry: ClassAnswers): void {
    const { found, totals } = this.#search
    const count = found.length
    const { total } = entry.all
    for (let i = 0; i < count; i++) totals[i] = total[found[i] as number] as number
    if (!entry.plan.objects.isFlat) this.#addScaled(profile, entry.plan.objects)
    this.#addScaled(profile, entry.all)
  }

  #addScaled(profile: Profile, answers: PluginAnswers): void {
    const { found, totals } = this.#search
    const count = found.length
    for (let k = 0; k < answers.plan.scaled.length; k++) {
      const index = answers.plan.scaled[k] ?? 0
      const column = answers.raw[k]
      if (column === undefined) continue
      const weight = profile.weights[index] ?? 1
      const isReversed = profile.plugins[index]?.normalize === 'by-maximum-reversed'
      let maximum = 0
      for (let i = 0; i < count; i++) maximum = Math.max(maximum, column[found[i] as number] as number)
      // With nothing to scale every node gets the same, which moves no choice.
      if (maximum === 0) continue
      for (let i = 0; i < count; i++) {
        const scaled = Math.trunc((SCORE_MAX * (column[found[i] as number] as number)) / maximum)
        totals[i] = (totals[i] as number) + (isReversed ? SCORE_MAX - scaled : scaled) * weight
      }
    }
  }
}
