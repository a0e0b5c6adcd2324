import { widened } from '../base/widen.ts'
import type { FitKernel, ScoreKernel } from './framework/kernel.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import { ANY_POD, busyPlugins, planOf, readsObjectsOnly } from './index-plan.ts'
import type { Plan } from './index-plan.ts'
import type { NodeView } from './node-view.ts'
import { checkScores } from './normalize.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import { KERNEL_AMOUNT_MAX, fits, otherColumns, scoreOf } from './resource-kernel.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Fewest classes, and most templates, whose verdicts and scores are kept. */
const ENTRIES_MIN = 64
/** Nodes that all kept classes may have together, beyond the fewest. */
const CELLS_MAX = 1_000_000

/** What some plugins said of each node, valid while the node's version is the one that it was said at. */
interface Answers {
  readonly plan: Plan
  readonly terms: readonly unknown[]
  /** States of `prepareScore`, by plugin. */
  states: unknown[]
  version: Int32Array<ArrayBuffer>
  isFeasible: Uint8Array<ArrayBuffer>
  /** Plugin that rejected the node, where one did. */
  rejectedBy: Int16Array<ArrayBuffer>
  /** Sum of the weighted scores of the fixed plugins. */
  total: Float64Array<ArrayBuffer>
  /** Raw scores of the scaled plugins, a column each. */
  raw: Float64Array<ArrayBuffer>[]
  staticEpoch: number
}

/** All that is remembered of one class of pods; nothing for those that the index leaves to the definition. */
interface ClassEntry {
  readonly answers: ClassAnswers | undefined
  /** Plugins that were not idle when the entry was made. */
  readonly busy: number
}

/** What plugins said for one class of pods. */
interface ClassAnswers {
  /** Of plugins that look at Node objects only, shared by all sizes of a template. */
  readonly objects: Answers
  /** Of all plugins together. */
  readonly all: Answers
  readonly fit: FitKernel | undefined
  readonly fitIndex: PluginIndex | undefined
  /** Whether the order in which the index asks the filters is that of the profile, so that it knows who rejects. */
  readonly isOrdered: boolean
  readonly scores: readonly { readonly kernel: ScoreKernel; readonly weight: number }[]
}

/** Nodes found by the index, with their totals; the arrays are refilled by the next search. */
export interface IndexedSearch {
  found: Int32Array
  totals: Float64Array
  count: number
  evaluated: number
}

/**
 * The fast path of search and scores: remembers what plugins said of each node and asks again only about nodes that
 * changed since: plugins that look at Node objects only once a template and node, the others once a class and node.
 * Resource plugins with a kernel are asked as numbers. Answers as `cycle.ts` does, or not at all.
 *
 * Cost of a decision: O(nodes visited) array reads, plus the plugins' answers on changed nodes.
 */
export class ScoreIndex {
  readonly #cluster: SchedulerCluster
  readonly #classes = new Map<PodClass, ClassEntry>()
  readonly #templates = new Map<string, Answers>()
  readonly #spare: Answers[] = []
  readonly #search: IndexedSearch = {
    found: new Int32Array(0),
    totals: new Float64Array(0),
    count: 0,
    evaluated: 0,
  }
  #order = new Int32Array(0)
  #orderOf: readonly NodeIndex[] | undefined
  #hasHugeNodes = false
  #amountsEpoch = -1

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /**
   * Searches from `start` until `limit` nodes are found and adds up their scores; undefined when the class has to be
   * decided by the definition: a plugin needs the whole cluster or the nodes found, or PreFilter left nodes out.
   */
  search(profile: Profile, podClass: PodClass, start: number, limit: number): IndexedSearch | undefined {
    if (profile.filter.length === 0) return undefined
    this.#refreshOrder()
    if (this.#hasHugeNodes) return undefined
    const entry = this.#answersOf(profile, podClass)
    if (entry === undefined) return undefined
    this.#refresh(profile, entry.objects)
    this.#refresh(profile, entry.all)
    this.#find(profile, entry, start, limit)
    if (this.#search.count > 1) this.#total(profile, entry)
    return this.#search
  }

  /** Whether a node takes pods of a class; true when the index does not know. */
  admits(profile: Profile, podClass: PodClass, node: NodeIndex): boolean {
    const entry = this.#classes.get(podClass)?.answers
    const { nodes } = this.#cluster
    if (entry === undefined || !nodes.has(node) || entry.all.version.length !== nodes.version.length)
      return nodes.has(node)
    this.#refresh(profile, entry.objects)
    this.#refresh(profile, entry.all)
    const { version, isFeasible } = entry.all
    if (version[node] !== nodes.version[node]) this.#look(profile, entry, node)
    return isFeasible[node] === 1
  }

  /**
   * The plugins that rejected the nodes of a search that has just found none, in the order of the profile; undefined
   * when only the definition can say.
   */
  rejectingPlugins(profile: Profile, podClass: PodClass): readonly string[] | undefined {
    const entry = this.#classes.get(podClass)?.answers
    if (entry === undefined || !entry.isOrdered) return undefined
    const { nodes } = this.#cluster
    const { objects, all, fit, fitIndex } = entry
    const others = fit === undefined ? undefined : otherColumns(fit, nodes)
    const rejecting = new Set<PluginIndex>()
    for (const node of this.#order) {
      if (objects.version[node] !== nodes.objectVersion[node]) {
        objects.version[node] = nodes.objectVersion[node] as number
        objects.isFeasible[node] = this.#ask(profile, objects, node) ? 1 : 0
      }
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

  /** Follows nodes that came or went, and looks for amounts that the kernels do not count exactly. */
  #refreshOrder(): void {
    const { nodes, order } = this.#cluster
    if (this.#orderOf !== order) {
      this.#orderOf = order
      this.#order = Int32Array.from(order)
      this.#search.found = new Int32Array(order.length)
      this.#search.totals = new Float64Array(order.length)
    }
    if (this.#amountsEpoch === nodes.staticEpoch) return
    this.#amountsEpoch = nodes.staticEpoch
    this.#hasHugeNodes = order.some((node) => nodes.allocatableMemory(node) > KERNEL_AMOUNT_MAX)
  }

  #answersOf(profile: Profile, podClass: PodClass): ClassAnswers | undefined {
    const busy = busyPlugins(profile, podClass, this.#cluster)
    const known = this.#classes.get(podClass)
    if (known !== undefined) {
      this.#classes.delete(podClass)
      if (known.busy === busy) {
        this.#classes.set(podClass, known)
        return known.answers
      }
      if (known.answers !== undefined) this.#spare.push(known.answers.all)
    }
    const entriesMax = Math.max(ENTRIES_MIN, Math.floor(CELLS_MAX / this.#cluster.nodes.version.length))
    if (this.#classes.size >= entriesMax) this.#evictOldest()
    const answers = this.#makeAnswers(profile, podClass, busy)
    this.#classes.set(podClass, { answers, busy })
    return answers
  }

  /** Drops the class that was asked for longest ago; its columns serve the next one, so that a new class allocates none. */
  #evictOldest(): void {
    const oldest = this.#classes.keys().next()
    if (oldest.done === true) return
    const evicted = this.#classes.get(oldest.value)
    this.#classes.delete(oldest.value)
    if (evicted?.answers !== undefined) this.#spare.push(evicted.answers.all)
  }

  #makeAnswers(profile: Profile, podClass: PodClass, busy: number): ClassAnswers | undefined {
    const plan = planOf(profile, podClass, busy)
    if (plan === undefined) return undefined
    const isOfObject = (index: PluginIndex): boolean => readsObjectsOnly(profile, index)
    const key = `${profile.schedulerName}/${podClass.shape.template}`
    let objects = this.#templates.get(key)
    if (objects === undefined) {
      if (this.#templates.size >= ENTRIES_MIN) this.#templates.clear()
      const ofObject = {
        filters: plan.filters.filter(isOfObject),
        fixed: plan.fixed.filter(isOfObject),
        scaled: plan.scaled.filter(isOfObject),
      }
      objects = this.#emptyAnswers(ofObject, podClass)
      this.#templates.set(key, objects)
    }
    const kernels = plan.fixed.flatMap((index) => {
      const kernel = profile.plugins[index]?.kernel?.(podClass.terms[index]).score
      return kernel === undefined ? [] : [{ index, kernel, weight: profile.weights[index] ?? 1 }]
    })
    const fitIndex = plan.filters.find(
      (index) => profile.plugins[index]?.kernel?.(podClass.terms[index]).fit !== undefined,
    )
    const fit =
      fitIndex === undefined ? undefined : profile.plugins[fitIndex]?.kernel?.(podClass.terms[fitIndex]).fit
    const rest = {
      filters: plan.filters.filter((index) => !isOfObject(index) && index !== fitIndex),
      fixed: plan.fixed.filter((index) => !isOfObject(index) && !kernels.some((one) => one.index === index)),
      scaled: plan.scaled.filter((index) => !isOfObject(index)),
    }
    const asked = [...objects.plan.filters, ...(fitIndex === undefined ? [] : [fitIndex]), ...rest.filters]
    const isOrdered = asked.every((index, place) => index === plan.filters[place])
    return { objects, all: this.#emptyAnswers(rest, podClass), fit, fitIndex, isOrdered, scores: kernels }
  }

  #emptyAnswers(plan: Plan, podClass: PodClass): Answers {
    const spare = this.#spare.at(-1)?.raw.length === plan.scaled.length ? this.#spare.pop() : undefined
    spare?.version.fill(0)
    return {
      plan,
      terms: podClass.terms,
      states: [],
      version: spare?.version ?? new Int32Array(0),
      isFeasible: spare?.isFeasible ?? new Uint8Array(0),
      rejectedBy: spare?.rejectedBy ?? new Int16Array(0),
      total: spare?.total ?? new Float64Array(0),
      raw: spare?.raw ?? plan.scaled.map(() => new Float64Array(0)),
      staticEpoch: -1,
    }
  }

  /** Makes room for all nodes, and forgets what a change of Node objects elsewhere may have made stale. */
  #refresh(profile: Profile, answers: Answers): void {
    const { nodes } = this.#cluster
    const capacity = nodes.version.length
    if (answers.version.length < capacity) {
      answers.version = widened(answers.version, capacity)
      answers.isFeasible = widened(answers.isFeasible, capacity)
      answers.rejectedBy = widened(answers.rejectedBy, capacity)
      answers.total = widened(answers.total, capacity)
      answers.raw = answers.raw.map((column) => widened(column, capacity))
    }
    if (answers.staticEpoch === nodes.staticEpoch) return
    answers.staticEpoch = nodes.staticEpoch
    const prepared = [...answers.plan.fixed, ...answers.plan.scaled].filter(
      (index) => profile.plugins[index]?.prepareScoreFrom === 'node-objects',
    )
    for (const index of prepared) {
      const result = profile.plugins[index]?.prepareScore?.(
        answers.terms[index],
        this.#cluster,
        [],
        ANY_POD,
        undefined,
      )
      answers.states[index] = result !== undefined && 'state' in result ? result.state : undefined
    }
    if (prepared.length > 0) answers.version.fill(0)
  }

  #find(profile: Profile, entry: ClassAnswers, start: number, limit: number): void {
    const { nodes } = this.#cluster
    const { version } = nodes
    const order = this.#order
    const { found } = this.#search
    const { version: seen, isFeasible } = entry.all
    const others = entry.fit === undefined ? [] : otherColumns(entry.fit, nodes)
    const count = order.length
    let foundCount = 0
    let visited = 0
    let position = start
    for (; visited < count; visited++) {
      const node = order[position] as NodeIndex
      if (++position === count) position = 0
      if (seen[node] !== version[node]) {
        seen[node] = version[node] as number
        const isRoomy =
          entry.fit === undefined || (others !== undefined && fits(entry.fit, others, node, nodes))
        isFeasible[node] = isRoomy && this.#evaluate(profile, entry, node, nodes) ? 1 : 0
      }
      if (isFeasible[node] === 0) continue
      if (foundCount === limit) break
      found[foundCount++] = node
    }
    this.#search.count = foundCount
    this.#search.evaluated = visited
  }

  /** Asks about one node that changed. */
  #look(profile: Profile, entry: ClassAnswers, node: NodeIndex): void {
    const { nodes } = this.#cluster
    const others = entry.fit === undefined ? [] : otherColumns(entry.fit, nodes)
    const isRoomy = entry.fit === undefined || (others !== undefined && fits(entry.fit, others, node, nodes))
    entry.all.version[node] = nodes.version[node] as number
    entry.all.isFeasible[node] = isRoomy && this.#evaluate(profile, entry, node, nodes) ? 1 : 0
  }

  /** Asks the plugins about a node that has room; false when one of them rejects it. */
  #evaluate(profile: Profile, entry: ClassAnswers, node: NodeIndex, nodes: NodeView): boolean {
    const { objects, all } = entry
    const objectVersion = nodes.objectVersion[node] as number
    if (objects.version[node] !== objectVersion) {
      objects.version[node] = objectVersion
      objects.isFeasible[node] = this.#ask(profile, objects, node) ? 1 : 0
    }
    if (objects.isFeasible[node] === 0) return false
    if (!this.#ask(profile, all, node)) return false
    let total = (objects.total[node] as number) + (all.total[node] as number)
    for (const { kernel, weight } of entry.scores) total += scoreOf(kernel, node, nodes) * weight
    all.total[node] = total
    return true
  }

  /** Filters and scores of a plan's plugins on a node; false when a filter rejects it. */
  #ask(profile: Profile, answers: Answers, node: NodeIndex): boolean {
    const { plan, terms } = answers
    for (const index of plan.filters) {
      const plugin = profile.plugins[index]
      const columns = profile.columns[index]
      if (plugin?.filter === undefined || columns === undefined) continue
      try {
        if (plugin.filter(terms[index], node, columns, undefined) === undefined) continue
        answers.rejectedBy[node] = index
        return false
      } catch (error) {
        throw pluginFailure(plugin.name, 'filter', error, `node ${this.#cluster.nodes.name(node)}`)
      }
    }
    let total = 0
    for (const index of plan.fixed) {
      total += this.#scoreOf(profile, answers, index, node) * (profile.weights[index] ?? 1)
    }
    answers.total[node] = total
    for (let i = 0; i < plan.scaled.length; i++) {
      const column = answers.raw[i]
      if (column !== undefined) column[node] = this.#scoreOf(profile, answers, plan.scaled[i] ?? 0, node)
    }
    return true
  }

  #scoreOf(profile: Profile, answers: Answers, index: PluginIndex, node: NodeIndex): number {
    const plugin = profile.plugins[index]
    const columns = profile.columns[index]
    if (plugin?.score === undefined || columns === undefined) return 0
    try {
      const score = plugin.score(answers.terms[index], node, columns, answers.states[index])
      const isFixed = plugin.normalize === undefined || plugin.normalize === 'none'
      if (isFixed && !(Number.isInteger(score) && score >= 0 && score <= SCORE_MAX)) {
        checkScores(plugin.name, [score], () => `node ${this.#cluster.nodes.name(node)}`)
      }
      return score
    } catch (error) {
      throw pluginFailure(plugin.name, 'score', error, `node ${this.#cluster.nodes.name(node)}`)
    }
  }

  /** Adds the scaled plugins to the totals of the nodes found: `normalize.ts`, with the columns as they stand. */
  #total(profile: Profile, entry: ClassAnswers): void {
    const { found, totals, count } = this.#search
    const { total } = entry.all
    for (let i = 0; i < count; i++) totals[i] = total[found[i] as number] as number
    this.#addScaled(profile, entry.objects)
    this.#addScaled(profile, entry.all)
  }

  #addScaled(profile: Profile, answers: Answers): void {
    const { found, totals, count } = this.#search
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
