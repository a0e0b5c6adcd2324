import type { Deployment, DeploymentCondition, ReplicaSet } from '../../api/types.generated.ts'
import { assert } from '../../base/assert.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { NO_LIMITS } from '../../cluster/client.ts'
import { OwnedPods } from '../../cluster/owned-pods.ts'
import { POD_CREATED, POD_DELETING } from '../../cluster/pod-event.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { startDeploymentController } from '../../controllers/deployment.ts'
import { startReplicaSetController } from '../../controllers/replicaset.ts'
import { Simulation } from '../../engine/simulation.ts'
import { logicFamily } from '../family.ts'
import { behindInformers } from '../informer-lag.ts'

/** Numbers of pods, by version of their template. */
type ByVersion = Readonly<Record<string, number>>

interface Step {
  readonly becomeReady?: ByVersion
  readonly becomeUnready?: ByVersion
  /** All pods that are going vanish. */
  readonly finishTerminating?: boolean
  readonly setVersion?: string
  readonly setReplicas?: number
  readonly setPaused?: boolean
  readonly afterSeconds: number
}

interface Input {
  readonly deployment: Deployment
  /** False: deleted pods vanish at once. */
  readonly gracefulDeletion: boolean
  readonly steps: readonly Step[]
}

interface Scaling {
  readonly t: number
  readonly revision: string
  readonly replicas: number
}

const KEY = 'default/d'
/** The controllers are started a second before the Deployment comes. */
const START: Micros = SECOND
/** In this time after an instant all that follows from it has happened. */
const SETTLING: Micros = 1000
/** Most events of a step: controllers that overwrite each other may never end. */
const EVENTS_MAX = 10_000
const LAG = { caches: { Deployment: 5, ReplicaSet: 20 }, pods: 4, workers: 5, owners: 80 }
const DELAYED_KEYS: Micros = 34

/** The Deployment and ReplicaSet controllers on virtual time, with pods that do as a script says. */
export const deployment = logicFamily('deployment', (input: Input) => {
  const cluster = new ScriptedCluster(input)
  return { steps: input.steps.map((step) => cluster.take(step)) }
})

class ScriptedCluster {
  readonly #sim = new Simulation({ seed: 1 })
  readonly #api = new ApiServer(this.#sim, [])
  readonly #owned = new OwnedPods(this.#api)
  readonly #deployments = this.#api.collection<Deployment>('Deployment')
  readonly #sets = this.#api.collection<ReplicaSet>('ReplicaSet')
  #scalings: Scaling[] = []
  /** Size of the set of each version when it was last heard of. */
  readonly #sizes = new Map<string, number>()
  /** Whole seconds since the start of the case. */
  #seconds = START / SECOND
  /** Updates that changed nothing: the recording counts a generation for each. */
  #emptyUpdates = 0

  constructor({ deployment: given, gracefulDeletion }: Input) {
    this.#api.nodes.create({ metadata: { name: 'node' } })
    this.#api.watch({
      name: 'script',
      podEvents: gracefulDeletion ? POD_CREATED : POD_CREATED | POD_DELETING,
      onPod: ({ pod, podEvent }) => {
        if (podEvent === POD_CREATED) this.#startPod(pod)
        else if (!this.#api.pods.isRemoved(pod)) this.#api.pods.remove(pod)
      },
    })
    const delayedKeys = (given.spec?.minReadySeconds ?? 0) > 0 ? DELAYED_KEYS : 0
    const api = behindInformers(this.#api, { ...LAG, delayedKeys }, (object) => this.#written(object))
    const parts = { sim: this.#sim, api, owned: this.#owned, limits: NO_LIMITS }
    startReplicaSetController(parts)
    startDeploymentController(parts)
    this.#sim.run(START + SETTLING)
    this.#deployments.create({ apiVersion: 'apps/v1', kind: 'Deployment', ...given })
  }

  /** Does what a step says; what is seen at its end. */
  take(step: Step): object {
    this.#scalings = []
    this.#changeDeployment(step)
    this.#sim.run(this.#sim.now + 2)
    const failing = this.#choosePods(step.becomeUnready ?? {}, true)
    for (const row of this.#choosePods(step.becomeReady ?? {}, false)) this.#api.pods.setReady(row, true)
    for (const row of failing) this.#api.pods.setReady(row, false)
    if (step.finishTerminating === true) this.#finishTerminating()
    this.#seconds += step.afterSeconds
    this.#sim.run(this.#seconds * SECOND + SETTLING, EVENTS_MAX)
    return this.#observe()
  }

  /** A pod runs as soon as it is there, and is not ready. */
  #startPod(row: PodRow): void {
    const { pods, nodeRows } = this.#api
    if (pods.isRemoved(row)) return
    const node = nodeRows.rowOf('node')
    assert(node !== undefined, 'the node is there')
    pods.bind(row, node, 0)
    pods.markRunning(row, false)
  }

  /** Pods that are to change: as they are before any of them does. */
  #choosePods(counts: ByVersion, isReady: boolean): readonly PodRow[] {
    const { table } = this.#api.pods
    return Object.entries(counts).flatMap(([version, count]) =>
      this.#podsOf(version)
        .filter((row) => table.isReady(row) === isReady && table.deletingAt(row) === NO_TIME)
        .slice(0, count),
    )
  }

  #finishTerminating(): void {
    const { pods } = this.#api
    for (const row of [...pods.table.stored()]) {
      if (pods.table.deletingAt(row) !== NO_TIME) pods.remove(row)
    }
  }

  #changeDeployment({ setVersion, setReplicas, setPaused }: Step): void {
    const present = this.#deployments.get(KEY)
    assert(present?.spec !== undefined, 'the Deployment is there')
    let { spec } = present
    if (setVersion !== undefined) spec = { ...spec, template: templateOf(spec.template, setVersion) }
    if (setReplicas !== undefined) spec = { ...spec, replicas: setReplicas }
    if (setPaused !== undefined) spec = { ...spec, paused: setPaused }
    if (spec === present.spec) return
    const updated = this.#deployments.update({ ...present, spec })
    const isSame = updated.ok && updated.object.metadata?.generation === present.metadata?.generation
    if (isSame) this.#emptyUpdates += 1
  }

  #podsOf(version: string): readonly PodRow[] {
    const set = [...this.#sets.list()].find((each) => versionOf(each) === version)
    return set === undefined ? [] : this.#owned.of(set.metadata?.uid ?? '')
  }

  #written(object: StoredObject): void {
    if (object.kind !== 'ReplicaSet') return
    const set = object as ReplicaSet
    const replicas = set.spec?.replicas ?? 0
    const version = versionOf(set)
    if (this.#sizes.get(version) === replicas) return
    this.#sizes.set(version, replicas)
    this.#scalings.push({ t: Math.floor(this.#sim.now / SECOND), revision: version, replicas })
  }

  #observe(): object {
    const { status } = this.#deployments.get(KEY) ?? {}
    return {
      t: this.#seconds,
      replicaSets: Object.fromEntries(
        [...this.#sets.list()].map((set) => [versionOf(set), this.#observeSet(set)]),
      ),
      scalings: this.#scalings,
      conditions: Object.fromEntries(
        (status?.conditions ?? []).map(({ type, status: is, reason = '' }: DeploymentCondition) => [
          type,
          `${is}/${reason}`,
        ]),
      ),
      status: {
        observedGeneration: (status?.observedGeneration ?? 0) + this.#emptyUpdates,
        replicas: status?.replicas ?? 0,
        updatedReplicas: status?.updatedReplicas ?? 0,
        readyReplicas: status?.readyReplicas ?? 0,
        availableReplicas: status?.availableReplicas ?? 0,
        unavailableReplicas: status?.unavailableReplicas ?? 0,
      },
    }
  }

  #observeSet(set: ReplicaSet): object {
    const { annotations = {}, uid = '' } = set.metadata ?? {}
    const { table } = this.#api.pods
    const rows = this.#owned.of(uid)
    return {
      replicas: set.spec?.replicas ?? 0,
      pods: rows.length,
      ready: rows.filter((row) => table.isReady(row) && table.deletingAt(row) === NO_TIME).length,
      terminating: rows.filter((row) => table.deletingAt(row) !== NO_TIME).length,
      available: set.status?.availableReplicas ?? 0,
      revision: annotations['deployment.kubernetes.io/revision'] ?? '',
      desiredAnnotation: annotations['deployment.kubernetes.io/desired-replicas'] ?? '',
      maxReplicasAnnotation: annotations['deployment.kubernetes.io/max-replicas'] ?? '',
    }
  }
}

function templateOf(
  template: NonNullable<Deployment['spec']>['template'],
  version: string,
): NonNullable<Deployment['spec']>['template'] {
  return {
    ...template,
    metadata: { ...template.metadata, annotations: { ...template.metadata?.annotations, v: version } },
  }
}

function versionOf({ spec }: ReplicaSet): string {
  return spec?.template?.metadata?.annotations?.['v'] ?? ''
}
