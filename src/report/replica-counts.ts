import { controllerOf } from '../api/owner-references.ts'
import type { Job } from '../api/types.generated.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { rulesOf, wantedPods } from '../controllers/job-rules.ts'
import { desiredReplicas } from './desired-replicas.ts'

/** How many pods a workload wants, has, and has ready: what `kubectl get` calls DESIRED, CURRENT and READY. */
export interface ReplicaCounts {
  readonly desired: number
  readonly current: number
  readonly ready: number
}

/** The pods of a workload, and the workload that they are told under. */
export interface CountedWorkload {
  readonly kind: string
  readonly name: string
  readonly counts: ReplicaCounts
}

/** An object with the fields that tell of replicas, of whatever kind. */
interface Replicated extends StoredObject {
  readonly spec?: { readonly replicas?: unknown }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly currentNumberScheduled?: number
    readonly numberReady?: number
  }
}

/**
 * How many pods a workload wants, has, and has ready, as its controller writes it: `status.replicas` and `status.readyReplicas` of
 * what has `spec.replicas`, custom kinds among them; `desiredNumberScheduled`, `currentNumberScheduled` and `numberReady` of a
 * DaemonSet; of a Job the pods that it still wants at a time, `status.active` and `status.ready`.
 *
 * Undefined for what is none, or is counted by what controls it: a ReplicaSet by its Deployment. Jobs of a CronJob are told under
 * its name, for there may be any number of them. O(1).
 */
export function replicaCounts(change: WrittenObject): CountedWorkload | undefined {
  const { kind, key, object } = change
  if (object === undefined) return undefined
  const name = object.metadata?.name ?? key
  const owner = controllerOf(object)
  if (kind === 'Job' && (owner === undefined || owner.kind === 'CronJob')) {
    return { kind: owner?.kind ?? kind, name: owner?.name ?? name, counts: jobCounts(object) }
  }
  if (owner !== undefined) return undefined
  const workload: Replicated = object
  const desired = desiredReplicas(change) ?? workload.spec?.replicas
  if (typeof desired !== 'number') return undefined
  return {
    kind,
    name,
    counts: kind === 'DaemonSet' ? daemonCounts(workload, desired) : countsOf(workload, desired),
  }
}

function countsOf({ status }: Replicated, desired: number): ReplicaCounts {
  return { desired, current: status?.replicas ?? 0, ready: status?.readyReplicas ?? 0 }
}

function daemonCounts({ status }: Replicated, desired: number): ReplicaCounts {
  return { desired, current: status?.currentNumberScheduled ?? 0, ready: status?.numberReady ?? 0 }
}

/** Conditions after which a job makes no more pods. */
const ENDS = new Set(['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget'])

function jobCounts(job: Job): ReplicaCounts {
  const { active = 0, ready = 0, succeeded = 0, conditions = [] } = job.status ?? {}
  const rules = rulesOf(job)
  const isOver = conditions.some(({ type, status }) => ENDS.has(type) && status === 'True')
  const desired = isOver || rules.isSuspended ? 0 : wantedPods(rules, { active, succeeded })
  return { desired, current: active, ready }
}
