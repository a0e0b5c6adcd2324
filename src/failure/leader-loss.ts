import type { FailureTimes } from '../base/failure-times.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { startTimedFailures } from './timed-failures.ts'

/** Who leads a component, and how to end it. */
export interface Leadership {
  readonly leader: string | undefined
  /** The process that leads ends, and starts again after a while. */
  lose(at: Micros, downFor: Micros): void
  /** Tells of each change of who leads. */
  onChange(observer: (leader: string | undefined) => void): void
}

/**
 * Ends the process of a component that leads, at its times; nothing happens when none leads. The failure lasts until another leads, which
 * is longer than until the process is there again: nobody takes a lease before it has run out.
 */
export function startLeaderLosses(
  sim: Simulation,
  log: FailureLog,
  component: string,
  { election, times, name }: { election: Leadership; times: FailureTimes; name: string },
): void {
  let record: FailureRecord | undefined
  election.onChange((leader) => {
    if (leader === undefined || record === undefined) return
    log.end(record)
    record = undefined
  })
  startTimedFailures(sim, name, times, {
    begin(span) {
      if (election.leader === undefined) return
      record = log.begin('leader-loss', { effect: { kind: 'none' }, name: component })
      election.lose(sim.now, span)
    },
    end: () => undefined,
  })
}
