import type { Sampler } from '../../base/distribution.ts'
import type { Micros } from '../../base/time.ts'
import { distribution, instant, object } from '../schema-parts.ts'
import { effect, effectOf } from './effect.ts'
import type { EffectSource } from './effect.ts'
import type { FailureKind } from './failure-kind.ts'
import { spanOf } from './occurrence.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Something that happens at a known time to known nodes. */
export interface IncidentSource {
  readonly kind: 'incident'
  readonly name: string
  readonly at: Micros
  readonly span: Sampler
  readonly target: TargetSource
  readonly effect: EffectSource
}

export const incident: FailureKind<IncidentSource> = {
  kind: 'incident',
  meaning: 'something that happens once to known nodes',
  schema: object(
    {
      name: { type: 'string', description: 'what it is called in failures.csv; its nodes by default' },
      at: instant,
      for: { ...distribution, description: 'how long it lasts' },
      hits: { ...object(targetFields), description: 'which nodes; all by default' },
      effect,
    },
    ['at', 'for'],
  ),
  resolve: (reader, at) => ({
    kind: 'incident',
    name: reader.text([...at, 'name'], ''),
    at: reader.instant([...at, 'at']),
    span: spanOf(reader, [...at, 'for'], '10m'),
    target: targetOf(reader, [...at, 'hits']),
    effect: effectOf(reader, [...at, 'effect']),
  }),
}
