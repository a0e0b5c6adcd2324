import { assert } from '../base/assert.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { EXTENDER, Extenders } from './extenders.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import type { PreparedScore, Screening } from './framework/plugin.ts'
import type { GroupMark } from './framework/pod-groups.ts'
import { unresolvable } from './framework/verdict.ts'
import type { Rejection } from './framework/verdict.ts'
import { NodeRejections } from './node-rejections.ts'
import { obstaclesAt } from './obstacles.ts'
import { onTrial } from './on-trial.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PluginPlace } from './plugin-call.ts'
import type { PluginRejection, PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import { reserveOn } from './reserving.ts'
import type { ReservedParts } from './reserving.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { prepareScore, scoreNodes } from './scoring.ts'
import type { ScoreOptions, ScoredCycle } from './scoring.ts'

/** Stands for the extenders where a plugin's number is expected. */
const BY_EXTENDER: PluginIndex = -2

/**
 * One pod against the cluster, step by step in kube-scheduler's order: the definition that every fast path answers to.
 *
 * `begin`, then `preFilter`, then `check` nodes, then `score` those found. One object serves one pod at a time.
 */
export class Cycle {
  readonly cluster: SchedulerCluster
  /** What PreFilter wants PodGroups to be marked with, if the cycle is one that counts. */
  readonly marks: GroupMark[] = []
  readonly extenders: Extenders
  #profile: Profile | undefined
  #podClass: PodClass | undefined
  #pod = -1 as PodRow
  #states: unknown[] = []
  #skipped: boolean[] = []
  #allowed: ReadonlySet<string> | undefined
  #restrictedBy: string[] = []
  /** Plugin that gave the last rejection. */
  #rejecting: PluginIndex = -1
  #preFilterRejection: PluginRejection | undefined
  /** Number of PreFilter plugins that were run. */
  #prepared = 0
  #error: PluginRejection | undefined
  /** Whether extenders left out nodes that the plugins had found. */
  #isExtenderRejected = false
  readonly #rejections = new NodeRejections()
  /** Who rejects the pod, where that is known although the nodes were not looked at. */
  #knownRejecting: readonly string[] | undefined

  constructor(cluster: SchedulerCluster, extenders = new Extenders()) {
    this.cluster = cluster
    this.extenders = extenders
  }

  /** Starts on a pod; `pod` is its row. */
  begin(profile: Profile, podClass: PodClass, pod: PodRow): void {
    this.#profile = profile
    this.#podClass = podClass
    this.#pod = pod
    this.#allowed = undefined
    this.#restrictedBy = []
    this.#preFilterRejection = undefined
    this.#prepared = 0
    this.#error = undefined
    this.#isExtenderRejected = false
    this.#rejections.begin()
    this.#knownRejecting = undefined
    this.#states = []
    this.#skipped = []
    this.marks.length = 0
  }

  get profile(): Profile {
    assert(this.#profile !== undefined, 'no scheduling cycle has begun')
    return this.#profile
  }

  get podClass(): PodClass {
    assert(this.#podClass !== undefined, 'no scheduling cycle has begun')
    return this.#podClass
  }

  /** Row of the pod. */
  get pod(): PodRow {
    return this.#pod
  }

  /** Names of the nodes that PreFilter left; undefined for all. */
  get allowedNames(): ReadonlySet<string> | undefined {
    return this.#allowed
  }

  /** Plugins that restricted the nodes. */
  get restrictedBy(): readonly string[] {
    return this.#restrictedBy
  }

  /** What a plugin's `prepare` made in this cycle. */
  stateOf(index: PluginIndex): unknown {
    return this.#states[index]
  }

  /** Whether PreFilter was run up to this plugin and with it. */
  isPrepared(index: PluginIndex): boolean {
    return this.profile.preFilter.slice(0, this.#prepared).includes(index)
  }

  /** The error that ended the cycle; the pod can then not be decided on. */
  get error(): PluginRejection | undefined {
    return this.#error
  }

  /** Why PreFilter rejected the pod; undefined when it did not. */
  get preFilterRejection(): PluginRejection | undefined {
    return this.#preFilterRejection
  }

  /** Whether a plugin's filter is not run for this pod. */
  isSkipped(index: PluginIndex): boolean {
    return this.#skipped[index] === true
  }

  /** Why PreFilter rejects the pod, if so; after a rejection that preemption may cure, the others are asked too. */
  preFilter(): PluginRejection | undefined {
    const { profile, podClass } = this
    for (const index of profile.preFilter) {
      this.#prepared += 1
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const screening = podClass.screenings[index]
      if (screening !== undefined && this.#apply(index, screening)) return this.#preFilterRejection
      if (this.#skipped[index] === true || plugin.prepare === undefined) continue
      try {
        const prepared = plugin.prepare(podClass.terms[index], this.cluster, this.#identity)
        if ('state' in prepared) {
          this.#states[index] = prepared.state
          const { nodeNames, reject, mark } = prepared
          if (mark !== undefined) this.marks.push(mark)
          if (reject !== undefined && this.#apply(index, { reject })) return this.#preFilterRejection
          if (nodeNames !== undefined && this.#apply(index, { nodeNames })) return this.#preFilterRejection
        } else if (this.#apply(index, prepared)) return this.#preFilterRejection
      } catch (error) {
        throw pluginFailure(plugin.name, 'prepare', error, this.#podPlace())
      }
    }
    return this.#preFilterRejection
  }

  /** The nodes to search, in the scheduler's order. */
  candidates(): readonly NodeIndex[] {
    const allowed = this.#allowed
    const { searchOrder } = this.cluster
    if (allowed === undefined) return searchOrder
    const [name = ''] = allowed
    const node = allowed.size === 1 ? this.cluster.nodeNamed(name) : undefined
    if (node !== undefined && this.cluster.searches(node)) return [node]
    return searchOrder.filter((node) => allowed.has(this.cluster.nodes.name(node)))
  }

  /**
   * All filters on one node: why it will not do, or undefined. With pods of equal or higher priority nominated to the
   * node it has to pass both with them and without.
   */
  check(node: NodeIndex): Rejection | undefined {
    const rejection = this.#checkWithNominated(node)
    if (rejection === undefined) return undefined
    this.#rejections.keep(node, this.#rejecting, rejection)
    if (rejection.code === 'Error') {
      const plugin = this.profile.plugins[this.#rejecting]?.name ?? ''
      this.#error ??= { plugin, rejection }
    }
    return rejection
  }

  /** Whether these filters let the pod on the node, nominated pods left out; nothing of it is kept. */
  passes(node: NodeIndex, filters: readonly PluginIndex[]): boolean {
    return this.#runFilters(node, filters) === undefined
  }

  /** An extender does not take a node that the plugins took. */
  rejectByExtender(node: NodeIndex, rejection: Rejection): void {
    this.#rejections.keep(node, BY_EXTENDER, rejection)
  }

  /** Extenders left out nodes, whether or not they said why. */
  noteExtenderRejection(): void {
    this.#isExtenderRejected = true
  }

  /** All filters on one node without nominated pods; what it says is not kept as the node's rejection. */
  checkAlone(node: NodeIndex): Rejection | undefined {
    return this.#runFilters(node)
  }

  /** As `check`, on a view that a trial has changed: what it says is not kept as the node's rejection. */
  checkOnTrial(node: NodeIndex): Rejection | undefined {
    return this.#checkWithNominated(node)
  }

  /** All reasons for which a node will not do as a trial has left the view. */
  reasonsOnTrial(node: NodeIndex): readonly string[] {
    return this.#withNominated(node, () => this.#explain(node)) ?? this.#explain(node) ?? []
  }

  /** No node takes the pod, and these plugins reject it: why, each node is asked when somebody wants to know. */
  knowRejected(by: readonly string[]): void {
    this.#knownRejecting = by
  }

  /** Why `check` rejected the node in this cycle. */
  rejectionOf(node: NodeIndex): PluginRejection | undefined {
    if (this.#knownRejecting !== undefined && this.#rejections.of(node) === undefined) this.check(node)
    const rejection = this.#rejections.of(node)
    const by = this.#rejections.by(node)
    const plugin = by === BY_EXTENDER ? EXTENDER : this.profile.plugins[by]?.name
    return rejection === undefined || plugin === undefined ? undefined : { plugin, rejection }
  }

  /** All reasons for which a node that `check` rejected will not do. */
  reasonsOf(node: NodeIndex): readonly string[] {
    const found = this.rejectionOf(node)
    if (found === undefined) return []
    if (found.rejection.reasons.length > 0) return found.rejection.reasons
    return this.reasonsOnTrial(node)
  }

  /** Every filter that rejects the node, each asked whatever the others say, with all its reasons. */
  obstaclesOf(node: NodeIndex): readonly PluginRejection[] {
    const together = this.#withNominated(node, () => this.#obstacles(node)) ?? []
    return together.length > 0 ? together : this.#obstacles(node)
  }

  /** Plugins that rejected the pod or one of its nodes in this cycle, in the order of the profile. */
  rejectingPlugins(): readonly string[] {
    if (this.#knownRejecting !== undefined) return this.#knownRejecting
    if (this.#preFilterRejection !== undefined) return [this.#preFilterRejection.plugin]
    const names = new Set<string>(this.#restrictedBy)
    for (const node of this.cluster.searchOrder) {
      const found = this.rejectionOf(node)
      if (found !== undefined) names.add(found.plugin)
    }
    const plugins = this.profile.plugins.map((plugin) => plugin.name).filter((name) => names.has(name))
    return this.#isExtenderRejected ? [...plugins, EXTENDER] : plugins
  }

  /** The rejection of nodes that PreFilter left out. */
  leftOutReason(): Rejection {
    return unresolvable(`node(s) didn't satisfy plugin(s) [${[...this.#restrictedBy].sort().join(' ')}]`)
  }

  /** Scores the nodes found: totals in their order. */
  score(found: readonly NodeIndex[], options: ScoreOptions = {}): number[] {
    return scoreNodes(this.#scored(), found, options)
  }

  /** PreScore of one plugin for the nodes found; undefined when it has none. */
  prepareScore(index: PluginIndex, found: readonly NodeIndex[]): PreparedScore<unknown> | undefined {
    return prepareScore(this.#scored(), index, found)
  }

  /** What the reserve plugins set aside on the chosen node. */
  reserve(node: NodeIndex): ReservedParts {
    const { profile, podClass, cluster } = this
    return reserveOn(node, { profile, podClass, cluster, identity: this.#identity, states: this.#states })
  }

  /** Tells the plugins' states that a pod joined or left a node, on trial. */
  updateStates(pod: PodRow, node: NodeIndex, sign: 1 | -1): void {
    const { profile, podClass } = this
    for (const index of profile.preFilter) {
      const plugin = profile.plugins[index]
      if (this.#skipped[index] === true || plugin?.update === undefined) continue
      const change = { pod: this.cluster.shapes.placedPod(pod), node, sign }
      try {
        plugin.update(podClass.terms[index], this.#states[index], change, this.cluster)
      } catch (error) {
        throw pluginFailure(plugin.name, 'update', error, this.#place(node))
      }
    }
  }

  /** Whether the pod is ended: a plugin rejected it for good, or no node is left. */
  #apply(index: PluginIndex, screening: Screening): boolean {
    const plugin = this.profile.plugins[index]?.name ?? ''
    if ('skip' in screening) {
      this.#skipped[index] = true
      return false
    }
    if ('reject' in screening) {
      this.#preFilterRejection = { plugin, rejection: screening.reject }
      return screening.reject.code !== 'Unschedulable'
    }
    const before = this.#allowed
    const names = screening.nodeNames.filter((name) => before?.has(name) ?? true)
    this.#restrictedBy.push(plugin)
    this.#allowed = new Set(names)
    if (names.length > 0) return false
    const by = [...this.#restrictedBy].sort()
    const reason =
      by.length === 1
        ? `node(s) didn't satisfy plugin ${by.join('')}`
        : `node(s) didn't satisfy plugin(s) [${by.join(' ')}] simultaneously`
    this.#preFilterRejection = { plugin: '', rejection: unresolvable(reason) }
    return true
  }

  #checkWithNominated(node: NodeIndex): Rejection | undefined {
    const together = this.#withNominated(node, () => this.#runFilters(node))
    return together ?? this.#runFilters(node)
  }

  /** Runs the body with the node's nominated pods counted on it; undefined when there are none that count. */
  #withNominated<Result>(node: NodeIndex, body: () => Result): Result | undefined {
    const { nominations, nodes, api } = this.cluster
    if (nominations.size === 0) return undefined
    const priority = api.pods.table.priority(this.#pod) ?? this.podClass.shape.priority
    const counted = nominations
      .on(node as NodeRow)
      .filter((pod) => pod !== this.#pod && api.pods.table.priority(pod) >= priority)
    if (counted.length === 0) return undefined
    return onTrial(nodes, () => {
      for (const pod of counted) {
        nodes.addPod(pod, node, 0)
        this.updateStates(pod, node, 1)
      }
      const result = body()
      for (const pod of counted) {
        nodes.removePod(pod)
        this.updateStates(pod, node, -1)
      }
      return result
    })
  }

  #runFilters(node: NodeIndex, filters = this.profile.filter): Rejection | undefined {
    const { profile, podClass } = this
    for (const index of filters) {
      if (this.#skipped[index] === true) continue
      const plugin = profile.plugins[index]
      const columns = profile.columns[index]
      if (plugin?.filter === undefined || columns === undefined) continue
      try {
        const rejection = plugin.filter(podClass.terms[index], node, columns, this.#states[index])
        if (rejection === undefined) continue
        this.#rejecting = index
        return rejection
      } catch (error) {
        throw pluginFailure(plugin.name, 'filter', error, this.#place(node))
      }
    }
    return undefined
  }

  /** The reasons of the first plugin that rejects the node as the view stands; undefined when none does. */
  #explain(node: NodeIndex): readonly string[] | undefined {
    const rejection = this.#runFilters(node)
    if (rejection === undefined) return undefined
    const index = this.#rejecting
    const plugin = this.profile.plugins[index]
    const columns = this.profile.columns[index]
    if (rejection.reasons.length > 0 || plugin?.explain === undefined || columns === undefined) {
      return rejection.reasons
    }
    try {
      return plugin.explain(this.podClass.terms[index], node, columns, this.#states[index])
    } catch (error) {
      throw pluginFailure(plugin.name, 'explain', error, this.#place(node))
    }
  }

  #obstacles(node: NodeIndex): readonly PluginRejection[] {
    return obstaclesAt(node, this.#scored(), (index) => this.isSkipped(index))
  }

  #scored(): ScoredCycle {
    const place = (node: NodeIndex | undefined): PluginPlace => this.#place(node)
    const { profile, podClass, cluster } = this
    return { profile, podClass, cluster, identity: this.#identity, states: this.#states, place }
  }

  get #identity(): PodIdentity {
    return this.cluster.shapes.identityOf(this.#pod)
  }

  #podPlace(): PluginPlace {
    return { pod: this.cluster.shapes.keyOf(this.#pod) }
  }

  #place(node: NodeIndex | undefined): PluginPlace {
    return node === undefined
      ? this.#podPlace()
      : { ...this.#podPlace(), node: this.cluster.nodes.name(node) }
  }
}
