import { defaultHorizontalPodAutoscaler } from './autoscaling.ts'
import { defaultCronJob, defaultJob } from './batch.ts'
import { defaultResourceClaim, defaultResourceClaimTemplate } from './devices.ts'
import { defaultLimitRange, defaultNamespace, defaultPriorityClass, defaultSecret } from './namespaces.ts'
import { defaultIngressClass, defaultNetworkPolicy } from './networking.ts'
import { defaultNode } from './nodes.ts'
import { defaultPod } from './pods.ts'
import { defaultEndpointSlice, defaultService } from './services.ts'
import { defaultPersistentVolume, defaultStorageClass, defaultVolumeClaim } from './volumes.ts'
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './workloads.ts'

/** What the API server fills in, by kind. */
const DEFAULTS = {
  CronJob: defaultCronJob,
  DaemonSet: defaultDaemonSet,
  Deployment: defaultDeployment,
  EndpointSlice: defaultEndpointSlice,
  HorizontalPodAutoscaler: defaultHorizontalPodAutoscaler,
  IngressClass: defaultIngressClass,
  Job: defaultJob,
  LimitRange: defaultLimitRange,
  Namespace: defaultNamespace,
  NetworkPolicy: defaultNetworkPolicy,
  Node: defaultNode,
  PersistentVolume: defaultPersistentVolume,
  PersistentVolumeClaim: defaultVolumeClaim,
  Pod: defaultPod,
  PriorityClass: defaultPriorityClass,
  ReplicaSet: defaultReplicaSet,
  ReplicationController: defaultReplicationController,
  ResourceClaim: defaultResourceClaim,
  ResourceClaimTemplate: defaultResourceClaimTemplate,
  Secret: defaultSecret,
  Service: defaultService,
  StatefulSet: defaultStatefulSet,
  StorageClass: defaultStorageClass,
} as const

const BY_KIND: ReadonlyMap<string, (object: never) => object> = new Map(Object.entries(DEFAULTS))

/**
 * The object with all that the API server fills in when it reads one of its kind, before any admission; the same object for kinds
 * without defaults. Its kind is `kind`.
 *
 * Source: Kubernetes v1.37, apis/(group)/(version) `zz_generated.defaults.go`. Left out: kinds on which nothing here depends.
 */
export function defaultObject<T extends { readonly kind?: string }>(object: T): T {
  const change = BY_KIND.get(object.kind ?? '') as ((given: T) => T) | undefined
  return change === undefined ? object : change(object)
}
