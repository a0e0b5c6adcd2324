import { MILLISECOND } from '../base/time.ts'
import type { TaskReader } from '../run/trace-feed.ts'
import { PodTemplates } from '../workload/pod-templates.ts'
import type { TraceTask } from '../workload/trace-task.ts'
import type { ReplayWork, WorkPod } from './replay-work.ts'

/** Tasks handed over at a time. */
const BATCH = 128
const MEBIBYTE = 1024 * 1024

/** Generated work as a trace that is read: the same tasks as of a CSV with its rows. */
export function workReader(work: ReplayWork, pods: number): TaskReader {
  return {
    get position() {
      return work.made
    },
    bytesTotal: pods,
    warnings: [],
    digest: undefined,
    batches: () => batchesOf(work),
  }
}

async function* batchesOf(work: ReplayWork): AsyncGenerator<readonly TraceTask[]> {
  const template = new PodTemplates().of({})
  const pod: WorkPod = { arrivalMs: 0, durationMs: 0, cpuMilli: 0, memoryMib: 0 }
  let first: number | undefined
  let batch: TraceTask[] = []
  while (work.next(pod)) {
    first ??= pod.arrivalMs
    batch.push({
      name: `task-${work.made}`,
      // As of any trace: the first arrival is the start of the run.
      at: (pod.arrivalMs - first) * MILLISECOND,
      template,
      cpu: pod.cpuMilli,
      memory: pod.memoryMib * MEBIBYTE,
      count: 1,
      duration: pod.durationMs * MILLISECOND,
    })
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
