import { IN_TREE_PLUGINS } from '../run/in-tree-plugins.ts'
import { packageRoot } from '../run/package.ts'
import { accountFor } from './cost-account.ts'
import type { CallCost } from './cost-account.ts'
import { COMPONENTS, costPlaceOf } from './cost-place.ts'
import type { Component, CostPlace } from './cost-place.ts'
import { CpuProfiler } from './cpu-profiler.ts'
import { SourcePlaces } from './source-places.ts'
import type { CodePlace } from './source-places.ts'

/** Of the process, but not of the thread that is looked at. */
const THREADS: CostPlace = { component: 'threads', part: 'compiling and collecting' }

/** Real time of one part of a component. */
export interface PartSeconds extends CostPlace {
  readonly cpuSeconds: number
}

/** Where real time went. */
export interface CostReport {
  /** Processor time of the process while it was measured, all threads. */
  readonly cpuSeconds: number
  /** Of it, the main thread's. */
  readonly mainSeconds: number
  /** Looks at the stack that found the program busy. */
  readonly samples: number
  /** In the order of `COMPONENTS`; they add up to `cpuSeconds`. */
  readonly components: ReadonlyMap<Component, number>
  /** Dearest first. */
  readonly parts: readonly PartSeconds[]
  readonly calls: CallCost
}

/**
 * Measures which component costs how much: looks at the stack of the main thread every 2 ms, and divides the time that it
 * was busy by what was found there. What the process took beyond that time is its other threads'; while programs wait for
 * each other's processors, the busy time is too long by that, and takes from the other threads.
 */
export class CostMeter {
  readonly #cpuSeconds: () => number
  readonly #profiler = new CpuProfiler()
  readonly #startedAt: number

  /** Starts to measure. `cpuSeconds` is the processor time of this process. */
  constructor(cpuSeconds: () => number) {
    this.#cpuSeconds = cpuSeconds
    this.#profiler.start()
    this.#startedAt = cpuSeconds()
  }

  /** Ends the measurement; called once. */
  stop(): CostReport {
    const cpuSeconds = this.#cpuSeconds() - this.#startedAt
    const profile = this.#profiler.stop()
    const places = new SourcePlaces(packageRoot())
    const bySource = new Map<string, CostPlace | undefined>()
    const placeOf = (code: CodePlace): CostPlace | undefined => {
      const source = places.of(code)
      if (source === undefined) return undefined
      if (!bySource.has(source)) bySource.set(source, costPlaceOf(source, IN_TREE_PLUGINS))
      return bySource.get(source)
    }
    const account = accountFor(profile ?? { nodes: [], startTime: 0, endTime: 0 }, placeOf)
    const mainSeconds = Math.min(cpuSeconds, account.busySeconds)
    const perSample = account.samples === 0 ? 0 : mainSeconds / account.samples
    const components = new Map<Component, number>(COMPONENTS.map((component) => [component, 0]))
    const others: PartSeconds = { ...THREADS, cpuSeconds: cpuSeconds - mainSeconds }
    components.set(THREADS.component, others.cpuSeconds)
    const parts = account.parts.map(({ component, part, samples }): PartSeconds => {
      components.set(component, (components.get(component) ?? 0) + samples * perSample)
      return { component, part, cpuSeconds: samples * perSample }
    })
    const sorted = [...parts, others].toSorted((one, other) => other.cpuSeconds - one.cpuSeconds)
    return {
      cpuSeconds,
      mainSeconds,
      samples: account.samples,
      components,
      parts: sorted,
      calls: account.calls,
    }
  }
}
