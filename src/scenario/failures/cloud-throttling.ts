import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** A cloud that takes fewer calls, or answers later. */
export interface CloudThrottlingSource {
  readonly kind: 'cloudThrottling'
  readonly occurrence: OccurrenceSource
  readonly limits: {
    readonly qps: number | undefined
    readonly burst: number
    readonly latencyFactor: number
  }
}

export const cloudThrottling: FailureKind<CloudThrottlingSource> = {
  kind: 'cloudThrottling',
  meaning: 'a cloud that takes fewer calls for instances and volumes, or answers later',
  schema: object(
    {
      ...occurrenceFields,
      qps: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'calls a second, all together; no bound by default',
      },
      burst: { type: 'integer', minimum: 1, description: 'calls at once; 1 by default' },
      latencyFactor: {
        type: 'number',
        minimum: 1,
        description: 'factor on the time of each call; 1 by default',
      },
    },
    ['for'],
  ),
  resolve(reader, at) {
    const qps = reader.get([...at, 'qps']) as number | undefined
    const latencyFactor = reader.number([...at, 'latencyFactor'], 1)
    if (qps === undefined && latencyFactor === 1)
      reader.fail(at, 'nothing is throttled', 'give qps or latencyFactor')
    return {
      kind: 'cloudThrottling',
      occurrence: occurrenceOf(reader, at),
      limits: { qps, burst: reader.number([...at, 'burst'], 1), latencyFactor },
    }
  },
}
