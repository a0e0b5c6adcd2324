import type { Sampler } from '../../base/distribution.ts'
import { distribution, object } from '../schema-parts.ts'
import { effect, effectOf } from './effect.ts'
import type { EffectSource } from './effect.ts'
import type { FailureKind } from './failure-kind.ts'
import { ZONE_LABEL, targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Domains of nodes that fail as one, again and again. */
export interface DomainOutageSource {
  readonly kind: 'domainOutage'
  /** Label whose values are the domains. */
  readonly domain: string
  readonly target: TargetSource
  readonly timeBetweenFailures: Sampler
  readonly repair: Sampler
  readonly effect: EffectSource
  readonly cascade:
    | { readonly probability: number; readonly delay: Sampler; readonly to: 'next' | 'any' }
    | undefined
}

export const domainOutage: FailureKind<DomainOutageSource> = {
  kind: 'domainOutage',
  meaning:
    'domains of nodes (racks, zones, …) that fail as one again and again, and may take others with them',
  schema: object(
    {
      domain: {
        type: 'string',
        description: `label of nodes whose values are the domains; ${ZONE_LABEL} by default`,
      },
      ...targetFields,
      share: {
        ...targetFields['share'],
        description: "share of a domain's nodes that a failure hits; 1 by default",
      },
      count: { ...targetFields['count'], description: "how many of a domain's nodes, in place of a share" },
      timeBetweenFailures: { ...distribution, description: 'of one domain, from repair to failure' },
      repair: { ...distribution, description: 'how long a domain is broken' },
      effect,
      cascade: {
        ...object(
          {
            probability: {
              type: 'number',
              minimum: 0,
              maximum: 1,
              description: 'that a failed domain takes another one with it, which may take a third',
            },
            delay: { ...distribution, description: 'from the one to the other; 0 by default' },
            to: {
              enum: ['any', 'next'],
              description: 'which one: any that is whole, by default, or the next one in order of names',
            },
          },
          ['probability'],
        ),
        description: 'how failures spread; they do not by default',
      },
    },
    ['timeBetweenFailures', 'repair'],
  ),
  resolve(reader, at) {
    const cascade = [...at, 'cascade']
    return {
      kind: 'domainOutage',
      domain: reader.text([...at, 'domain'], ZONE_LABEL),
      target: targetOf(reader, at),
      timeBetweenFailures: reader.periods([...at, 'timeBetweenFailures'], '365d'),
      repair: reader.durations([...at, 'repair'], '1h'),
      effect: effectOf(reader, [...at, 'effect']),
      cascade:
        reader.get(cascade) === undefined
          ? undefined
          : {
              probability: reader.number([...cascade, 'probability'], 0),
              delay: reader.durations([...cascade, 'delay'], '0s'),
              to: reader.text([...cascade, 'to'], 'any') === 'next' ? 'next' : 'any',
            },
    }
  },
}
