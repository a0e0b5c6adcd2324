import type { ApiServer } from '../cluster/api-server.ts'
import type { ClientLimits } from '../cluster/client.ts'
import type { Controller } from '../cluster/controller.ts'
import { OwnedPods } from '../cluster/owned-pods.ts'
import { startCronJobController } from '../controllers/cron-job.ts'
import { startDaemonSetController } from '../controllers/daemon-set.ts'
import { startDeploymentController } from '../controllers/deployment.ts'
import { startDisruptionController } from '../controllers/disruption.ts'
import { startEndpointSliceController } from '../controllers/endpoint-slices.ts'
import { startGarbageCollector } from '../controllers/garbage-collector.ts'
import { startJobController } from '../controllers/job.ts'
import type { Led } from '../controllers/leader-election.ts'
import { startNamespaceController } from '../controllers/namespace.ts'
import { NodeLifecycle } from '../controllers/node-lifecycle.ts'
import type { NodeLifecycleOptions } from '../controllers/node-lifecycle.ts'
import { startReplicaSetController, startReplicationController } from '../controllers/replicaset.ts'
import {
  startRootCertificatePublisher,
  startServiceAccountController,
} from '../controllers/service-account.ts'
import { startStatefulSetController } from '../controllers/stateful-set.ts'
import { TaintEviction } from '../controllers/taint-eviction.ts'
import { startTtlAfterFinishedController } from '../controllers/ttl-after-finished.ts'
import type { WorkloadParts } from '../controllers/workload-parts.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Machines } from '../node/machine.ts'
import { startVolumeProvisioner } from '../storage/volume-provisioner.ts'

/** Starts the controllers of some kinds; those that a run has none of cost nothing. */
interface ControllerStart {
  /** Kinds that it acts on, or makes. */
  readonly kinds: readonly string[]
  readonly start: (parts: WorkloadParts, settings: ControllerSettings) => Controller | void
}

/** What of the scenario controllers act by. */
export interface ControllerSettings {
  readonly featureGates: ReadonlyMap<string, boolean>
  readonly controlPlane: { readonly controllerLimits: ClientLimits | undefined }
  /** What volumes are made by; without it making one takes a fixed time. */
  readonly cloud?: CloudApi
}

const CONTROLLERS: readonly ControllerStart[] = [
  { kinds: ['Deployment'], start: startDeploymentController },
  { kinds: ['ReplicaSet', 'Deployment'], start: startReplicaSetController },
  { kinds: ['ReplicationController'], start: startReplicationController },
  {
    kinds: ['StatefulSet'],
    start: (parts, { featureGates }) =>
      startStatefulSetController(parts, {
        honoursMaxUnavailable: featureGates.get('MaxUnavailableStatefulSet') === true,
      }),
  },
  { kinds: ['DaemonSet'], start: startDaemonSetController },
  { kinds: ['Job', 'CronJob'], start: startJobController },
  { kinds: ['CronJob'], start: startCronJobController },
  { kinds: ['Job', 'CronJob'], start: startTtlAfterFinishedController },
  { kinds: ['PodDisruptionBudget'], start: startDisruptionController },
  { kinds: ['Service'], start: (parts) => startEndpointSliceController(parts) },
  { kinds: ['Namespace'], start: startNamespaceController },
  { kinds: ['Namespace'], start: startServiceAccountController },
  { kinds: ['Namespace'], start: startRootCertificatePublisher },
  {
    kinds: ['PersistentVolumeClaim', 'StatefulSet'],
    start: (parts, { cloud }) =>
      startVolumeProvisioner({
        ...parts,
        callCloud: cloud === undefined ? undefined : (done, claim) => cloud.call('createVolume', done, claim),
      }),
  },
]

/** Kinds whose objects own others. */
const OWNERS = [
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Service',
]

/** Kinds of objects on which a controller acts. */
export const CONTROLLED_KINDS: ReadonlySet<string> = new Set(CONTROLLERS.flatMap(({ kinds }) => kinds))

/** Starts the controllers that look after nodes, and the pods on them: every run has them. */
export function startNodeControllers(
  sim: Simulation,
  api: ApiServer,
  machines: Machines,
  options: Partial<NodeLifecycleOptions>,
): readonly Led[] {
  return [new NodeLifecycle(sim, api, machines, options), new TaintEviction(sim, api)]
}

/** The controllers of a run. */
export interface StartedControllers {
  /** Index of their pods; undefined when there is none. */
  readonly owned: OwnedPods | undefined
  /** What of kube-controller-manager works while it leads. */
  readonly controllers: readonly Controller[]
}

/** Starts the controllers of kube-controller-manager that a run with objects of these kinds needs. */
export function startControllers(
  sim: Simulation,
  api: ApiServer,
  kinds: ReadonlySet<string>,
  settings: ControllerSettings,
): StartedControllers {
  const wanted = CONTROLLERS.filter((controller) => controller.kinds.some((kind) => kinds.has(kind)))
  if (wanted.length === 0) return { owned: undefined, controllers: [] }
  const limits = settings.controlPlane.controllerLimits
  const parts: WorkloadParts = {
    sim,
    api,
    owned: new OwnedPods(api),
    ...(limits === undefined ? {} : { limits }),
  }
  const collector = OWNERS.some((kind) => kinds.has(kind)) ? [startGarbageCollector(parts)] : []
  const controllers = [...collector, ...wanted.flatMap(({ start }) => start(parts, settings) ?? [])]
  for (const controller of controllers) controller.attach(api)
  return { owned: parts.owned, controllers }
}
