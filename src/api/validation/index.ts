import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
} from './access-rules.ts'
import { validateHorizontalPodAutoscaler } from './autoscalers.ts'
import { validatePriorityClass, validateRuntimeClass, validateStorageClass } from './classes.ts'
import { validateCronJob } from './cron-jobs.ts'
import { validatePodDisruptionBudget } from './disruption-budgets.ts'
import type { FieldErrors } from './field-error.ts'
import { validateIngress } from './ingresses.ts'
import { validateJob } from './jobs.ts'
import { NAMED_OBJECTS } from './named-objects.ts'
import { validateLimitRange, validateNamespace, validateResourceQuota } from './namespace-limits.ts'
import { validateNetworkPolicy } from './network-policies.ts'
import { validateNode } from './nodes.ts'
import { validatePersistentVolumeClaim } from './persistent-volume-claims.ts'
import { validatePersistentVolume } from './persistent-volumes.ts'
import { validatePod } from './pods.ts'
import type { ClusterRules } from './rules.ts'
import { validateService } from './services.ts'
import { validateStatefulSet } from './stateful-sets.ts'
import { validateConfigMap, validateSecret } from './stored-data.ts'
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateReplicationController,
} from './workloads.ts'

/** Rules by kind. */
const RULES = {
  ClusterRole: validateClusterRole,
  ClusterRoleBinding: validateClusterRoleBinding,
  ConfigMap: validateConfigMap,
  CronJob: validateCronJob,
  DaemonSet: validateDaemonSet,
  Deployment: validateDeployment,
  HorizontalPodAutoscaler: validateHorizontalPodAutoscaler,
  Ingress: validateIngress,
  Job: validateJob,
  LimitRange: validateLimitRange,
  Namespace: validateNamespace,
  NetworkPolicy: validateNetworkPolicy,
  Node: validateNode,
  PersistentVolume: validatePersistentVolume,
  PersistentVolumeClaim: validatePersistentVolumeClaim,
  Pod: validatePod,
  PodDisruptionBudget: validatePodDisruptionBudget,
  PriorityClass: validatePriorityClass,
  ReplicaSet: validateReplicaSet,
  ReplicationController: validateReplicationController,
  ResourceQuota: validateResourceQuota,
  Role: validateRole,
  RoleBinding: validateRoleBinding,
  RuntimeClass: validateRuntimeClass,
  Secret: validateSecret,
  Service: validateService,
  StatefulSet: validateStatefulSet,
  StorageClass: validateStorageClass,
} as const

const BY_KIND: ReadonlyMap<string, (object: never, rules: ClusterRules) => FieldErrors> = new Map([
  ...Object.entries(RULES),
  ...NAMED_OBJECTS,
])

/** What installers set: kubeadm and its kin run the API server with `--allow-privileged`. */
const USUAL_RULES: ClusterRules = { isPrivilegedAllowed: true, areComparisonsAllowed: false }

/**
 * What the API server finds wrong with an object on create, after defaulting; nothing for kinds without rules
 * here. The object's kind is `kind`.
 *
 * Source: Kubernetes v1.37, pkg/apis/(group)/validation, default feature gates.
 */
export function validateObject(
  object: { readonly kind?: string },
  given: Partial<ClusterRules> = {},
): FieldErrors {
  const rules = { ...USUAL_RULES, ...given }
  const validate = BY_KIND.get(object.kind ?? '') as
    | ((one: { readonly kind?: string }, by: ClusterRules) => FieldErrors)
    | undefined
  return validate === undefined ? [] : validate(object, rules)
}

export { formatErrors } from './field-error.ts'
export type { FieldError, FieldErrors } from './field-error.ts'
