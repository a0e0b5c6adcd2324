import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

/**
 * Time between two looks at the stack, in microseconds. At 2 ms a run of the replay bench takes 2 to 4 % more processor
 * time than without looks, most of it once at the start, and a share p of n samples is off by √(p(1-p)/n).
 */
const INTERVAL = 2000

/** Where a run was each time that the sampler looked: a tree of calls, as V8 makes it. */
export type SampledCalls = Profiler.Profile

/** V8's sampling profiler on the main thread of this process. One at a time. */
export class CpuProfiler {
  readonly #session = new Session()

  start(): void {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
    this.#session.post('Profiler.start')
  }

  /** Ends the sampling; undefined when the sampler gave nothing. */
  stop(): SampledCalls | undefined {
    let profile: SampledCalls | undefined
    // Answered within the call: the session is of this thread.
    this.#session.post('Profiler.stop', (error, result) => {
      if (error === null) profile = result.profile
    })
    this.#session.disconnect()
    return profile
  }
}
