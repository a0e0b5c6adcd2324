import type { TaskRow } from './fuzz-case.ts'
import type { Draws, Value } from './draws.ts'
import { PRIORITY_CLASSES, randomPodSpec } from './random-pod.ts'

/** Namespace that has a quota and default amounts in it. */
export const BOUNDED_NAMESPACE = 'team'

/** StorageClass of claims of random StatefulSets: volumes are made when a pod needs them. */
const STORAGE_CLASS = 'made'

/** What random clusters hold at the start: what others refer to comes first. */
export function randomObjects(draws: Draws): readonly Value[] {
  const hasBounds = draws.isSo(0.4)
  const place = (): Value => (hasBounds && draws.isSo(0.5) ? { namespace: BOUNDED_NAMESPACE } : {})
  const objects = [
    ...PRIORITY_CLASSES.map((name, index) => priorityClass(name, index)),
    ...(hasBounds ? bounds(draws) : []),
    ...draws.many(1, 3, (index) => deployment(draws, `web-${index}`, place())),
    ...draws.many(0, 2, (index) => statefulSet(draws, `db-${index}`, place())),
    ...draws.many(0, 1, (index) => daemonSet(draws, `agent-${index}`)),
    ...draws.many(0, 2, (index) => job(draws, `job-${index}`, place())),
    ...draws.many(0, 1, (index) => cronJob(draws, `tick-${index}`, place())),
    ...draws.many(0, 2, (index) => barePod(draws, index)),
    ...draws.many(0, 1, () => budget(draws, 'web-0')),
    ...draws.many(0, 1, () => budget(draws, 'db-0')),
    ...draws.many(0, 1, () => service('web-0')),
  ]
  const hasClaims = objects.some((object) => JSON.stringify(object).includes('volumeClaimTemplates'))
  return hasClaims ? [storageClass(), ...objects] : objects
}

/** Pods of a trace, in order of arrival, all within the first `span` seconds. */
export function randomTasks(draws: Draws, span: number): readonly TaskRow[] {
  if (draws.isSo(0.5)) return []
  const tasks = draws.many(1, 12, (index) => ({
    arrival_s: draws.between(0, span),
    duration_s: draws.between(1, 600),
    cpu_milli: draws.between(1, 20) * 100,
    memory_mib: draws.between(1, 16) * 64,
    name: `task-${index}`,
    count: draws.isSo(0.2) ? draws.between(2, 6) : 1,
    priority: draws.of([0, 0, 0, 50, 1000]),
  }))
  return tasks.sort((one, other) => one.arrival_s - other.arrival_s)
}

function priorityClass(name: string, index: number): Value {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value: index * 100,
    ...(name === 'polite' ? { preemptionPolicy: 'Never' } : {}),
  }
}

function storageClass(): Value {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: STORAGE_CLASS },
    provisioner: 'disks.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  }
}

/** A namespace with a quota, and with amounts for containers that name none. */
function bounds(draws: Draws): readonly Value[] {
  const metadata = { name: BOUNDED_NAMESPACE, namespace: BOUNDED_NAMESPACE }
  const hard = {
    pods: String(draws.between(2, 20)),
    'requests.cpu': `${draws.between(1, 10)}`,
    ...draws.maybe(0.3, () => ({ 'count/deployments.apps': '3' })),
  }
  const amounts = { cpu: '100m', memory: '64Mi' }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: BOUNDED_NAMESPACE } },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: { limits: [{ type: 'Container', defaultRequest: amounts }] },
    },
  ]
}

function template(draws: Draws, app: string, more: Value = {}, annotations: Value = {}): Value {
  return { metadata: { labels: { app }, annotations }, spec: randomPodSpec(draws, app, more) }
}

function deployment(draws: Draws, name: string, place: Value): Value {
  const rollingUpdate = { maxSurge: draws.of([1, '25%', '100%']), maxUnavailable: draws.of([0, 1, '25%']) }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...place },
    spec: {
      replicas: draws.between(0, 8),
      minReadySeconds: draws.of([0, 0, 5]),
      revisionHistoryLimit: draws.of([0, 2, 10]),
      strategy: draws.isSo(0.2) ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: name } },
      template: template(draws, name),
    },
  }
}

function statefulSet(draws: Draws, name: string, place: Value): Value {
  const hasClaims = draws.isSo(0.25)
  const claim = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: STORAGE_CLASS,
      resources: { requests: { storage: '1Gi' } },
    },
  }
  const whenDeleted = draws.of(['Retain', 'Delete'])
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, ...place },
    spec: {
      replicas: draws.between(0, 4),
      serviceName: name,
      podManagementPolicy: draws.of(['OrderedReady', 'Parallel']),
      minReadySeconds: draws.of([0, 5]),
      ...draws.maybe(0.2, () => ({
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: draws.of([1, 2, '50%']) } },
      })),
      selector: { matchLabels: { app: name } },
      ...(hasClaims
        ? {
            volumeClaimTemplates: [claim],
            persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled: draws.of(['Retain', 'Delete']) },
          }
        : {}),
      template: template(draws, name),
    },
  }
}

function daemonSet(draws: Draws, name: string): Value {
  const rollingUpdate = draws.of([{ maxUnavailable: 1 }, { maxUnavailable: 0, maxSurge: 1 }])
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: name } },
      template: template(draws, name),
    },
  }
}

function jobSpec(draws: Draws, app: string): Value {
  const lasting = {
    'stowage.dev/duration': `${draws.between(1, 200)}s`,
    ...draws.maybe(0.2, () => ({ 'stowage.dev/exit-code': '1' })),
  }
  return {
    completions: draws.between(1, 6),
    parallelism: draws.between(1, 4),
    completionMode: draws.of(['NonIndexed', 'Indexed']),
    backoffLimit: draws.between(0, 3),
    podReplacementPolicy: draws.of(['Failed', 'TerminatingOrFailed']),
    ...draws.maybe(0.3, () => ({ ttlSecondsAfterFinished: draws.of([0, 100]) })),
    ...draws.maybe(0.15, () => ({ activeDeadlineSeconds: draws.between(30, 600) })),
    template: template(draws, app, { restartPolicy: draws.of(['Never', 'OnFailure']) }, lasting),
  }
}

function job(draws: Draws, name: string, place: Value): Value {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, ...place }, spec: jobSpec(draws, name) }
}

function cronJob(draws: Draws, name: string, place: Value): Value {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, ...place },
    spec: {
      schedule: draws.of(['*/5 * * * *', '*/15 * * * *']),
      concurrencyPolicy: draws.of(['Allow', 'Forbid', 'Replace']),
      jobTemplate: { spec: jobSpec(draws, name) },
    },
  }
}

function barePod(draws: Draws, index: number): Value {
  const app = draws.of(['web-0', 'db-0', 'bare'])
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `bare-${index}`, labels: { app } },
    spec: randomPodSpec(draws, app),
  }
}

function budget(draws: Draws, app: string): Value {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app },
    spec: {
      ...draws.of<Value>([
        { maxUnavailable: 1 },
        { maxUnavailable: '50%' },
        { minAvailable: 1 },
        { minAvailable: '50%' },
      ]),
      ...draws.maybe(0.3, () => ({
        unhealthyPodEvictionPolicy: draws.of(['AlwaysAllow', 'IfHealthyBudget']),
      })),
      selector: { matchLabels: { app } },
    },
  }
}

function service(app: string): Value {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app },
    spec: { selector: { app }, ports: [{ port: 80 }] },
  }
}
