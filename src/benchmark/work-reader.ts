import type { PodTemplate } from '../api/pod-template.ts'
import { MILLISECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { TaskReader } from '../run/trace-feed.ts'
import { PodTemplates } from '../workload/pod-templates.ts'
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

/** A pod of the work as a task. (A class: objects written out here V8 would take for lasting ones, from one long look.) */
class WorkTask implements TraceTask {
  readonly name: string
  readonly at: Micros
  readonly template: PodTemplate
  readonly cpu: number
  readonly memory: number
  readonly count = 1
  readonly duration: Micros

  constructor(number: number, pod: WorkPod, afterMs: number, template: PodTemplate) {
    this.name = `task-${number}`
    this.at = afterMs * MILLISECOND
    this.template = template
    this.cpu = pod.cpuMilli
    this.memory = pod.memoryMib * MEBIBYTE
    this.duration = pod.durationMs * MILLISECOND
  }
}

async function* batchesOf(work: ReplayWork): AsyncGenerator<readonly TraceTask[]> {
  const template = new PodTemplates().of({})
  const pod: WorkPod = { arrivalMs: 0, durationMs: 0, cpuMilli: 0, memoryMib: 0 }
  let first: number | undefined
  let batch: TraceTask[] = []
  while (work.next(pod)) {
    first ??= pod.arrivalMs
    // As of any trace: the first arrival is the start of the run.
    batch.push(new WorkTask(work.made, pod, pod.arrivalMs - first, template))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
