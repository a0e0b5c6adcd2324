import { compileLabelMap } from '../api/selectors.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { QuantileSketch } from '../report/quantile-sketch.ts'
import type { Decision } from '../scheduler/decision.ts'
import type { PodTemplate } from '../api/pod-template.ts'

/** The measured stretch of a workload: what to watch. */
export interface SectionOptions {
  /** `Case/Workload/namespace`, or the name that the operation gives. */
  readonly name: string
  readonly namespaces: readonly string[]
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly startedAt: Micros
}

/** What came of a section. */
export interface SectionResult {
  readonly name: string
  /** Pods of its namespaces that were bound. */
  readonly bound: number
  /** Simulated time that it took. */
  readonly span: Micros
  /** Processor time of the simulator in it, in seconds. */
  readonly cpuSeconds: number
  /** Pods bound a second of simulated time: one value a second in which the section went on. */
  readonly samples: readonly number[]
  /** From a pod's first attempt to its binding in simulated time, in milliseconds. */
  readonly schedulingMs: QuantileSketch
  /** Time of the simulator from decision to decision, in milliseconds, by what the decision was. */
  readonly attemptMs: ReadonlyMap<string, QuantileSketch>
}

/**
 * Measures one section: throughput in simulated time as scheduler_perf samples it, and the simulator's own times.
 *
 * Throughput: at every full second the pods newly bound over the time since the last second with progress; the first
 * second with a bound pod only sets the baseline; seconds without progress share the next value. Departs from
 * scheduler_perf: a section too short for a sample reports its pods over its span, where the real one reports nothing.
 * Source: Kubernetes v1.37, test/integration/scheduler_perf/util.go, throughputCollector.
 */
export class Section {
  readonly #options: SectionOptions
  readonly #hasLabels: (labels: Readonly<Record<string, string>>) => boolean
  /** Pods bound in each second since the start. */
  readonly #bySecond: number[] = []
  readonly #schedulingMs = new QuantileSketch()
  readonly #attemptMs = new Map<string, QuantileSketch>()
  #bound = 0
  #cpuSeconds = 0

  constructor(options: SectionOptions) {
    this.#options = options
    this.#hasLabels = compileLabelMap(options.labels ?? {})
  }

  /** Processor time that went by while the simulation ran in this section. */
  addCpu(seconds: number): void {
    this.#cpuSeconds += seconds
  }

  podBound(template: PodTemplate, now: Micros, firstAttemptAt: Micros): void {
    const { namespace, labels } = template.metadata
    if (!this.#options.namespaces.includes(namespace) || !this.#hasLabels(labels)) return
    this.#bound += 1
    // A pod that is bound on the tick of a second is seen by that tick.
    const second = Math.max(0, Math.ceil((now - this.#options.startedAt) / SECOND) - 1)
    while (this.#bySecond.length <= second) this.#bySecond.push(0)
    this.#bySecond[second] = (this.#bySecond[second] ?? 0) + 1
    this.#schedulingMs.add((now - firstAttemptAt) / MILLISECOND)
  }

  decided(outcome: Decision['outcome'], milliseconds: number): void {
    const result = outcome === 'bound' ? 'scheduled' : outcome === 'error' ? 'error' : 'unschedulable'
    let sketch = this.#attemptMs.get(result)
    if (sketch === undefined) {
      sketch = new QuantileSketch()
      this.#attemptMs.set(result, sketch)
    }
    sketch.add(milliseconds)
  }

  end(now: Micros): SectionResult {
    const span = now - this.#options.startedAt
    const samples = throughputSamples(this.#bySecond, Math.floor(span / SECOND))
    const overall = span > 0 && this.#bound > 0 ? [(this.#bound * SECOND) / span] : []
    return {
      name: this.#options.name,
      bound: this.#bound,
      span,
      cpuSeconds: this.#cpuSeconds,
      samples: samples.length > 0 ? samples : overall,
      schedulingMs: this.#schedulingMs,
      attemptMs: this.#attemptMs,
    }
  }
}

function throughputSamples(bySecond: readonly number[], fullSeconds: number): readonly number[] {
  const samples: number[] = []
  let hasBaseline = false
  let skipped = 0
  for (let second = 0; second < fullSeconds; second++) {
    const bound = bySecond[second] ?? 0
    if (bound === 0) {
      if (hasBaseline) skipped += 1
      continue
    }
    if (hasBaseline) {
      const throughput = bound / (skipped + 1)
      for (let i = 0; i <= skipped; i++) samples.push(throughput)
    }
    hasBaseline = true
    skipped = 0
  }
  return samples
}
