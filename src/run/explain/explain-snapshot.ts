import type { Micros } from '../../base/time.ts'
import { assert } from '../../base/assert.ts'
import { podKey } from '../../scheduler/conformance/load-cluster.ts'
import { settle } from '../snapshot/schedule-snapshot.ts'
import { buildSnapshotCluster } from '../snapshot/snapshot-cluster.ts'
import type { SnapshotCluster, SnapshotSettings } from '../snapshot/snapshot-cluster.ts'
import type { Snapshot } from '../snapshot/read-snapshot.ts'
import { explainAsItStands, explainNoCycle } from './explain-pod.ts'
import type { Explanation } from './explanation.ts'
import { refuseUnknownPod } from './find-pod.ts'
import { explainBound, followPod, nominationOf, withTrail } from './follow-pod.ts'
import type { PodTrail } from './follow-pod.ts'

/** An explanation, and what of the input has no meaning here. */
export interface ExplainedSnapshot {
  readonly explanation: Explanation
  readonly warnings: readonly string[]
}

/**
 * Explains a pod of a snapshot in its turn, after the pending pods that the scheduler takes before it; `alone` leaves all
 * other pending pods out. A pod on a node is taken off it and explained alone.
 */
export async function explainInSnapshot(
  snapshot: Snapshot,
  settings: SnapshotSettings,
  wanted: { readonly pod: string; readonly alone: boolean },
): Promise<ExplainedSnapshot> {
  const { pod } = wanted
  const found = snapshot.pods.find((one) => podKey(one.pod) === pod)
  if (found === undefined)
    refuseUnknownPod(
      pod,
      snapshot.pods.map((one) => podKey(one.pod)),
      '',
    )
  const isPlaced = (found.pod.spec?.nodeName ?? '') !== ''
  const play = async (before: number | undefined): Promise<Played> => {
    const choice = { also: pod, alone: wanted.alone || isPlaced }
    const cluster = await buildSnapshotCluster(snapshot, settings, choice)
    const trail = followPod(cluster, pod, { whenBound: true, before })
    return { cluster, trail, changedAt: await settle(cluster) }
  }
  const played = await play(undefined)
  const { cluster, trail } = played
  const explanation = explained(played)
  const nomination = nominationOf(trail)
  const { before } = nomination < 0 ? { before: undefined } : (await play(nomination)).trail
  const result = before === undefined ? explanation : withTrail(before, trail)
  const notes = isPlaced ? [`it is on ${cluster.takenFrom}, and is explained as if it were not`] : []
  return { explanation: { ...result, notes: [...notes, ...result.notes] }, warnings: cluster.warnings }
}

interface Played {
  readonly cluster: SnapshotCluster
  readonly trail: PodTrail
  /** Time after which the cluster is as it is. */
  readonly changedAt: Micros
}

function explained({ cluster, trail, changedAt }: Played): Explanation {
  const { pod, bound, decisions } = trail
  if (bound !== undefined) return explainBound(cluster, trail, bound, [])
  const about = { pod, now: changedAt, decisions, notes: [] }
  const refused = cluster.refused.find((one) => one.pod === pod)
  if (refused !== undefined) return explainNoCycle(about, 'refused', refused.message)
  const entry = [...cluster.pending].find(([, name]) => name === pod)
  assert(entry !== undefined, `pod ${pod} of the snapshot was not created`)
  return explainAsItStands(about, cluster.scheduler, entry[0])
}
