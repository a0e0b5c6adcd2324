import { assert } from '../base/assert.ts'
import type { TemplateId } from '../cluster/rows.ts'
import { NODE_COLUMN_NAMES } from './framework/node-columns.ts'
import type { NodeColumn, NodeColumns } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import { PodClasses } from './pod-class.ts'
import type { PodClass } from './pod-class.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** What a profile is made of: its plugins and, by extension point, which of them run and in what order. */
export interface ProfileDraft {
  readonly schedulerName: string
  /** Share of the nodes to find before scoring, in percent; 0 is adaptive; undefined falls to the global setting. */
  readonly percentageOfNodesToScore: number | undefined
  readonly plugins: readonly SchedulerPlugin[]
  /** Names of plugins by extension point, in order. */
  readonly points: {
    readonly queueSort: readonly string[]
    readonly preEnqueue: readonly string[]
    readonly preFilter: readonly string[]
    readonly filter: readonly string[]
    readonly postFilter: readonly string[]
    readonly preScore: readonly string[]
    readonly score: readonly string[]
    readonly reserve: readonly string[]
    readonly permit: readonly string[]
    readonly placementGenerate: readonly string[]
    readonly placementScore: readonly string[]
    readonly placementFeasible: readonly string[]
    readonly podGroupPostFilter: readonly string[]
  }
  readonly weights: ReadonlyMap<string, number>
  readonly placementWeights: ReadonlyMap<string, number>
}

/** Place of a plugin in its profile. */
export type PluginIndex = number

/** One scheduler profile, ready to run: plugins by number, each with the columns that it may read. */
export class Profile {
  readonly schedulerName: string
  readonly percentageOfNodesToScore: number | undefined
  readonly plugins: readonly SchedulerPlugin[]
  /** What each plugin sees of the nodes: only the columns it declares. */
  readonly columns: readonly NodeColumns[]
  readonly weights: readonly number[]
  readonly placementWeights: readonly number[]
  /** The plugin that sorts the queue, where it is not PrioritySort. */
  readonly queueSort: readonly PluginIndex[]
  readonly preEnqueue: readonly PluginIndex[]
  readonly preFilter: readonly PluginIndex[]
  readonly filter: readonly PluginIndex[]
  readonly postFilter: readonly PluginIndex[]
  readonly preScore: readonly PluginIndex[]
  readonly score: readonly PluginIndex[]
  readonly reserve: readonly PluginIndex[]
  readonly permit: readonly PluginIndex[]
  readonly placementGenerate: readonly PluginIndex[]
  readonly placementScore: readonly PluginIndex[]
  readonly placementFeasible: readonly PluginIndex[]
  readonly podGroupPostFilter: readonly PluginIndex[]
  /** Plugins that can say that they are idle, or need no state. */
  readonly idlers: readonly PluginIndex[]
  /** Whether a plugin that looks at the pod's size screens pods by it: then sizes of a template share no plan. */
  readonly hasSizedScreens: boolean
  /** Whether a plugin that looks at the pod's size may gate or screen pods by it, or rank nodes for some sizes only. */
  readonly tellsSizesApart: boolean
  /** Whether a total of all scores is an integer that a single float holds. */
  readonly hasSmallWeights: boolean
  /** Filter plugins that may say as numbers what they ask for. */
  readonly fitters: readonly PluginIndex[]
  /** Plugins whose terms depend on the pod's requests. */
  readonly sized: readonly PluginIndex[]
  /** Plugins whose words make a pod's signature; none when one of those that filter or score gives no signatures. */
  readonly signers: readonly PluginIndex[]
  readonly #classes: PodClasses
  readonly #indexByName: ReadonlyMap<string, PluginIndex>

  constructor(draft: ProfileDraft, nodes: NodeColumns) {
    this.schedulerName = draft.schedulerName
    this.percentageOfNodesToScore = draft.percentageOfNodesToScore
    this.plugins = draft.plugins
    this.columns = draft.plugins.map((plugin) => onlyColumns(nodes, plugin.reads))
    const weightsIn = (weights: ReadonlyMap<string, number>): number[] =>
      draft.plugins.map(({ name }) => weights.get(name) ?? 1)
    this.weights = weightsIn(draft.weights)
    this.placementWeights = weightsIn(draft.placementWeights)
    const numbered = (names: readonly string[]): PluginIndex[] =>
      names.map((name) => {
        const index = draft.plugins.findIndex((plugin) => plugin.name === name)
        assert(index >= 0, () => `profile ${draft.schedulerName} names ${name}, which it does not have`)
        return index
      })
    this.queueSort = numbered(draft.points.queueSort)
    this.preEnqueue = numbered(draft.points.preEnqueue)
    this.preFilter = numbered(draft.points.preFilter)
    this.filter = numbered(draft.points.filter)
    this.postFilter = numbered(draft.points.postFilter)
    this.preScore = numbered(draft.points.preScore)
    this.score = numbered(draft.points.score)
    this.reserve = numbered(draft.points.reserve)
    this.permit = numbered(draft.points.permit)
    this.placementGenerate = numbered(draft.points.placementGenerate)
    this.placementScore = numbered(draft.points.placementScore)
    this.placementFeasible = numbered(draft.points.placementFeasible)
    this.podGroupPostFilter = numbered(draft.points.podGroupPostFilter)
    this.idlers = draft.plugins.flatMap((plugin, index) =>
      plugin.isIdle === undefined && plugin.isStateless === undefined ? [] : [index],
    )
    this.hasSmallWeights = this.weights.reduce((sum, weight) => sum + weight * SCORE_MAX, 0) < 2 ** 23
    this.fitters = this.filter.filter((index) => draft.plugins[index]?.kernel !== undefined)
    this.sized = draft.plugins.flatMap((plugin, index) => (plugin.sized === false ? [] : [index]))
    this.hasSizedScreens = draft.plugins.some(
      (plugin) => plugin.sized !== false && (plugin.screen !== undefined || plugin.isIdle !== undefined),
    )
    // What says as numbers how it ranks nodes does so for all that ask for cpu and memory.
    const ranksBySize = (plugin: SchedulerPlugin): boolean =>
      plugin.sized !== false && plugin.ranks !== undefined && plugin.kernel === undefined
    this.tellsSizesApart =
      this.hasSizedScreens ||
      this.preEnqueue.some((index) => draft.plugins[index]?.sized !== false) ||
      draft.plugins.some(ranksBySize)
    const heard = [...new Set([...this.preFilter, ...this.filter, ...this.preScore, ...this.score])]
    this.signers = heard.every((index) => draft.plugins[index]?.sign !== undefined) ? heard : []
    this.#classes = new PodClasses(this)
    this.#indexByName = new Map(draft.plugins.map((plugin, index) => [plugin.name, index]))
  }

  /** Place of a plugin by name; -1 when the profile does not have it. */
  indexOf(name: string): PluginIndex {
    return this.#indexByName.get(name) ?? -1
  }

  /** The compiled pod: what was compiled for another pod of the same shape, where there was one. */
  classOf(shape: PlacedShape): PodClass {
    return this.#classes.classOf(shape)
  }

  /** The class of a shape, if it was compiled lately. */
  knownClassOf(shape: PlacedShape): PodClass | undefined {
    return this.#classes.known(shape)
  }

  /** Forgets the class of a template of which there will be no pods. */
  forget(template: TemplateId): void {
    this.#classes.forget(template)
  }

  /** A class by which other sizes of the template may be placed; see `PodClasses`. */
  kinOf(template: TemplateId): PodClass | undefined {
    return this.#classes.kinOf(template)
  }
}

/** An object with the methods of some columns and no others, so that undeclared reads fail loudly. */
function onlyColumns(nodes: NodeColumns, reads: readonly NodeColumn[]): NodeColumns {
  const picked: Partial<Record<NodeColumn, unknown>> = {}
  for (const column of NODE_COLUMN_NAMES) {
    if (reads.includes(column)) picked[column] = nodes[column].bind(nodes)
  }
  return Object.freeze(picked) as unknown as NodeColumns
}
