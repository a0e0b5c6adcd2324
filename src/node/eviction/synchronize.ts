import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { reclaimsFor } from './filesystems.ts'
import type { FilesystemLayout, LookThresholds, NodeReclaim } from './filesystems.ts'
import { shortageMessage } from './message.ts'
import { rankPods, rankingOf } from './ranking.ts'
import type { RankedPod, Ranking } from './ranking.ts'
import { conditionOf, resourceOf } from './signals.ts'
import type { PressureCondition, StarvedResource } from './signals.ts'
import { isHard, mergeThresholds, thresholdsMet } from './thresholds.ts'
import type { Observations, Threshold } from './thresholds.ts'

/** How the eviction manager of a kubelet is set. */
export interface EvictionConfig {
  readonly thresholds: LookThresholds
  readonly layout: FilesystemLayout
  /** `evictionMaxPodGracePeriod`: longest grace period of pods at a soft threshold. */
  readonly maxPodGrace: Micros
  /** `evictionPressureTransitionPeriod`: how long a condition outlasts its signal. */
  readonly pressureTransition: Micros
  /** `localStorageCapacityIsolation`: whether pods are held to their limits on the node's disk. */
  readonly isolatesLocalStorage: boolean
}

/** What the eviction manager remembers from look to look. */
export interface EvictionState {
  /** Conditions of the node that are True. */
  readonly conditions: readonly PressureCondition[]
  /** Since when each threshold has been met that is. */
  readonly firstObservedAt: ReadonlyMap<Threshold, Micros>
  /** When a threshold of each condition was last met. */
  readonly conditionsObservedAt: ReadonlyMap<PressureCondition, Micros>
  /** Thresholds that are met beyond their grace: they hold until the minimum reclaim is there. */
  readonly met: readonly Threshold[]
  readonly lastObserved: Observations
  readonly hasLooked: boolean
}

/** A kubelet that has just started. */
export const INITIAL_STATE: EvictionState = {
  conditions: [],
  firstObservedAt: new Map(),
  conditionsObservedAt: new Map(),
  met: [],
  lastObserved: new Map(),
  hasLooked: false,
}

/** The pods of a node to the eviction manager; asked only when it comes to that. */
export interface EvictablePods<Pod> {
  /** Pods that have not ended, in a stated order. */
  active(): readonly Pod[]
  ranked(pod: Pod, ranking: Ranking): RankedPod
  isCritical(pod: Pod): boolean
  /** The pod's own grace period; undefined when it has none. */
  terminationGrace(pod: Pod): Micros | undefined
  /** The end of the message: what of the pod used too much. */
  blame(pod: Pod, resource: StarvedResource): string
  /** The limit on the node's disk that the pod exceeds, as a message; undefined when none. */
  exceededLimit(pod: Pod): string | undefined
}

/** What one look goes by. */
export interface EvictionInput<Pod> {
  readonly now: Micros
  readonly observations: Observations
  readonly pods: EvictablePods<Pod>
  /** Gives back what the node can do without, and measures anew. */
  readonly reclaim: (calls: readonly NodeReclaim[]) => Observations
}

/** A pod to end. */
export interface PodEviction<Pod> {
  readonly pod: Pod
  readonly grace: Micros
  /** As in `status.message`. */
  readonly message: string
  /** The threshold that it was evicted by; undefined: it exceeded a limit of its own. */
  readonly threshold: Threshold | undefined
}

/** What follows from a look. */
export interface EvictionOutcome<Pod> {
  readonly state: EvictionState
  /** What was given back before pods were looked at, in order. */
  readonly reclaimed: readonly NodeReclaim[]
  readonly evictions: readonly PodEviction<Pod>[]
}

/** Grace period at hard thresholds and limits (kubelet v1.37, `immediateEvictionGracePeriodSeconds`). */
const IMMEDIATE_GRACE: Micros = SECOND

/**
 * One look of the eviction manager at its node: which conditions hold, what is given back, who has to go.
 *
 * Departs from Kubernetes: of several thresholds that are met the kubelet takes one of memory, else any; here hard ones go
 * before soft ones, then the order of the configuration. Source: kubelet v1.37, eviction/eviction_manager.go `synchronize`.
 */
export function synchronize<Pod>(
  config: EvictionConfig,
  before: EvictionState,
  input: EvictionInput<Pod>,
): EvictionOutcome<Pod> {
  const configured = before.hasLooked ? config.thresholds.later : config.thresholds.first
  if (configured.length === 0 && !config.isolatesLocalStorage) {
    return { state: before, reclaimed: [], evictions: [] }
  }
  const state = stateAfter(config, before, configured, input)
  if (config.isolatesLocalStorage) {
    const evictions = limitEvictions(input.pods)
    if (evictions.length > 0) return { state, reclaimed: [], evictions }
  }
  const fresh = state.met.filter(({ signal }) => isNews(signal, input.observations, before.lastObserved))
  const starved = fresh.toSorted((one, other) => urgency(one) - urgency(other))
  const [threshold] = starved
  if (threshold === undefined) return { state, reclaimed: [], evictions: [] }
  const reclaimed = reclaimsFor(threshold.signal, config.layout)
  if (reclaimed.length > 0) {
    const observations = input.reclaim(reclaimed)
    if (thresholdsMet(config.thresholds.later, observations, true).length === 0) {
      return { state, reclaimed, evictions: [] }
    }
  }
  const eviction = firstInRank(config, threshold, starved, input)
  return { state, reclaimed, evictions: eviction === undefined ? [] : [eviction] }
}

/** What is remembered after a look at these observations. */
function stateAfter(
  { pressureTransition }: EvictionConfig,
  before: EvictionState,
  configured: readonly Threshold[],
  { now, observations }: Pick<EvictionInput<unknown>, 'now' | 'observations'>,
): EvictionState {
  const met = mergeThresholds(
    thresholdsMet(configured, observations, false),
    thresholdsMet(before.met, observations, true),
  )
  const firstObservedAt = new Map(
    met.map((threshold) => [threshold, before.firstObservedAt.get(threshold) ?? now]),
  )
  const conditionsObservedAt = new Map(before.conditionsObservedAt)
  for (const { signal } of met) conditionsObservedAt.set(conditionOf(signal), now)
  return {
    conditions: [...conditionsObservedAt]
      .filter(([, at]) => now - at < pressureTransition)
      .map(([condition]) => condition),
    firstObservedAt,
    conditionsObservedAt,
    met: met.filter((threshold) => now - (firstObservedAt.get(threshold) ?? now) >= threshold.grace),
    lastObserved: observations,
    hasLooked: true,
  }
}

/** Whether the signal was measured since the last look (kubelet v1.37, eviction/helpers.go `thresholdsUpdatedStats`). */
function isNews(signal: Threshold['signal'], observations: Observations, last: Observations): boolean {
  const observed = observations.get(signal)
  if (observed === undefined) return false
  const lastAt = last.get(signal)?.at
  return lastAt === undefined || observed.at === undefined || observed.at > lastAt
}

/** Memory first, then hard thresholds. */
function urgency(threshold: Threshold): number {
  return (resourceOf(threshold.signal) === 'memory' ? 0 : 2) + (isHard(threshold) ? 0 : 1)
}

/** All pods that exceed a limit of theirs on the node's disk. */
function limitEvictions<Pod>(pods: EvictablePods<Pod>): PodEviction<Pod>[] {
  const evictions: PodEviction<Pod>[] = []
  for (const pod of pods.active()) {
    const message = pods.exceededLimit(pod)
    if (message === undefined || pods.isCritical(pod)) continue
    evictions.push({ pod, grace: IMMEDIATE_GRACE, message, threshold: undefined })
  }
  return evictions
}

/** The first pod in rank that is not critical. */
function firstInRank<Pod>(
  { layout, maxPodGrace }: EvictionConfig,
  threshold: Threshold,
  starved: readonly Threshold[],
  { pods, observations }: EvictionInput<Pod>,
): PodEviction<Pod> | undefined {
  const ranking = rankingOf(threshold.signal, layout)
  const ranked = pods.active().map((pod) => ({ pod, ...pods.ranked(pod, ranking) }))
  const first = rankPods(ranked).find(({ pod }) => !pods.isCritical(pod))
  if (first === undefined) return undefined
  const { pod } = first
  const resource = resourceOf(threshold.signal)
  const ownGrace = pods.terminationGrace(pod) ?? maxPodGrace
  return {
    pod,
    grace: isHard(threshold) ? IMMEDIATE_GRACE : Math.min(maxPodGrace, ownGrace),
    message: shortageMessage(resource, starved, observations) + pods.blame(pod, resource),
    threshold,
  }
}
