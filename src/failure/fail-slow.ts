import type { Sampler } from '../base/distribution.ts'
import type { EffectDraw } from './effect.ts'

/** Shares that a slow machine still gives, each drawn as it becomes slow. */
export interface SlowMachine {
  readonly cpu: Sampler
  readonly disk: Sampler
  readonly network: Sampler
}

/**
 * A machine that works on, but slowly: its CPU, disk or network gives a share of what it should. Heartbeats go on, so that nobody
 * notices by them.
 *
 * Source: Gunawi et al., Fail-Slow at Scale, FAST 2018: hardware of every kind degrades, by factors from below 2 to above 100.
 */
export function failSlow({ cpu, disk, network }: SlowMachine): EffectDraw {
  return (stream) => ({
    kind: 'slow',
    speed: { cpu: cpu(stream), disk: disk(stream), network: network(stream) },
  })
}
