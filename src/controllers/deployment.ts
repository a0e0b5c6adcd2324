import { controllerOf } from '../api/owner-references.ts'
import { compileLabelSelector } from '../api/selectors.ts'
import type { Deployment, ReplicaSet } from '../api/types.generated.ts'
import type { Calls } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_DELETED } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import { claimObjects } from './claim-objects.ts'
import { isRollingUpdate } from './deployment-fenceposts.ts'
import { DeploymentRound } from './deployment-round.ts'
import { ObjectWrites } from './object-writes.ts'
import { OwnedObjects } from './owned-objects.ts'
import type { WorkloadParts } from './workload-parts.ts'

const NAME = 'deployment-controller'

/**
 * Rolls Deployments out: a ReplicaSet for each template, which it grows and shrinks within surge and unavailability, or one
 * after the other (Recreate); scales them, keeps their history, and says how far they are.
 *
 * Source: kube-controller-manager v1.37, deployment/deployment_controller.go.
 */
export function startDeploymentController(parts: WorkloadParts): Controller {
  return new DeploymentController(parts).controller
}

class DeploymentController {
  readonly controller: Controller
  readonly #parts: WorkloadParts
  readonly #deployments: ObjectStore<Deployment>
  readonly #sets: ObjectStore<ReplicaSet>
  readonly #index: OwnedObjects<ReplicaSet>

  constructor(parts: WorkloadParts) {
    this.#parts = parts
    this.#deployments = parts.api.collection<Deployment>('Deployment')
    this.#sets = parts.api.collection<ReplicaSet>('ReplicaSet')
    this.#index = new OwnedObjects(this.#sets)
    this.controller = new Controller(parts.sim, {
      name: NAME,
      ...(parts.limits === undefined ? {} : { limits: parts.limits }),
      reconcile: (key, calls) => this.#reconcile(key, calls),
    })
    parts.api.watch({
      name: NAME,
      from: 1,
      kinds: ['Deployment', 'ReplicaSet'],
      podEvents: POD_DELETED,
      ignores: () => this.#deployments.size === 0,
      onPod: ({ pod }) => this.#podDeleted(pod),
      onObject: (change) => {
        if (change.kind === 'Deployment') this.controller.queue.add(change.key)
        else this.#setChanged(change)
      },
    })
  }

  /** Wakes the Deployment of a set; a set that nobody controls is shown to those who may want it. */
  #setChanged(change: ObjectChange): void {
    this.#index.note(change)
    const old = change.old as ReplicaSet | undefined
    const set = change.new as ReplicaSet | undefined
    for (const each of [old, set]) {
      const deployment = each === undefined ? undefined : this.#deploymentOf(each)
      if (deployment !== undefined) this.controller.queue.add(objectKey(deployment.metadata))
    }
    if (set === undefined || controllerOf(set) !== undefined) return
    for (const { metadata, spec } of this.#deployments.list()) {
      const isNear = metadata?.namespace === set.metadata?.namespace
      if (isNear && compileLabelSelector(spec?.selector)(set.metadata?.labels ?? {})) {
        this.controller.queue.add(objectKey(metadata))
      }
    }
  }

  /** The last pod of a Deployment that is made anew has gone: now it may go on. */
  #podDeleted(row: PodRow): void {
    const { table } = this.#parts.api.pods
    if (table.ownerKind(row) === TASK) return
    const owner = table.owner(row)
    if (!(owner instanceof ControllerOwner) || owner.kind !== 'ReplicaSet') return
    const set = this.#sets.get(owner.key)
    if (set === undefined || set.metadata?.uid !== owner.uid) return
    const deployment = this.#deploymentOf(set)
    if (deployment === undefined || isRollingUpdate(deployment)) return
    const sets = this.#index.of(deployment.metadata?.uid ?? '')
    const isEmpty = sets.every(({ metadata }) => this.#parts.owned.of(metadata?.uid ?? '').length === 0)
    if (isEmpty) this.controller.queue.add(objectKey(deployment.metadata))
  }

  #deploymentOf(set: ReplicaSet): Deployment | undefined {
    const controller = controllerOf(set)
    if (controller?.kind !== 'Deployment') return undefined
    const { namespace } = set.metadata ?? {}
    const key = objectKey({ name: controller.name, ...(namespace === undefined ? {} : { namespace }) })
    const deployment = this.#deployments.get(key)
    return deployment?.metadata?.uid === controller.uid ? deployment : undefined
  }

  #reconcile(key: string, calls: Calls): Reconciled {
    const deployment = this.#deployments.get(key)
    if (deployment === undefined) return {}
    const { api, owned, sim } = this.#parts
    const writes = new ObjectWrites(api, calls)
    if (selectsAll(deployment)) return this.#ignore(deployment, writes)
    const selector = compileLabelSelector(deployment.spec?.selector)
    const sets = claimObjects(this.#index, 'ReplicaSet', { object: deployment, selector, writes })
    const { checkAfter, isFailed = false } = new DeploymentRound({
      deployment,
      sets,
      store: this.#sets,
      writes,
      clock: { now: sim.now, calendar: api.calendar },
      hasPods: ({ metadata }) => owned.of(metadata?.uid ?? '').some((row) => !api.pods.isFinished(row)),
    }).run()
    if (checkAfter === 0) this.controller.queue.addRateLimited(key)
    return { isFailed, ...(checkAfter === undefined || checkAfter === 0 ? {} : { after: checkAfter }) }
  }

  /** A selector that matches everything is a mistake: nothing is done. */
  #ignore(deployment: Deployment, writes: ObjectWrites): Reconciled {
    const generation = deployment.metadata?.generation ?? 0
    if ((deployment.status?.observedGeneration ?? 0) < generation) {
      const noticed: Deployment = {
        ...deployment,
        status: { ...deployment.status, observedGeneration: generation },
      }
      writes.update('Deployment', noticed)
    }
    return {}
  }
}

function selectsAll({ spec }: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {}
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}
