import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import type { ClientLimits } from '../../src/cluster/client.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { POD_CREATED, POD_DELETING } from '../../src/cluster/pod-event.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startDeploymentController } from '../../src/controllers/deployment.ts'
import { startReplicaSetController, startReplicationController } from '../../src/controllers/replicaset.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** What becomes of a pod: when after its creation it is ready (undefined: never), or that it fails then instead. */
export interface PodFate {
  readonly readyAfter?: Micros
  readonly failsAfter?: Micros
}

/** A cluster with one endless node, the controllers of Deployments and what they use, and pods that follow their fates. */
export interface WorkloadCluster {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly owned: OwnedPods
  /** Runs for a time. */
  pass(span: Micros): void
  /** Pods that are neither finished nor going. */
  active(): readonly PodRow[]
  deployment(): Deployment
  /** Writes the Deployment's spec anew. */
  change(spec: Partial<NonNullable<Deployment['spec']>>): void
  /** ReplicaSets in order of creation. */
  sets(): readonly ReplicaSet[]
}

/** How pods of a cluster fare. */
export interface WorkloadOptions {
  readonly fate?: (row: PodRow) => PodFate
  /** How long a pod that is asked to go takes; 0 by default: it goes at once. */
  readonly goesAfter?: Micros
  readonly limits?: ClientLimits
}

const isReadySoon = (): PodFate => ({ readyAfter: SECOND })

/** Builds the cluster; the Deployment `default/web`, if there will be one, is what the short forms are about. */
export function workloadCluster(options: WorkloadOptions = {}): WorkloadCluster {
  const { fate = isReadySoon, goesAfter = 0, limits = NO_LIMITS } = options
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const owned = new OwnedPods(api)
  api.nodes.create({ metadata: { name: 'node' } })
  const fates = sim.payloadHandler('test/fate', ({ row, serial, kind }: Fate) => {
    if (!api.pods.isCurrent(row, serial) || api.pods.isRemoved(row)) return
    if (kind === 'gone') api.pods.remove(row)
    else if (api.pods.isFinished(row)) return
    else if (kind === 'ready') api.pods.setReady(row, true)
    else api.pods.finish(row, { succeeded: false, reason: 'Error' })
  })
  const parts = { sim, api, owned, limits }
  startReplicaSetController(parts)
  startReplicationController(parts)
  startDeploymentController(parts)
  api.watch({
    name: 'test/kubelet',
    podEvents: POD_CREATED | POD_DELETING,
    onPod: ({ pod: row, podEvent, serial }) => {
      if (!api.pods.isCurrent(row, serial) || api.pods.isRemoved(row)) return
      if (podEvent === POD_DELETING) {
        sim.atWith(sim.now + goesAfter, fates, { row, serial, kind: 'gone' })
        return
      }
      const node = api.nodeRows.rowOf('node')
      if (node === undefined || api.pods.bind(row, node, 0) !== undefined) return
      api.pods.markRunning(row, false)
      const { readyAfter, failsAfter } = fate(row)
      if (readyAfter !== undefined) sim.atWith(sim.now + readyAfter, fates, { row, serial, kind: 'ready' })
      if (failsAfter !== undefined) sim.atWith(sim.now + failsAfter, fates, { row, serial, kind: 'failed' })
    },
  })
  const deployments = api.collection<Deployment>('Deployment')
  const deployment = (): Deployment => {
    const found = deployments.get('default/web')
    if (found === undefined) throw new Error('there is no Deployment default/web')
    return found
  }
  return {
    sim,
    api,
    owned,
    pass: (span) => void sim.run(sim.now + span),
    active: () =>
      [...api.pods.table.stored()].filter(
        (row) => !api.pods.isFinished(row) && api.pods.table.deletingAt(row) === NO_TIME,
      ),
    deployment,
    change: (spec) => {
      const present = deployment()
      if (present.spec !== undefined) deployments.update({ ...present, spec: { ...present.spec, ...spec } })
    },
    sets: () => [...api.collection<ReplicaSet>('ReplicaSet').list()],
  }
}

interface Fate {
  readonly row: PodRow
  readonly serial: number
  readonly kind: 'ready' | 'failed' | 'gone'
}

/** A template whose pods are told apart by an image tag. */
export function template(version: number): PodTemplateSpec {
  return {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: `web:${version}` }] },
  }
}

/** The Deployment `default/web` of the first version. */
export function webDeployment(spec: Partial<NonNullable<Deployment['spec']>> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: template(1), ...spec },
  }
}
