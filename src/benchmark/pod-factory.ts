import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../api/types.generated.ts'
import type { PodDetails } from '../cluster/pod-details.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'
import { WorkloadFailure, createObject } from './cluster.ts'
import type { BenchmarkCluster } from './cluster.ts'
import type { Fields } from './field-reader.ts'
import type { ObjectTemplate, ObjectTemplates } from './object-templates.ts'
import { createPodClaims } from './pod-claims.ts'

/** The pods of one operation. */
export interface PodBatch {
  readonly namespace: string
  readonly count: number
  /** Path of the pod's template; undefined is a pod that asks for next to nothing. */
  readonly template: string | undefined
  readonly templateParams: Fields
  /** Paths of the templates of a volume and a claim that each pod gets, bound to each other. */
  readonly volumeTemplate?: string | undefined
  readonly claimTemplate?: string | undefined
  readonly signatureBatchSize?: number | undefined
}

/** What scheduler_perf creates without a template. Source: Kubernetes v1.37, its util.go. */
const BASE_POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'pod-' },
  spec: {
    containers: [
      {
        name: 'pause',
        image: 'registry.k8s.io/pause:3.10.1',
        ports: [{ containerPort: 80 }],
        resources: {
          limits: { cpu: '100m', memory: '500Mi' },
          requests: { cpu: '100m', memory: '500Mi' },
        },
      },
    ],
  },
}

/** Creates pods from templates; pods that are alike share one admitted template. */
export class PodFactory {
  readonly #cluster: BenchmarkCluster
  readonly #templates: ObjectTemplates
  /** Admitted templates of constant files, by file, namespace and signature. */
  readonly #admitted = new Map<string, TemplateId>()

  constructor(cluster: BenchmarkCluster, templates: ObjectTemplates) {
    this.#cluster = cluster
    this.#templates = templates
  }

  /** Creates the pod with this index of the batch. Throws `WorkloadFailure` when the API server refuses it. */
  create(batch: PodBatch, index: number): PodRow {
    const template = batch.template === undefined ? undefined : this.#templates.of(batch.template)
    const values = { ...batch.templateParams, Index: index, Count: batch.count }
    const made = template === undefined ? BASE_POD : (template.make(values) as Pod)
    const isShared = (template?.isConstant ?? true) && batch.claimTemplate === undefined
    const signature =
      batch.signatureBatchSize === undefined
        ? undefined
        : `signature-label-${Math.floor(index / batch.signatureBatchSize)}`
    if (!isShared) return this.createPod(this.#finished(made, batch, index, signature))
    const key = `${batch.template ?? ''}\n${batch.namespace}\n${signature ?? ''}`
    const known = this.#admitted.get(key)
    const pod = known === undefined ? this.#finished(made, batch, index, signature) : made
    const id = known ?? this.#admit(pod)
    this.#admitted.set(key, id)
    return this.#createRow(pod, id, batch.namespace)
  }

  /** Creates a pod that says its namespace itself. */
  createPod(pod: Pod): PodRow {
    return this.#createRow(pod, this.#admit(pod), pod.metadata?.namespace ?? 'default')
  }

  /** Writes a pod anew under the name that it has: labels, tolerations, gates, requests. */
  update(pod: Pod): void {
    const key = `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`
    const row = this.#cluster.api.pods.rowOfGivenName(key)
    if (row === undefined) throw new WorkloadFailure(`pods "${key}" not found`)
    this.#cluster.api.pods.updateTemplate(row, this.#admit(pod))
  }

  #finished(pod: Pod, batch: PodBatch, index: number, signature: string | undefined): Pod {
    const { metadata, spec } = pod
    const labels = signature === undefined ? metadata?.labels : { ...metadata?.labels, signature }
    const namespaced: Pod = {
      ...pod,
      metadata: { ...metadata, namespace: batch.namespace, ...(labels === undefined ? {} : { labels }) },
    }
    if (batch.claimTemplate === undefined || batch.volumeTemplate === undefined || spec === undefined) {
      return namespaced
    }
    const claimName = createVolume(this.#cluster, {
      volume: this.#templates.of(batch.volumeTemplate),
      claim: this.#templates.of(batch.claimTemplate),
      namespace: batch.namespace,
      index,
    })
    return {
      ...namespaced,
      spec: { ...spec, volumes: [{ name: 'vol', persistentVolumeClaim: { claimName } }] },
    }
  }

  #admit(pod: Pod): TemplateId {
    const interned = this.#cluster.api.pods.templates.internPod(pod)
    if (interned.ok) return interned.id
    throw new WorkloadFailure(`a pod was refused: ${interned.message}`)
  }

  #createRow(pod: Pod, template: TemplateId, namespace: string): PodRow {
    const { api } = this.#cluster
    const { metadata } = pod
    const name = metadata?.name ?? this.#cluster.generateName(metadata?.generateName ?? 'pod-')
    if (api.pods.rowOfGivenName(`${namespace}/${name}`) !== undefined) {
      throw new WorkloadFailure(`pods "${namespace}/${name}" already exists`)
    }
    const nodeName = pod.spec?.nodeName ?? ''
    const node = nodeName === '' ? undefined : api.nodeRows.rowOf(nodeName)
    const details = this.#details(pod, namespace, name)
    return api.pods.create({
      template,
      name,
      ...(node === undefined ? {} : { node }),
      ...(details === undefined ? {} : { details }),
    })
  }

  /** What sets the pod apart from others of its template: claims of its own, finalizers. */
  #details(pod: Pod, namespace: string, name: string): PodDetails | undefined {
    const finalizers = pod.metadata?.finalizers
    const { spec } = pod
    const usesDevices = (spec?.resourceClaims ?? []).length > 0 || asksForExtendedResources(pod)
    if (finalizers === undefined && !usesDevices) return undefined
    const uid = this.#cluster.generateUid()
    const resourceClaimStatuses =
      spec === undefined ? [] : createPodClaims(this.#cluster, spec, { name, namespace, uid })
    return {
      uid,
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(resourceClaimStatuses.length === 0 ? {} : { resourceClaimStatuses }),
    }
  }
}

/** Whether the pod asks for a resource that a device driver may offer: the scheduler then makes a claim for it. */
function asksForExtendedResources(pod: Pod): boolean {
  return (pod.spec?.containers ?? []).some(({ resources }) =>
    Object.keys(resources?.requests ?? {}).some((name) => name.includes('/')),
  )
}

/**
 * Creates a volume and a claim that are bound to each other; returns the claim's name.
 *
 * Source of the names: Kubernetes v1.37, test/utils/runners.go, CreatePodWithPersistentVolume.
 */
function createVolume(
  cluster: BenchmarkCluster,
  parts: {
    readonly volume: ObjectTemplate
    readonly claim: ObjectTemplate
    readonly namespace: string
    readonly index: number
  },
): string {
  const { namespace, index } = parts
  const claimName = `pvc-${index}`
  const handle = `vol-${index}`
  const volumeName = `${namespace}-${handle}`
  const values = { Index: index }
  const claim = parts.claim.make(values) as PersistentVolumeClaim
  const volume = parts.volume.make(values) as PersistentVolume
  const { csi, awsElasticBlockStore } = volume.spec ?? {}
  createObject(cluster, {
    ...claim,
    metadata: { ...claim.metadata, name: claimName, namespace },
    spec: { ...claim.spec, volumeName },
    status: { ...claim.status, phase: 'Bound' },
  } as PersistentVolumeClaim)
  createObject(cluster, {
    ...volume,
    metadata: { ...volume.metadata, name: volumeName },
    spec: {
      ...volume.spec,
      ...(csi === undefined ? {} : { csi: { ...csi, volumeHandle: handle } }),
      ...(awsElasticBlockStore === undefined
        ? {}
        : { awsElasticBlockStore: { ...awsElasticBlockStore, volumeID: handle } }),
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: claimName },
    },
    status: { ...volume.status, phase: 'Bound' },
  } as PersistentVolume)
  return claimName
}
