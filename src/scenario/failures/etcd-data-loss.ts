import type { Sampler } from '../../base/distribution.ts'
import type { Micros } from '../../base/time.ts'
import { distribution, duration, instant, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { spanOf } from './occurrence.ts'

/** etcd loses all that it stores. */
export interface EtcdDataLossSource {
  readonly kind: 'etcdDataLoss'
  readonly at: Micros
  readonly span: Sampler
  /** When the snapshot was taken that is restored; undefined: there is none. */
  readonly snapshotAt: Micros | undefined
}

export const etcdDataLoss: FailureKind<EtcdDataLossSource> = {
  kind: 'etcdDataLoss',
  schema: object(
    {
      at: instant,
      for: { ...distribution, description: 'until API servers run again, on what was restored' },
      snapshotAge: {
        ...duration,
        description: 'how old the snapshot is that is restored; without it there is none, and all is lost',
      },
    },
    ['at', 'for'],
  ),
  resolve(reader, at) {
    const lostAt = reader.instant([...at, 'at'])
    const age = reader.maybeDuration([...at, 'snapshotAge'])
    if (age !== undefined && age > lostAt) {
      reader.fail([...at, 'snapshotAge'], 'is before the start of the run', 'give one up to at')
    }
    return {
      kind: 'etcdDataLoss',
      at: lostAt,
      span: spanOf(reader, [...at, 'for'], '10m'),
      snapshotAt: age === undefined ? undefined : lostAt - age,
    }
  },
}
