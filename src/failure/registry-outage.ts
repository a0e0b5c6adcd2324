import type { Sampler } from '../base/distribution.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Registries } from '../node/images/registries.ts'
import { causeOf } from './failure-log.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** How registries of images fail. */
export interface RegistryOutageOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  readonly occurrence: Occurrence
  /** What full names of images begin with; empty: all. */
  readonly registry: string
  /** Factor on the time that pulls take; undefined: none comes through. */
  readonly slowness: Sampler | undefined
}

/**
 * Image registries that do not answer, or slowly: pulls fail with ErrImagePull and back off, or take longer. What runs is not touched;
 * what has to start elsewhere waits for its image.
 */
export function startRegistryOutages(
  sim: Simulation,
  log: FailureLog,
  registries: Registries,
  { ordinal, occurrence, registry, slowness }: RegistryOutageOptions,
): void {
  const name = `registry-outage/${ordinal}`
  const stream = sim.random.stream(`failure/${name}`)
  const outages = new Occurrences(sim, log, {
    model: 'registry-outage',
    handlers: { begin: `${name}/begin`, end: `${name}/end` },
    occurrence,
  })
  outages.add({
    id: 0,
    stream,
    strike: () => ({ effect: { kind: 'none' }, name: registry === '' ? 'all registries' : registry }),
    began(record) {
      const cause = causeOf(record)
      if (slowness === undefined) registries.fail(registry, cause)
      else registries.slow(registry, Math.max(1, slowness(stream)), cause)
    },
    ended: (record) => registries.restore(causeOf(record)),
  })
}
