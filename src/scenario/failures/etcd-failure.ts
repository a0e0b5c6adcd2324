import type { FailureTimes } from '../../base/failure-times.ts'
import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { failureTimes, failureTimesSchema } from './failure-times.ts'

/** Members of etcd are down. */
export interface EtcdFailureSource {
  readonly kind: 'etcdFailure'
  readonly times: FailureTimes
  /** How many, the leader first; or each on its own. */
  readonly members: number | 'each'
}

export const etcdFailure: FailureKind<EtcdFailureSource> = {
  kind: 'etcdFailure',
  schema: object({
    ...failureTimesSchema('they are down'),
    members: {
      oneOf: [{ type: 'integer', minimum: 1 }, { const: 'each' }],
      description:
        'how many are down together, the leader first; each: every one by itself, again and again; 1 by default',
    },
  }),
  resolve(reader, at) {
    const members = reader.get([...at, 'members']) ?? 1
    return {
      kind: 'etcdFailure',
      times: failureTimes(reader, at),
      members: members === 'each' ? 'each' : Number(members),
    }
  },
}
