import { compileLabelSelector } from '../api/selectors.ts'
import type { DaemonSet, Node, PodTemplateSpec } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { Calls } from '../cluster/client.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { createPod, failureOf } from '../cluster/create-pod.ts'
import { ROLLING_UPDATE, SCALED_DOWN } from '../cluster/pod-reason.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_BOUND, POD_DELETED, POD_READINESS, POD_RUNNING, POD_STATE_EVENTS } from '../cluster/pod-event.ts'
import { PHASE_FAILED, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { claimPods } from './claim-pods.ts'
import { ControllerRevisions, revisionHashOf, templateOf } from './controller-revisions.ts'
import { DAEMON_HASH_LABEL, daemonTemplate, readDaemonPod } from './daemon-pod.ts'
import type { DaemonPod } from './daemon-pod.ts'
import { daemonRules } from './daemon-rules.ts'
import { planDaemonPods } from './daemon-set-plan.ts'
import type { DaemonPlan, DaemonView } from './daemon-set-plan.ts'
import { daemonStatus, isDaemonStatusChanged } from './daemon-set-status.ts'
import { planDaemonUpdate } from './daemon-set-update.ts'
import { FailedPodBackoff } from './failed-pod-backoff.ts'
import { isSelected } from './selecting-objects.ts'
import { SLOW_START_INITIAL_BATCH_SIZE, startSlowly } from './slow-start.ts'
import type { WorkloadParts } from './workload-parts.ts'

const KIND = 'DaemonSet'
/** Pods that are created, and deleted, in one reconciliation at most. */
const BURST = 250
const HISTORY_LIMIT = 10
/** Concurrent reconciliations: `--concurrent-daemonset-syncs`. */
const WORKERS = 2
const POD_EVENTS = POD_STATE_EVENTS | POD_BOUND

/** What reconciliations of DaemonSets share. */
interface Shared {
  readonly revisions: ControllerRevisions
  readonly backoff: FailedPodBackoff
  /** The rules of a set as it stands. */
  readonly rulesOf: (set: DaemonSet) => ReturnType<typeof daemonRules>
}

type Round = WorkloadParts & { readonly shared: Shared; readonly calls: Calls; readonly set: DaemonSet }

/**
 * Runs the DaemonSet controller: a pod on each node where one belongs, placed there by the scheduler, and replaced node by node
 * when the template changes.
 *
 * Departs from Kubernetes: the hash of a revision is made from its data as text, not from a dump of Go's memory; pods carry no
 * label `pod-template-generation`; every change of a node's labels or taints is a reason to look at all sets.
 * Source: Kubernetes v1.37, kube-controller-manager, controller/daemon.
 */
export function startDaemonSetController(parts: WorkloadParts): Controller {
  const { sim, api } = parts
  const sets = api.collection<DaemonSet>(KIND)
  const rules = new WeakMap<object, ReturnType<typeof daemonRules>>()
  const shared: Shared = {
    revisions: new ControllerRevisions(api, DAEMON_HASH_LABEL),
    backoff: new FailedPodBackoff(),
    rulesOf: (set) => {
      const key = set.spec?.template ?? set
      const known = rules.get(key) ?? daemonRules(set)
      rules.set(key, known)
      return known
    },
  }
  const controller = new Controller(sim, {
    name: 'daemonset-controller',
    workers: WORKERS,
    ...(parts.limits === undefined ? {} : { limits: parts.limits }),
    reconcile: (key, calls) => {
      const set = sets.get(key)
      // What a set that is being deleted owns may be going already.
      if (set === undefined || set.metadata?.deletionTimestamp !== undefined) return undefined
      return reconcile({ ...parts, shared, calls, set })
    },
  })
  api.watch({
    name: 'daemonset-controller',
    from: 1,
    kinds: [KIND, 'Node'],
    podEvents: POD_EVENTS,
    ignores: () => sets.size === 0,
    onObject: (change) => {
      if (change.kind === KIND) controller.queue.add(change.key)
      else if (isPlaceChanged(change)) {
        for (const set of sets.list()) controller.queue.add(objectKey(set.metadata))
      }
    },
    onPod: ({ pod, podEvent }) => {
      const kind = api.pods.table.ownerKind(pod)
      const owner = kind === KIND ? api.pods.table.owner(pod) : undefined
      if (owner instanceof ControllerOwner) {
        controller.queue.add(owner.key)
        const { minReadySeconds = 0 } = sets.get(owner.key)?.spec ?? {}
        const becameReady = (podEvent & (POD_READINESS | POD_RUNNING)) !== 0 && api.pods.table.isReady(pod)
        if (becameReady && minReadySeconds > 0) {
          controller.queue.addAfter(owner.key, (minReadySeconds + 1) * SECOND)
        }
      } else if (kind === '' && podEvent !== POD_DELETED) {
        for (const set of sets.list()) {
          if (isSelected(api, pod, set)) controller.queue.add(objectKey(set.metadata))
        }
      }
    },
  })
  return controller
}

/** Whether a node came, or its labels or taints have changed. */
function isPlaceChanged({ verb, old, new: now }: ObjectChange): boolean {
  if (verb === 'DELETED') return false
  const before = old as Node | undefined
  const after = now as Node | undefined
  return (
    before === undefined ||
    isChanged(before.metadata?.labels, after?.metadata?.labels) ||
    isChanged(before.spec?.taints, after?.spec?.taints)
  )
}

function isChanged(one: unknown, other: unknown): boolean {
  return one !== other && JSON.stringify(one ?? {}) !== JSON.stringify(other ?? {})
}

function reconcile(round: Round): Reconciled {
  const { api, calls, set, shared } = round
  const selector = compileLabelSelector(set.spec?.selector)
  shared.revisions.adoptOrphans(set, selector)
  const uid = set.metadata?.uid ?? ''
  const { revision, collisionCount, isStored } = shared.revisions.current(
    set,
    set.spec?.template ?? {},
    set.status?.collisionCount ?? 0,
  )
  if (!isStored) return { isFailed: true }
  const hash = revisionHashOf(revision, DAEMON_HASH_LABEL)
  const rows = claimPods(round, { object: set, selector, isCandidate: () => true }, calls)
  const pods = rows.map((row) => readDaemonPod(api, row))
  const view = viewOf(round, pods, hash)
  const plan = planDaemonPods(view)
  const template = templateOf(revision)
  let isFailed = !carryOut(round, plan, { hash, template })
  const isRolling = (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
  // What was created or deleted is to be seen first.
  if (isRolling && plan.create.length + plan.delete.length + plan.replace.length === 0) {
    isFailed = !carryOut(round, planDaemonUpdate(view), { hash, template })
  }
  const used = new Set(pods.map((pod) => pod.hash))
  shared.revisions.truncateOld(uid, set.spec?.revisionHistoryLimit ?? HISTORY_LIMIT, (each) => {
    return each === revision || used.has(revisionHashOf(each, DAEMON_HASH_LABEL))
  })
  const status = daemonStatus(view, collisionCount)
  if (isDaemonStatusChanged(set, status)) writeStatus(round, status)
  const { minReadySeconds = 0 } = set.spec ?? {}
  const isAwaited = minReadySeconds > 0 && status.numberReady !== status.numberAvailable
  const after = Math.min(
    plan.after ?? Number.POSITIVE_INFINITY,
    isAwaited ? minReadySeconds * SECOND : Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(after) ? { isFailed, after } : { isFailed }
}

function viewOf({ sim, api, set, shared }: Round, pods: readonly DaemonPod[], hash: string): DaemonView {
  const podsByNode = new Map<string, DaemonPod[]>()
  for (const pod of pods) {
    const hasEnded = pod.phase === PHASE_FAILED || pod.phase === PHASE_SUCCEEDED
    if (pod.target === undefined || (hasEnded && pod.isTerminating)) continue
    const others = podsByNode.get(pod.target)
    if (others === undefined) podsByNode.set(pod.target, [pod])
    else others.push(pod)
  }
  const { now } = sim
  const { minReadySeconds = 0 } = set.spec ?? {}
  shared.backoff.clean(now)
  return {
    set,
    hash,
    nodes: [...api.nodes.list()],
    judge: shared.rulesOf(set),
    podsByNode,
    isAvailable: ({ readySince }) => {
      if (readySince === undefined || minReadySeconds === 0) return readySince !== undefined
      return api.calendar.parse(api.calendar.format(readySince)) + minReadySeconds * SECOND <= now
    },
    failedAgain: (node): Micros | undefined =>
      shared.backoff.next(`${set.metadata?.uid ?? ''}/${set.status?.observedGeneration ?? 0}/${node}`, now),
  }
}

/** Creates pods slowly at first, and deletes; false when a pod could not be created. */
function carryOut(
  { api, owned, calls, set }: Round,
  plan: DaemonPlan,
  { hash, template }: { readonly hash: string; readonly template: PodTemplateSpec },
): boolean {
  const sets = api.collection<DaemonSet>(KIND)
  const create = plan.create.slice(0, BURST)
  let next = 0
  let hasFailed = false
  startSlowly({
    count: create.length,
    initialBatchSize: SLOW_START_INITIAL_BATCH_SIZE,
    call: (settled) => {
      const node = create[next++] ?? ''
      calls.do(() => {
        const isThere = sets.get(objectKey(set.metadata))?.metadata?.uid === set.metadata?.uid
        const pod = {
          owner: owned.ownerFor(set),
          template: daemonTemplate(template, hash, node),
          name: `${set.metadata?.name ?? ''}-`,
          isGenerated: true,
        }
        const failure = isThere ? failureOf(createPod(api, pod)) : undefined
        settled(failure)
        return failure === undefined
      })
    },
    done: (_, error) => {
      hasFailed = error !== undefined
    },
  })
  const deletions = [
    ...plan.delete.map(({ row }) => ({ row, reason: SCALED_DOWN })),
    ...plan.replace.map(({ row }) => ({ row, reason: ROLLING_UPDATE })),
  ]
  for (const { row, reason } of deletions.slice(0, BURST)) {
    const serial = api.pods.table.serial(row)
    calls.do(() => {
      if (!api.pods.isCurrent(row, serial) || api.pods.isRemoved(row)) return true
      api.pods.requestDeletion(row, { reason })
      return true
    })
  }
  return !hasFailed
}

function writeStatus({ api, calls, set }: Round, status: DaemonSet['status'] & object): void {
  const sets = api.collection<DaemonSet>(KIND)
  calls.do(() => {
    const present = sets.get(objectKey(set.metadata))
    if (present === undefined || present.metadata?.uid !== set.metadata?.uid) return true
    return sets.update({ ...present, status }).ok
  })
}
