import type { PodTemplate } from '../api/pod-template.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/**
 * One row of a workload trace in stowage's own terms: some equal pods that arrive together and run for a time.
 *
 * Readers intern `template`: rows that agree in all but cpu, memory, count and times hold the same object.
 */
export interface TraceTask {
  /** Unique in its trace. Its pods are called `name` when count is 1, else `name-0`, `name-1`, … */
  readonly name: string
  /** Arrival, from the start of the run. */
  readonly at: Micros
  readonly template: PodTemplate
  /** CPU request of each pod, in millicores. */
  readonly cpu: number
  /** Memory request of each pod, in bytes. */
  readonly memory: number
  /** Number of pods, at least 1. */
  readonly count: number
  /** How long each pod runs once started; `NEVER` for one that runs to the end of the simulation. */
  readonly duration: Micros
  /** Memory that each pod really uses at its peak, in bytes, where the trace knows it. */
  readonly usedMemory?: number
}

/**
 * A task as readers of many make it: one pod that asks for nothing and runs for ever, until it is told what else.
 *
 * A class: objects that are written out where they are made V8 takes for lasting ones when some last, and collects as such.
 */
export class ReadTask implements TraceTask {
  readonly name: string
  readonly template: PodTemplate
  at: Micros = 0
  cpu = 0
  memory = 0
  count = 1
  duration: Micros = NEVER
  declare usedMemory?: number

  constructor(name: string, template: PodTemplate) {
    this.name = name
    this.template = template
  }
}
