import { MILLISECOND } from '../base/time.ts'
import type { TaskReader } from '../run/trace-feed.ts'
import { PodTemplates } from '../workload/pod-templates.ts'
import { ReadTask } from '../workload/trace-task.ts'
import type { TraceTask } from '../workload/trace-task.ts'
import type { ReplayWork, WorkPod } from './replay-work.ts'

/** Tasks handed over at a time. */
const BATCH = 512
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
    const task = new ReadTask(`task-${work.made}`, template)
    // As of any trace: the first arrival is the start of the run.
    task.at = (pod.arrivalMs - first) * MILLISECOND
    task.cpu = pod.cpuMilli
    task.memory = pod.memoryMib * MEBIBYTE
    task.duration = pod.durationMs * MILLISECOND
    batch.push(task)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
