import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** Who leads a component, and how to end it. */
export interface Leadership {
  readonly leader: string | undefined
  /** The process that leads ends, and starts again after a while. */
  lose(at: Micros, downFor: Micros): void
}

/**
 * Ends the process of a component that leads, at its times; nothing happens when none leads. The failure lasts until the process is there
 * again: it takes longer until somebody leads, for nobody takes a lease before it has run out.
 */
export function startLeaderLosses(
  sim: Simulation,
  log: FailureLog,
  election: Leadership,
  { component, occurrence, name }: { component: string; occurrence: Occurrence; name: string },
): void {
  const handlers = { begin: `${name}/begin`, end: `${name}/end` }
  const losses = new Occurrences(sim, log, { model: 'leader-loss', handlers, occurrence })
  losses.add({
    id: 0,
    stream: sim.random.stream(`failure/${name}`),
    strike: () => ({ effect: { kind: 'none' }, name: component }),
    began: (_, span = 0) => election.lose(sim.now, span),
  })
}
