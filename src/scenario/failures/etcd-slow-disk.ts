import type { Sampler } from '../../base/distribution.ts'
import { distribution, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** The disks of etcd are slow. */
export interface EtcdSlowDiskSource {
  readonly kind: 'etcdSlowDisk'
  readonly occurrence: OccurrenceSource
  readonly fsync: Sampler
}

export const etcdSlowDisk: FailureKind<EtcdSlowDiskSource> = {
  kind: 'etcdSlowDisk',
  schema: object(
    {
      ...occurrenceFields,
      fsync: { ...distribution, description: 'time until a write is on disk meanwhile' },
    },
    ['for', 'fsync'],
  ),
  resolve: (reader, at) => ({
    kind: 'etcdSlowDisk',
    occurrence: occurrenceOf(reader, at),
    fsync: reader.durations([...at, 'fsync'], '100ms'),
  }),
}
