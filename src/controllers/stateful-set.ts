import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { StatefulSet } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls } from '../cluster/client.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_BOUND, POD_DELETED, POD_READINESS, POD_RUNNING, POD_STATE_EVENTS } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'
import { claimPods } from './claim-pods.ts'
import { ControllerRevisions } from './controller-revisions.ts'
import { isSelected } from './selecting-objects.ts'
import { SLOW_START_INITIAL_BATCH_SIZE, startSlowly } from './slow-start.ts'
import { StatefulClaims } from './stateful-claims.ts'
import { parsePodName, readStatefulPod } from './stateful-pod.ts'
import type { StatefulPod } from './stateful-pod.ts'
import { syncStatefulSet } from './stateful-set-sync.ts'
import type { StatefulSetParts } from './stateful-set-sync.ts'
import { statefulSetWrites } from './stateful-set-writes.ts'
import type { WorkloadParts } from './workload-parts.ts'

const KIND = 'StatefulSet'
/** Label of a ControllerRevision of a StatefulSet with the hash in its name. */
const HASH_LABEL = 'controller.kubernetes.io/hash'
const POD_EVENTS = POD_STATE_EVENTS | POD_BOUND

/** Options of the StatefulSet controller. */
export interface StatefulSetOptions {
  /** Feature gate MaxUnavailableStatefulSet: on by default, as in 1.37; it was off in 1.36. */
  readonly honoursMaxUnavailable?: boolean
}

/** What reconciliations of StatefulSets share. */
export type StatefulSetShared = Pick<StatefulSetParts, 'revisions' | 'honoursMaxUnavailable'>

/** What reconciliations of StatefulSets share, of an API server. */
export function statefulSetShared(
  api: ApiServer,
  { honoursMaxUnavailable = true }: StatefulSetOptions = {},
): StatefulSetShared {
  return {
    revisions: new ControllerRevisions(api, HASH_LABEL),
    honoursMaxUnavailable,
  }
}

/**
 * Runs the StatefulSet controller: pods with names, ordinals and claims of their own, made and replaced in order.
 *
 * Source: Kubernetes v1.37, kube-controller-manager, controller/statefulset.
 */
export function startStatefulSetController(
  parts: WorkloadParts,
  options: StatefulSetOptions = {},
): Controller {
  const { sim, api } = parts
  const sets = api.collection<StatefulSet>(KIND)
  const shared = statefulSetShared(api, options)
  const controller = new Controller(sim, {
    name: 'statefulset-controller',
    ...(parts.limits === undefined ? {} : { limits: parts.limits }),
    reconcile: (key, calls) => {
      const set = sets.get(key)
      return set === undefined ? undefined : reconcile(set, { ...parts, shared, calls })
    },
  })
  api.watch({
    name: 'statefulset-controller',
    from: 1,
    kinds: [KIND],
    podEvents: POD_EVENTS,
    ignores: () => sets.size === 0,
    onObject: ({ key }) => controller.queue.add(key),
    onPod: ({ pod, podEvent }) => {
      const kind = api.pods.table.ownerKind(pod)
      const owner = kind === KIND ? api.pods.table.owner(pod) : undefined
      if (owner instanceof ControllerOwner) {
        controller.queue.add(owner.key)
        const delay = (sets.get(owner.key)?.spec?.minReadySeconds ?? 0) * SECOND
        const becameReady = (podEvent & (POD_READINESS | POD_RUNNING)) !== 0 && api.pods.table.isReady(pod)
        if (becameReady && delay > 0) controller.queue.addAfter(owner.key, delay)
      } else if (kind === '' && podEvent !== POD_DELETED) {
        for (const set of sets.list()) {
          if (isSelected(api, pod, set)) controller.queue.add(objectKey(set.metadata))
        }
      }
    },
  })
  return controller
}

function reconcile(
  set: StatefulSet,
  parts: WorkloadParts & { readonly shared: StatefulSetShared; readonly calls: Calls },
): Reconciled {
  const { api, calls, shared } = parts
  const selector = compileLabelSelector(set.spec?.selector)
  if (set.metadata?.deletionTimestamp === undefined) shared.revisions.adoptOrphans(set, selector)
  const pods = podsOf(set, selector, parts).map((row) => readStatefulPod(api, row))
  const answers = { isAvailable: (pod: StatefulPod) => nextAvailability(api, set, pod) <= api.sim.now }
  const { status, isFailed } = syncStatefulSet(set, pods, {
    ...shared,
    claims: new StatefulClaims(api, (write) => void calls.do(write)),
    answers,
    writes: statefulSetWrites(set, parts),
    inBatches,
  })
  const { minReadySeconds = 0 } = set.spec ?? {}
  if (minReadySeconds === 0 || status.readyReplicas === status.availableReplicas) return { isFailed }
  const next = Math.min(
    ...pods.map((pod) => nextAvailability(api, set, pod)).filter((at) => at > api.sim.now),
  )
  return { isFailed, after: Number.isFinite(next) ? next - api.sim.now : minReadySeconds * SECOND }
}

/** The pods that the set controls or adopts: only those that are called as its pods are. */
function podsOf(
  set: StatefulSet,
  selector: LabelPredicate,
  parts: WorkloadParts & { readonly calls: Calls },
): readonly PodRow[] {
  const isCandidate = (row: PodRow): boolean =>
    parsePodName(parts.api.pods.nameOf(row))?.parent === set.metadata?.name
  return claimPods(parts, { object: set, selector, isCandidate }, parts.calls)
}

/**
 * When the pod is available, as it stands: `minReadySeconds` after it became ready, which the API knows to the second; never
 * while it is not ready. Source: Kubernetes v1.37, api/v1/pod `IsPodAvailable`.
 */
export function nextAvailability(api: ApiServer, set: StatefulSet, { stored }: StatefulPod): Micros {
  if (stored?.readySince === undefined) return Number.POSITIVE_INFINITY
  const { minReadySeconds = 0 } = set.spec ?? {}
  if (minReadySeconds === 0) return stored.readySince
  return api.calendar.parse(api.calendar.format(stored.readySince)) + minReadySeconds * SECOND
}

/** Batches of calls that are made at once. */
function inBatches(count: number, call: (index: number) => boolean): boolean {
  let index = 0
  let hasFailed = false
  startSlowly({
    count,
    initialBatchSize: SLOW_START_INITIAL_BATCH_SIZE,
    call: (settled) => settled(call(index++) ? undefined : 'failed'),
    done: (_, error) => {
      hasFailed = error !== undefined
    },
  })
  return !hasFailed
}
