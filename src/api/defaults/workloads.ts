import type {
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  StatefulSetUpdateStrategy,
} from '../types.generated.ts'
import { eachOf, withChanged, withDefaults } from './fields.ts'
import { defaultPodTemplate } from './pods.ts'
import { defaultVolumeClaim } from './volumes.ts'

const ROLLING = 'RollingUpdate'

/** Defaults of a Deployment. Source: Kubernetes v1.37, apis/apps/v1 `SetDefaults_Deployment`. */
export function defaultDeployment(deployment: Deployment): Deployment {
  return withChanged(deployment, 'spec', (spec) => {
    const next = withDefaults(spec, {
      replicas: 1,
      strategy: {},
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    })
    const strategy = withDefaults(next.strategy ?? {}, { type: ROLLING })
    const rollingUpdate = withDefaults(strategy.rollingUpdate ?? {}, {
      maxUnavailable: '25%',
      maxSurge: '25%',
    })
    return {
      ...withChanged(next, 'template', defaultPodTemplate),
      strategy: strategy.type === ROLLING ? { ...strategy, rollingUpdate } : strategy,
    }
  })
}

/** Defaults of a ReplicaSet. Source: Kubernetes v1.37, apis/apps/v1 `SetDefaults_ReplicaSet`. */
export function defaultReplicaSet(replicaSet: ReplicaSet): ReplicaSet {
  return withChanged(replicaSet, 'spec', (spec) =>
    withChanged(withDefaults(spec, { replicas: 1 }), 'template', defaultPodTemplate),
  )
}

/**
 * Defaults of a ReplicationController: its selector and its labels are those of its template.
 * Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_ReplicationController`.
 */
export function defaultReplicationController(controller: ReplicationController): ReplicationController {
  const labels = controller.spec?.template?.metadata?.labels
  const hasLabels = Object.keys(controller.metadata?.labels ?? {}).length > 0
  const labelled =
    labels === undefined || hasLabels
      ? controller
      : { ...controller, metadata: { ...controller.metadata, labels } }
  return withChanged(labelled, 'spec', (spec) => {
    const hasSelector = Object.keys(spec.selector ?? {}).length > 0
    const selecting = labels === undefined || hasSelector ? spec : { ...spec, selector: labels }
    return withChanged(withDefaults(selecting, { replicas: 1 }), 'template', defaultPodTemplate)
  })
}

/** Defaults of a DaemonSet. Source: Kubernetes v1.37, apis/apps/v1 `SetDefaults_DaemonSet`. */
export function defaultDaemonSet(daemonSet: DaemonSet): DaemonSet {
  return withChanged(daemonSet, 'spec', (spec) => {
    const updateStrategy = withDefaults(spec.updateStrategy ?? {}, { type: ROLLING })
    const rollingUpdate = withDefaults(updateStrategy.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 })
    return {
      ...withChanged(withDefaults(spec, { revisionHistoryLimit: 10 }), 'template', defaultPodTemplate),
      updateStrategy: updateStrategy.type === ROLLING ? { ...updateStrategy, rollingUpdate } : updateStrategy,
    }
  })
}

/**
 * Defaults of a StatefulSet, `maxUnavailable` of rolling updates included (feature gate MaxUnavailableStatefulSet, on in 1.37).
 * Source: Kubernetes v1.37, apis/apps/v1 `SetDefaults_StatefulSet`.
 */
export function defaultStatefulSet(statefulSet: StatefulSet): StatefulSet {
  return withChanged(statefulSet, 'spec', (spec) => {
    const next = withDefaults(spec, {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: 10,
    })
    const claims = withChanged(next, 'volumeClaimTemplates', eachOf(defaultVolumeClaim))
    return {
      ...withChanged(claims, 'template', defaultPodTemplate),
      updateStrategy: defaultStatefulSetUpdate(spec.updateStrategy ?? {}),
      persistentVolumeClaimRetentionPolicy: withDefaults(spec.persistentVolumeClaimRetentionPolicy ?? {}, {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
      }),
    }
  })
}

/** A strategy that says its type and no more stays so. */
function defaultStatefulSetUpdate(given: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const type = given.type || ROLLING
  const rollingUpdate = given.rollingUpdate ?? (given.type === type ? undefined : {})
  if (type !== ROLLING || rollingUpdate === undefined) return withDefaults(given, { type })
  return { ...given, type, rollingUpdate: withDefaults(rollingUpdate, { partition: 0, maxUnavailable: 1 }) }
}
