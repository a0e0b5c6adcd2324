import { requiredNodeAffinity } from '../../../plugins/required-node-affinity.ts'
import { firstUntolerated } from '../../api/tolerations.ts'
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  LabelSelector,
  Node,
  Pod,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  Toleration,
} from '../../api/types.generated.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { generatedName, templateHash } from './generated-name.ts'

/** What a workload's controller would create. */
export interface ExpandedWorkload {
  readonly pods: readonly Pod[]
  /** Objects besides the pods: the ReplicaSet of a Deployment, the claims of a StatefulSet. */
  readonly objects: readonly StoredObject[]
}

/** Taints that the pods of every DaemonSet tolerate (Kubernetes v1.37, controller/daemon/util). */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]

/** One more for daemons in the host's network. */
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
}

type Expand = (object: StoredObject, nodes: readonly Node[]) => ExpandedWorkload

/** By `kind`: how its controller makes pods. */
const EXPANSIONS: ReadonlyMap<string, Expand> = new Map<string, Expand>([
  ['Deployment', (object) => deployment(object as Deployment)],
  ['ReplicaSet', (object) => replicas(object as ReplicaSet, (object as ReplicaSet).spec?.template)],
  ['ReplicationController', (object) => replicationController(object as ReplicationController)],
  ['StatefulSet', (object) => statefulSet(object as StatefulSet)],
  ['DaemonSet', (object, nodes) => daemonSet(object as DaemonSet, nodes)],
  ['Job', (object) => ({ pods: jobPods(object as Job), objects: [] })],
  ['CronJob', (object) => cronJob(object as CronJob)],
])

/** Kinds whose pods are known from their template. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set(EXPANSIONS.keys())

/**
 * The pods that the controller of a workload would create in an empty namespace, all at once; undefined for objects that
 * are no workload.
 *
 * Names have the controllers' form; the letters of hashes and random endings follow from the template and the place.
 * Source: Kubernetes v1.37, pkg/controller: deployment, replicaset, statefulset, daemon, job, cronjob.
 */
export function expandWorkload(object: StoredObject, nodes: readonly Node[]): ExpandedWorkload | undefined {
  return EXPANSIONS.get(object.kind ?? '')?.(object, nodes)
}

interface PodDetails {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A pod of a template, owned by the workload. */
function podOf(owner: StoredObject, template: PodTemplateSpec | undefined, details: PodDetails): Pod {
  const { labels, annotations } = template?.metadata ?? {}
  const name = owner.metadata?.name ?? ''
  const kind = owner.kind ?? ''
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: details.name,
      namespace: owner.metadata?.namespace ?? 'default',
      labels: { ...labels, ...details.labels },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [
        { apiVersion: owner.apiVersion ?? 'v1', kind, name, uid: uidOf(owner), controller: true },
      ],
    },
    spec: template?.spec ?? { containers: [] },
  }
}

function uidOf(object: StoredObject): string {
  return object.metadata?.uid ?? `${object.kind ?? ''}/${object.metadata?.name ?? ''}`
}

function count(number: number): readonly number[] {
  return Array.from({ length: number }, (_, index) => index)
}

function deployment(object: Deployment): ExpandedWorkload {
  const template = object.spec?.template
  const hash = templateHash(template)
  const label = { 'pod-template-hash': hash }
  const { namespace, labels } = object.metadata ?? {}
  const name = object.metadata?.name ?? ''
  const selector: LabelSelector | undefined = object.spec?.selector
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, ...label },
    },
    spec: {
      replicas: object.spec?.replicas ?? 1,
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, ...label } },
      ...(template === undefined
        ? {}
        : {
            template: {
              ...template,
              metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...label } },
            },
          }),
    },
  }
  return { pods: replicas(replicaSet, replicaSet.spec?.template).pods, objects: [replicaSet] }
}

function replicas(
  object: StoredObject & { readonly spec?: { readonly replicas?: number } },
  template: PodTemplateSpec | undefined,
): ExpandedWorkload {
  const base = `${object.metadata?.name ?? ''}-`
  const pods = count(object.spec?.replicas ?? 1).map((index) =>
    podOf(object, template, { name: generatedName('ReplicaSet', base, index) }),
  )
  return { pods, objects: [] }
}

function replicationController(object: ReplicationController): ExpandedWorkload {
  return replicas({ apiVersion: 'v1', ...object }, object.spec?.template)
}

function statefulSet(object: StatefulSet): ExpandedWorkload {
  const name = object.metadata?.name ?? ''
  const namespace = object.metadata?.namespace ?? 'default'
  const claims = object.spec?.volumeClaimTemplates ?? []
  const first = object.spec?.ordinals?.start ?? 0
  const objects: StoredObject[] = []
  const pods = count(object.spec?.replicas ?? 1).map((index) => {
    const ordinal = first + index
    const podName = `${name}-${ordinal}`
    const pod = podOf(object, object.spec?.template, {
      name: podName,
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        'statefulset.kubernetes.io/pod-name': podName,
      },
    })
    const volumes = claims.map(({ metadata }) => {
      const claimName = `${metadata?.name ?? ''}-${podName}`
      return { name: metadata?.name ?? '', persistentVolumeClaim: { claimName } }
    })
    for (const claim of claims) {
      objects.push({
        ...claim,
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...claim.metadata, namespace, name: `${claim.metadata?.name ?? ''}-${podName}` },
      })
    }
    const replaced = new Set(volumes.map((volume) => volume.name))
    const others = (pod.spec?.volumes ?? []).filter((volume) => !replaced.has(volume.name))
    return {
      ...pod,
      spec: { containers: [], ...pod.spec, hostname: podName, volumes: [...volumes, ...others] },
    }
  })
  return { pods, objects }
}

/** A pod for each node that the daemon should run on, held to that node by its name. */
function daemonSet(object: DaemonSet, nodes: readonly Node[]): ExpandedWorkload {
  const template = object.spec?.template
  const spec = template?.spec ?? { containers: [] }
  const added = spec.hostNetwork === true ? [HOST_NETWORK_TOLERATION] : []
  const tolerations = [...(spec.tolerations ?? []), ...DAEMON_TOLERATIONS, ...added]
  const matches = requiredNodeAffinity(spec)
  const base = `${object.metadata?.name ?? ''}-`
  const eligible = nodes.filter((node) => {
    const name = node.metadata?.name ?? ''
    if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== name) return false
    if (matches !== undefined && !matches(node.metadata?.labels ?? {}, name)) return false
    const taints = node.spec?.taints ?? []
    return firstUntolerated(taints, tolerations, ['NoSchedule', 'NoExecute']) === undefined
  })
  const pods = eligible.map((node, index): Pod => {
    const pod = podOf(object, template, { name: generatedName('DaemonSet', base, index) })
    const onNode = { key: 'metadata.name', operator: 'In', values: [node.metadata?.name ?? ''] }
    const affinity = {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [onNode] }],
        },
      },
    }
    return { ...pod, spec: { ...spec, tolerations, affinity } }
  })
  return { pods, objects: [] }
}

function jobPods(job: Job): Pod[] {
  const { parallelism = 1, completions, completionMode, suspend, template } = job.spec ?? {}
  if (suspend === true) return []
  const name = job.metadata?.name ?? ''
  const isIndexed = completionMode === 'Indexed'
  const labels = { 'batch.kubernetes.io/job-name': name, 'job-name': name }
  return count(Math.min(parallelism, completions ?? parallelism)).map((index) => {
    const base = isIndexed ? `${name}-${index}-` : `${name}-`
    const place = isIndexed ? { 'batch.kubernetes.io/job-completion-index': String(index) } : {}
    return podOf(job, template, {
      name: generatedName('Job', base, index),
      labels: { ...labels, ...place },
    })
  })
}

/** The pods of the first job: its name ends with the minute of its time, which is 0 here. */
function cronJob(object: CronJob): ExpandedWorkload {
  const template = object.spec?.jobTemplate
  if (object.spec?.suspend === true || template === undefined) return { pods: [], objects: [] }
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...template.metadata,
      name: `${object.metadata?.name ?? ''}-0`,
      namespace: object.metadata?.namespace ?? 'default',
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  }
  return { pods: jobPods(job), objects: [] }
}
