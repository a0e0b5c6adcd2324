import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Nodes that the API server does not hear of, nor they of it. */
export interface PartitionSource {
  readonly kind: 'partition'
  readonly target: TargetSource
  readonly occurrence: OccurrenceSource
  /** Label whose values are cut off as one; undefined: the nodes chosen are. */
  readonly domain: string | undefined
}

export const partition: FailureKind<PartitionSource> = {
  kind: 'partition',
  meaning: 'nodes that run on, but that the API server does not hear of, nor they of it',
  schema: object(
    {
      ...occurrenceFields,
      ...targetFields,
      domain: {
        type: 'string',
        description:
          'label whose values are cut off each on its own; by default the nodes, or a part drawn anew each time, are cut off as one',
      },
    },
    ['for'],
  ),
  resolve(reader, at) {
    const occurrence = occurrenceOf(reader, at)
    const domain = reader.get([...at, 'domain']) as string | undefined
    if (domain !== undefined && occurrence.kind === 'once') {
      reader.fail([...at, 'domain'], 'domains are for timeBetweenFailures', 'give a zone or a selector')
    }
    return { kind: 'partition', target: targetOf(reader, at), occurrence, domain }
  },
}
