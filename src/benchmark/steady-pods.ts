import type { Micros } from '../base/time.ts'
import { POD_BOUND } from '../cluster/pod-event.ts'
import { DELETED } from '../cluster/pod-reason.ts'
import { WorkloadFailure } from './cluster.ts'
import type { PodBatch } from './pod-factory.ts'
import type { WorkloadRun } from './workload-run.ts'

/**
 * Keeps a backlog of pods for a while: each pod that is bound is deleted at once and another created in its place.
 *
 * Throws `WorkloadFailure` when no pod was bound at all.
 */
export async function keepSteady(run: WorkloadRun, batch: PodBatch, span: Micros): Promise<void> {
  const { api, sim } = run.cluster
  const until = sim.now + span
  let created = 0
  let bound = 0
  const create = (): void => {
    run.pods.create(batch, created)
    created += 1
  }
  api.watch({
    name: `benchmark/steady-${batch.namespace}`,
    podEvents: POD_BOUND,
    onPod: ({ pod }) => {
      if (sim.now >= until || api.pods.isRemoved(pod)) return
      if (api.pods.infoOf(pod).template.metadata.namespace !== batch.namespace) return
      bound += 1
      api.pods.requestDeletion(pod, { grace: 0, reason: DELETED })
      create()
    },
  })
  while (created < batch.count) create()
  await run.advance(span)
  run.expected += 1
  if (bound === 0) throw new WorkloadFailure(`no pod in namespace ${batch.namespace} was scheduled at all`)
  run.reached += 1
}
