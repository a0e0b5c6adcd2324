import type { Sampler } from '../../base/distribution.ts'
import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { distribution, instant, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { ZONE_LABEL, targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Kinds of failures that a swarm draws from. */
export const SWARM_KINDS = [
  'crash',
  'domain',
  'partition',
  'slow',
  'hang',
  'diskFull',
  'registry',
  'cloud',
] as const

export type SwarmKind = (typeof SWARM_KINDS)[number]

/** Failures of many kinds at random moments. */
export interface SwarmSource {
  readonly kind: 'swarm'
  readonly timeBetweenFailures: Sampler
  readonly span: Sampler
  readonly kinds: readonly SwarmKind[]
  readonly severity: number
  readonly until: Micros
  readonly domain: string
  readonly target: TargetSource
}

const { zone = {}, selector = {}, nodes = {} } = targetFields

export const swarm: FailureKind<SwarmSource> = {
  kind: 'swarm',
  meaning: 'failures of many kinds at random moments',
  schema: object(
    {
      timeBetweenFailures: { ...distribution, description: 'from one failure of the swarm to the next' },
      for: { ...distribution, description: 'how long each lasts; exponential with a mean of 10m by default' },
      kinds: {
        type: 'array',
        items: { enum: [...SWARM_KINDS] },
        minItems: 1,
        description: `what is drawn from: ${SWARM_KINDS.join(', ')}; all by default`,
      },
      severity: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'how much each may take: of the nodes, their speed, their disks; 0.2 by default',
      },
      until: { ...instant, description: 'no failure begins after; no end by default' },
      domain: { type: 'string', description: `label whose values are the domains; ${ZONE_LABEL} by default` },
      zone,
      selector,
      nodes,
    },
    ['timeBetweenFailures'],
  ),
  resolve: (reader, at) => ({
    kind: 'swarm',
    timeBetweenFailures: reader.periods([...at, 'timeBetweenFailures'], '1h'),
    span:
      reader.get([...at, 'for']) === undefined
        ? (stream) => stream.exponential(600_000_000)
        : reader.durations([...at, 'for'], '10m'),
    kinds: (reader.get([...at, 'kinds']) ?? SWARM_KINDS) as SwarmSource['kinds'],
    severity: reader.number([...at, 'severity'], 0.2),
    until: reader.instant([...at, 'until'], NEVER),
    domain: reader.text([...at, 'domain'], ZONE_LABEL),
    target: targetOf(reader, at),
  }),
}
