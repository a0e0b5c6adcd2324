import { controllerOf } from '../api/owner-references.ts'
import { compileLabelMap, compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { LabelSelector, ReplicaSet } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { Calls } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { createPod, failureOf } from '../cluster/create-pod.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import {
  POD_CREATED,
  POD_READINESS,
  POD_RUNNING,
  POD_STATE_EVENTS,
  POD_UPDATED,
} from '../cluster/pod-event.ts'
import type { PodEventBit } from '../cluster/pod-event.ts'
import { PHASE_NAMES } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import { SCALED_DOWN } from '../cluster/pod-reason.ts'
import { claimPods, isActivePod, isTerminatingPod, labelMatcher } from './claim-pods.ts'
import { OwnedObjects } from './owned-objects.ts'
import { compareForDeletion, deletionCostOf, restartsOf } from './replicaset-ranking.ts'
import {
  countReplicas,
  isSameStatus,
  minReadyOf,
  nextAvailabilityCheck,
  replicaSetStatus,
} from './replicaset-status.ts'
import type { ReplicaCounts } from './replicaset-status.ts'
import { SLOW_START_INITIAL_BATCH_SIZE, startSlowly } from './slow-start.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Most pods that are created, or deleted, in one round. */
const BURST_REPLICAS = 500

/** Kinds that are a number of pods of one template. */
type SetKind = 'ReplicaSet' | 'ReplicationController'

/**
 * Keeps as many pods of each ReplicaSet as it wants: creates them slowly at first, deletes them by rank, adopts and releases
 * them by its selector, and writes its status.
 *
 * Departs from Kubernetes: it reads the store as it is, so that it waits for no expectations; and it finds the pods of related
 * sets by their owner, not by the selectors of these.
 * Source: kube-controller-manager v1.37, replicaset/replica_set.go.
 */
export function startReplicaSetController(parts: WorkloadParts): Controller {
  return new SetController(parts, 'ReplicaSet', 'replicaset-controller').controller
}

/**
 * Keeps the pods of ReplicationControllers, which are ReplicaSets with a map for a selector.
 *
 * Source: kube-controller-manager v1.37, replication/replication_controller.go.
 */
export function startReplicationController(parts: WorkloadParts): Controller {
  return new SetController(parts, 'ReplicationController', 'replication-controller').controller
}

class SetController {
  readonly controller: Controller
  readonly #parts: WorkloadParts
  readonly #kind: SetKind
  readonly #sets: ObjectStore<ReplicaSet>
  readonly #index: OwnedObjects<ReplicaSet>

  constructor(parts: WorkloadParts, kind: SetKind, name: string) {
    this.#parts = parts
    this.#kind = kind
    this.#sets = parts.api.collection<ReplicaSet>(kind)
    this.#index = new OwnedObjects(this.#sets)
    this.controller = new Controller(parts.sim, {
      name,
      ...(parts.limits === undefined ? {} : { limits: parts.limits }),
      reconcile: (key, calls) => this.#reconcile(key, calls),
    })
    parts.api.watch({
      name,
      from: 1,
      kinds: [kind],
      podEvents: POD_STATE_EVENTS,
      ignores: () => this.#sets.size === 0,
      onPod: ({ podEvent, pod }) => this.#podChanged(podEvent, pod),
      onObject: (change) => {
        this.#index.note(change)
        this.controller.queue.add(change.key)
      },
    })
  }

  #podChanged(event: PodEventBit, row: PodRow): void {
    const { pods } = this.#parts.api
    if (pods.table.ownerKind(row) === TASK) return
    const owner = pods.table.owner(row)
    if (!(owner instanceof ControllerOwner)) {
      if ((event & (POD_CREATED | POD_UPDATED)) !== 0) this.#orphanChanged(row)
      return
    }
    if (owner.kind !== this.#kind) return
    const set = this.#sets.get(owner.key)
    if (set === undefined || set.metadata?.uid !== owner.uid) return
    this.controller.queue.add(owner.key)
    const minReady = minReadyOf(set)
    const becomesReady = (event & (POD_READINESS | POD_RUNNING)) !== 0 && pods.table.isReady(row)
    if (becomesReady && minReady > 0) this.controller.queue.addAfter(owner.key, minReady)
  }

  /** A pod that nobody controls is shown to those who may want it. */
  #orphanChanged(row: PodRow): void {
    const { metadata } = this.#parts.api.pods.infoOf(row).template
    for (const set of this.#sets.list()) {
      if (set.metadata?.namespace !== metadata.namespace) continue
      if (selectorOf(set)(metadata.labels)) {
        this.controller.queue.add(`${metadata.namespace}/${set.metadata.name ?? ''}`)
      }
    }
  }

  #reconcile(key: string, calls: Calls): void {
    const set = this.#sets.get(key)
    if (set === undefined) return
    const active = claimPods(this.#parts, { object: set, selector: selectorOf(set) }, calls)
    const counts = countReplicas(this.#parts, set, active)
    const terminating = this.#countTerminating(set)
    const finish = (error?: string): void => this.#finish(key, set, { counts, terminating, error, calls })
    if (set.metadata?.deletionTimestamp === undefined) this.#manage(key, set, { active, calls, finish })
    else finish()
  }

  /** Creates what is missing, or deletes what is too much; `finish` hears when that is over. */
  #manage(
    key: string,
    set: ReplicaSet,
    round: {
      readonly active: readonly PodRow[]
      readonly calls: Calls
      readonly finish: (error?: string) => void
    },
  ): void {
    const { active, calls, finish } = round
    const surplus = active.length - (set.spec?.replicas ?? 1)
    if (surplus < 0) {
      startSlowly({
        count: Math.min(-surplus, BURST_REPLICAS),
        initialBatchSize: SLOW_START_INITIAL_BATCH_SIZE,
        call: (settled) => {
          calls.do(() => {
            const error = this.#create(key, set)
            settled(error)
            return error === undefined
          })
        },
        done: (_, error) => finish(error),
      })
      return
    }
    const doomed = this.#podsToDelete(set, active, Math.min(surplus, BURST_REPLICAS))
    let left = doomed.length
    if (left === 0) finish()
    for (const row of doomed) {
      const serial = this.#parts.api.pods.table.serial(row)
      calls.do(() => {
        this.#delete(row, serial)
        left -= 1
        if (left === 0) finish()
        return true
      })
    }
  }

  /** What went wrong, or undefined. */
  #create(key: string, set: ReplicaSet): string | undefined {
    const present = this.#sets.get(key)
    // It is gone: so would its pods be.
    if (present === undefined || present.metadata?.uid !== set.metadata?.uid) return undefined
    const created = createPod(this.#parts.api, {
      owner: this.#parts.owned.ownerFor(set),
      template: set.spec?.template ?? {},
      name: `${set.metadata?.name ?? ''}-`,
      isGenerated: true,
    })
    return failureOf(created)
  }

  #delete(row: PodRow, serial: number): void {
    const { pods } = this.#parts.api
    if (!pods.isCurrent(row, serial) || pods.isRemoved(row)) return
    pods.requestDeletion(row, { reason: SCALED_DOWN })
  }

  /** The first to go. Source: replica_set.go `getPodsToDelete`, `getPodsRankedByRelatedPodsOnSameNode`, v1.37. */
  #podsToDelete(set: ReplicaSet, active: readonly PodRow[], count: number): readonly PodRow[] {
    if (count <= 0 || count === active.length) return active.slice(0, Math.max(count, 0))
    const { api, sim } = this.#parts
    const { pods, calendar } = api
    const { table } = pods
    const related = this.#relatedPods(set)
    const ranked = active.map((row) => {
      const { spec, metadata } = pods.infoOf(row).template
      return {
        row,
        uid: pods.uidOf(row),
        isAssigned: table.node(row) !== NO_NODE,
        phase: PHASE_NAMES[table.phase(row)] ?? 'Unknown',
        isReady: table.isReady(row),
        readyAt: table.isReady(row) ? calendar.wholeSecond(table.readyAt(row)) : undefined,
        createdAt: calendar.wholeSecond(table.createdAt(row)),
        deletionCost: deletionCostOf(metadata.annotations),
        rank: related.get(table.node(row)) ?? 0,
        ...restartsOf(spec, pods.detailsOf(row)),
      }
    })
    ranked.sort((pod, other) => compareForDeletion(pod, other, sim.now))
    return ranked.slice(0, count).map(({ row }) => row)
  }

  /** Active pods by node, of all sets that have the same controller as this one. */
  #relatedPods(set: ReplicaSet): ReadonlyMap<NodeRow, number> {
    const counts = new Map<NodeRow, number>()
    const controller = controllerOf(set)
    if (controller === undefined) return counts
    const { api, owned } = this.#parts
    for (const related of this.#index.of(controller.uid)) {
      for (const row of owned.of(related.metadata?.uid ?? '')) {
        if (!isActivePod(this.#parts, row)) continue
        const node = api.pods.table.node(row)
        counts.set(node, (counts.get(node) ?? 0) + 1)
      }
    }
    return counts
  }

  #countTerminating(set: ReplicaSet): number | undefined {
    if (this.#kind !== 'ReplicaSet') return undefined
    const isMatching = labelMatcher(this.#parts, selectorOf(set))
    let count = 0
    for (const row of this.#parts.owned.of(set.metadata?.uid ?? '')) {
      if (isTerminatingPod(this.#parts, row) && isMatching(row)) count += 1
    }
    return count
  }

  /** Writes the status if it says something new, and looks again when the next pod becomes available. */
  #finish(
    key: string,
    set: ReplicaSet,
    round: {
      readonly counts: ReplicaCounts
      readonly terminating: number | undefined
      readonly error: string | undefined
      readonly calls: Calls
    },
  ): void {
    const { sim, api } = this.#parts
    const { counts, terminating, error, calls } = round
    const { now } = sim
    const time = api.calendar.format(now)
    const status = replicaSetStatus(set, { counts, terminatingReplicas: terminating, error, now, time })
    if (!isSameStatus(set.status, status)) {
      calls.do(() => {
        const present = this.#sets.get(key)
        if (present === undefined || present.metadata?.uid !== set.metadata?.uid) return true
        return this.#sets.update({ ...present, status }).ok
      })
    }
    if (status.readyReplicas === status.availableReplicas) return
    const minReady: Micros = minReadyOf(set)
    const next = nextAvailabilityCheck(set, counts, now) ?? minReady
    if (minReady > 0) this.controller.queue.addAfter(key, next)
  }
}

const predicates = new WeakMap<object, LabelPredicate>()

/** Which pods a set is about. */
function selectorOf(set: ReplicaSet): LabelPredicate {
  const { spec } = set
  if (spec === undefined) return compileSelector(set)
  let predicate = predicates.get(spec)
  if (predicate === undefined) {
    predicate = compileSelector(set)
    predicates.set(spec, predicate)
  }
  return predicate
}

/** The selector of a ReplicationController is a map of labels. */
function compileSelector({ kind, spec }: ReplicaSet): LabelPredicate {
  const selector: LabelSelector | undefined = spec?.selector
  if (kind !== 'ReplicationController') return compileLabelSelector(selector)
  return compileLabelMap(
    selector === undefined ? (spec?.template?.metadata?.labels ?? {}) : labelsIn(selector),
  )
}

function labelsIn(selector: object): Readonly<Record<string, string>> {
  return selector as Readonly<Record<string, string>>
}
