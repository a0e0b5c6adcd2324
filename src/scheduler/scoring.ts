import type { NodeIndex } from './framework/node-columns.ts'
import type { PreparedScore } from './framework/plugin.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import { checkScores, normalizeScores } from './normalize.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PluginPlace } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Raw, normalised and weighted scores of one plugin, in the order of the nodes found. */
export interface PluginScores {
  readonly plugin: string
  readonly raw: readonly number[]
  readonly normalized: readonly number[]
  readonly weight: number
}

/** How to score, beyond the definition of a cycle. */
export interface ScoreOptions {
  /** Gets what each plugin said. */
  readonly details?: PluginScores[] | undefined
  /** Only these plugins. */
  readonly scorers?: readonly PluginIndex[]
  /** The raw score that a plugin gave the node at a place before, where it stands. */
  readonly kept?: (index: PluginIndex, place: number) => number | undefined
}

/** What scoring knows of its cycle. */
export interface ScoredCycle {
  readonly profile: Profile
  readonly podClass: PodClass
  readonly cluster: SchedulerCluster
  readonly identity: PodIdentity
  /** What `prepare` of each plugin made. */
  readonly states: readonly unknown[]
  readonly place: (node: NodeIndex | undefined) => PluginPlace
}

/** PreScore of one plugin for the nodes found; undefined when it has none. */
export function prepareScore(
  { profile, podClass, cluster, identity, states }: ScoredCycle,
  index: PluginIndex,
  found: readonly NodeIndex[],
): PreparedScore<unknown> | undefined {
  return profile.plugins[index]?.prepareScore?.(
    podClass.terms[index],
    cluster,
    found,
    identity,
    states[index],
  )
}

/**
 * Totals of the nodes found, in their order.
 *
 * PreScore of all plugins runs first; then each plugin scores, normalises and is weighted.
 */
export function scoreNodes(
  cycle: ScoredCycle,
  found: readonly NodeIndex[],
  { details, scorers = cycle.podClass.scorers, kept }: ScoreOptions,
): number[] {
  const { profile, podClass, place } = cycle
  const totals = new Array<number>(found.length).fill(0)
  for (const index of scorers) {
    const plugin = profile.plugins[index]
    const columns = profile.columns[index]
    if (plugin?.score === undefined || columns === undefined) continue
    const term = podClass.terms[index]
    let node: NodeIndex | undefined
    try {
      const runsPreScore = profile.preScore.includes(index)
      const prepared = prepareScore(cycle, index, found)
      const isSkipping = prepared !== undefined && 'skip' in prepared
      if (isSkipping && runsPreScore) continue
      const state = prepared === undefined || isSkipping ? undefined : prepared.state
      const scores: number[] = []
      for (node of found) {
        scores.push(kept?.(index, scores.length) ?? plugin.score(term, node, columns, state))
      }
      node = undefined
      const raw = details === undefined ? scores : [...scores]
      normalizeScores(plugin, scores, found, term, state)
      checkScores(plugin, scores, (position) => place(found[position]))
      const weight = profile.weights[index] ?? 1
      for (let i = 0; i < scores.length; i++) totals[i] = (totals[i] ?? 0) + (scores[i] ?? 0) * weight
      details?.push({ plugin: plugin.name, raw, normalized: scores, weight })
    } catch (error) {
      throw pluginFailure(plugin.name, 'score', error, place(node))
    }
  }
  return totals
}
