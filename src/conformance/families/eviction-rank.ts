import type { Pod } from '../../api/types.generated.ts'
import { MeasuredPods } from '../../node/eviction/measured-pods.ts'
import type { PodStats } from '../../node/eviction/pod-stats.ts'
import { compareForEviction, rankPods, rankingOf } from '../../node/eviction/ranking.ts'
import type { EvictionSignal } from '../../node/eviction/signals.ts'
import { logicFamily } from '../family.ts'

/** Stats of the summary API, which name their pod. */
export type NamedStats = PodStats & { readonly podRef: { readonly uid: string } }

interface Input {
  readonly signal: EvictionSignal
  readonly dedicatedImageFs: boolean
  readonly splitContainerFs: boolean
  readonly pods: readonly Pod[]
  readonly stats: readonly NamedStats[] | null
}

/** The order in which a kubelet evicts pods for a signal, and the pairs that no order is between. */
export const evictionRank = logicFamily('eviction-rank', (input: Input) => {
  const { dedicatedImageFs, splitContainerFs } = input
  const layout = { dedicatedImageFs, splitContainerFs }
  const view = new MeasuredPods(input.pods, statsByUid(input.stats), layout)
  const ranking = rankingOf(input.signal, layout)
  const ranked = rankPods(
    input.pods.map((pod) => ({ name: pod.metadata?.name ?? '', ...view.ranked(pod, ranking) })),
  )
  const ties = ranked.flatMap((one, index) =>
    ranked
      .slice(index + 1)
      .filter((other) => compareForEviction(one, other) === 0)
      .map((other) => [one.name, other.name]),
  )
  return { order: ranked.map(({ name }) => name), ties }
})

/** Finds the stats of a pod. */
export function statsByUid(stats: readonly NamedStats[] | null): (pod: Pod) => PodStats | undefined {
  const byUid = new Map((stats ?? []).map((one) => [one.podRef.uid, one]))
  return (pod) => byUid.get(pod.metadata?.uid ?? '')
}
