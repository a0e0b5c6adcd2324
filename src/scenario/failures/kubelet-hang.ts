import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Kubelets that do nothing while containers run on. */
export interface KubeletHangSource {
  readonly kind: 'kubeletHang'
  readonly target: TargetSource
  readonly occurrence: OccurrenceSource
}

export const kubeletHang: FailureKind<KubeletHangSource> = {
  kind: 'kubeletHang',
  meaning: 'kubelets that do nothing while containers run on',
  schema: object({ ...occurrenceFields, ...targetFields }, ['for']),
  resolve: (reader, at) => ({
    kind: 'kubeletHang',
    target: targetOf(reader, at),
    occurrence: occurrenceOf(reader, at),
  }),
}
