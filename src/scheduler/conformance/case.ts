import type { Pod } from '../../api/types.generated.ts'
import type { StoredObject } from '../../cluster/object-store.ts'

/** A recorded case: a cluster, pods to schedule, and what the real scheduler did. */
export interface ConformanceCase {
  readonly id: string
  readonly family: string
  readonly input: CaseInput
  readonly expected: unknown
}

/** The cluster and the pods of a case. */
export interface CaseInput {
  readonly mode: 'evaluate' | 'sequence' | 'schedule' | 'queue'
  /** A `KubeSchedulerConfiguration`; the default one when left out. */
  readonly config?: object
  readonly featureGates?: Readonly<Record<string, boolean>>
  readonly objects: readonly StoredObject[]
  readonly pending: readonly Pod[]
  /** Milliseconds that pass before the cycle of a pod, by its place in `pending`; mode `schedule`. */
  readonly pausesMs?: Readonly<Record<string, number>>
  /** Mode `queue`. */
  readonly script?: readonly QueueOperation[]
}

/** One step of the script of a `queue` case. */
export interface QueueOperation {
  readonly op: 'create' | 'update' | 'delete' | 'pop' | 'fail' | 'bind' | 'activate' | 'wait'
  /** Milliseconds since the start of the queue. */
  readonly at: number
  readonly object?: StoredObject
  readonly kind?: string
  readonly name?: string
  readonly plugins?: readonly string[]
  readonly pending?: readonly string[]
  readonly pod?: string
  readonly node?: string
}

/** A status as the cases print it. */
export interface StatusRecord {
  readonly code: string
  readonly plugin?: string
  readonly reasons?: readonly string[]
}
