import type { Pod } from '../../api/types.generated.ts'
import { Calendar } from '../../base/calendar.ts'
import type { Micros } from '../../base/time.ts'
import { deletionCostOf, isDeletedBefore, restartsOf } from '../../controllers/replicaset-ranking.ts'
import type { RankedPod } from '../../controllers/replicaset-ranking.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly pods: readonly Pod[]
  readonly ranks: readonly number[]
  /** Null: times are compared as they are. */
  readonly now: string | null
}

/** Which pods of a ReplicaSet are deleted before which. */
export const replicaSetRanking = logicFamily('replicaset-ranking', ({ pods, ranks, now }: Input) => {
  const calendar = new Calendar()
  const at = now === null ? undefined : calendar.parse(now)
  const ranked = pods.map((pod, index) => rankedPod(pod, ranks[index] ?? 0, calendar))
  const less = ranked.map((pod) =>
    ranked.flatMap((other, index) => (isDeletedBefore(pod, other, at) ? [index] : [])),
  )
  const order = totalOrder(less)
  return order === undefined
    ? { less }
    : { less, order: order.map((index) => pods[index]?.metadata?.name ?? '') }
})

function rankedPod({ metadata, spec, status }: Pod, rank: number, calendar: Calendar): RankedPod {
  const timeOf = (text: string | undefined): Micros | undefined =>
    text === undefined ? undefined : calendar.parse(text)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    uid: metadata?.uid ?? '',
    isAssigned: (spec?.nodeName ?? '') !== '',
    phase: status?.phase ?? '',
    isReady: ready?.status === 'True',
    readyAt: timeOf(ready?.lastTransitionTime),
    createdAt: timeOf(metadata?.creationTimestamp),
    deletionCost: deletionCostOf(metadata?.annotations),
    rank,
    ...restartsOf(spec, status),
  }
}

/** Indices in order when each of two comes before the other, without a circle. */
function totalOrder(less: readonly (readonly number[])[]): readonly number[] | undefined {
  const order = less.map((_, index) => index)
  const after = (index: number): readonly number[] => less[index] ?? []
  order.sort((one, other) => after(other).length - after(one).length)
  const isTotal = order.every((index, place) => {
    const later = new Set(after(index))
    return later.size === order.length - place - 1 && order.slice(place + 1).every((each) => later.has(each))
  })
  return isTotal ? order : undefined
}
