import { etcdMembersOf } from '../control-plane.ts'
import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** Members of etcd are down. */
export interface EtcdFailureSource {
  readonly kind: 'etcdFailure'
  readonly occurrence: OccurrenceSource
  /** How many, the leader first; or each on its own. */
  readonly members: number | 'each'
}

export const etcdFailure: FailureKind<EtcdFailureSource> = {
  kind: 'etcdFailure',
  schema: object(
    {
      ...occurrenceFields,
      members: {
        oneOf: [{ type: 'integer', minimum: 1 }, { const: 'each' }],
        description:
          'how many are down together, the leader first; each: every one by itself, again and again; 1 by default',
      },
    },
    ['for'],
  ),
  resolve(reader, at) {
    const members = reader.get([...at, 'members']) ?? 1
    const all = etcdMembersOf(reader)
    if (Number(members) > all) {
      reader.fail(
        [...at, 'members'],
        `is ${String(members)}, and etcd has ${all}`,
        'spec.controlPlane.etcd.members',
      )
    }
    return {
      kind: 'etcdFailure',
      occurrence: occurrenceOf(reader, at),
      members: members === 'each' ? 'each' : Number(members),
    }
  },
}
