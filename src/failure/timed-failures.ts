import type { FailureTimes } from '../base/failure-times.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'

/** What fails: hears of each begin, with how long it will last, and of its end. */
export interface TimedFailure {
  readonly begin: (span: Micros) => void
  readonly end: () => void
}

/**
 * Lets something fail at its times, never twice at once. `name` is that of the model and what it hits, after which its stream of chance and
 * its handlers are called.
 */
export function startTimedFailures(
  sim: Simulation,
  name: string,
  times: FailureTimes,
  failure: TimedFailure,
): void {
  const stream = sim.random.stream(`failure/${name}`)
  const begin = sim.handler(`${name}/begin`, () => {
    const span = Math.max(1, Math.round(times.span(stream)))
    failure.begin(span)
    sim.after(span, end)
  })
  const end = sim.handler(`${name}/end`, () => {
    failure.end()
    if (times.kind === 'again') sim.after(Math.max(1, Math.round(times.gap(stream))), begin)
  })
  if (times.kind === 'once') sim.at(times.at, begin)
  else sim.after(Math.max(1, Math.round(times.gap(stream))), begin)
}
