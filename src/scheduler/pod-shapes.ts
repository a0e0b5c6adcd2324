import { hostPortsOf } from '../api/host-ports.ts'
import type { NonZeroRequests, ResourceRequests } from '../api/resources.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import type { PlacedPod } from './framework/node-columns.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import type { PodShape } from './framework/pod-shape.ts'

/** A pod's shape with what the view wants to know of it at a glance. */
export interface PlacedShape extends PodShape {
  readonly template: TemplateId
  /** What it counts for on its node when nodes are scored. */
  readonly nonZero: NonZeroRequests
  readonly takesHostPorts: boolean
  /** Whether it has terms of pod affinity or anti-affinity. */
  readonly hasPodAffinity: boolean
  /** Thousandths taken of each device that is set aside for the pod; 0 without devices. */
  readonly deviceMilli: number
}

/** A pod of the store as PostFilter and plugins see it, with the row that it stands for. */
export interface RowPod extends PlacedPod {
  readonly row: PodRow
  readonly shape: PlacedShape
}

/** `status.reason` of pods whose deletion the scheduler asked for. */
export const PREEMPTED = 'Preempted'

/** CPU that scoring takes for a container without a request, in millicores (kube-scheduler v1.37, scheduler/util). */
const CPU_WITHOUT_REQUEST = 100
/** Memory that scoring takes for a container without a request, in bytes (the same source). */
const MEMORY_WITHOUT_REQUEST = 200 * 1024 * 1024

/** Sizes of one template that are kept; beyond, all are forgotten and the next ones kept. */
const SIZES_MAX = 1024

/** Makes the shapes of pods: one object a template, or one a size for templates whose pods bring their own. */
export class PodShapes {
  readonly #pods: PodStore
  readonly #byTemplate: (PlacedShape | undefined)[] = []
  /** Shapes of pods that bring their own size, by template and size. */
  readonly #bySize: (Map<string, PlacedShape> | undefined)[] = []
  #last: PlacedShape | undefined

  constructor(pods: PodStore) {
    this.#pods = pods
  }

  keyOf(pod: PodRow): string {
    return this.#pods.keyOf(pod)
  }

  shapeOf(pod: PodRow): PlacedShape {
    const { table } = this.#pods
    const template = (table.template[pod] ?? 0) as TemplateId
    const base = this.#byTemplate[template] ?? this.#makeBase(template)
    if (this.#pods.templates.get(template).template.sizing === 'template') return base
    const cpu = table.cpu[pod] ?? 0
    const memory = table.memory[pod] ?? 0
    const last = this.#last
    if (last?.template === template && last.requests.cpu === cpu && last.requests.memory === memory)
      return last
    this.#last = this.#sizedShape(base, cpu, memory)
    return this.#last
  }

  /** The one shape of a template and size, as long as not too many sizes have come since. */
  #sizedShape(base: PlacedShape, cpu: number, memory: number): PlacedShape {
    let shapes = this.#bySize[base.template]
    if (shapes === undefined || shapes.size >= SIZES_MAX) {
      shapes = new Map()
      this.#bySize[base.template] = shapes
    }
    const key = `${cpu}/${memory}`
    const known = shapes.get(key)
    if (known !== undefined) return known
    const made = sizedShape(base, cpu, memory)
    shapes.set(key, made)
    return made
  }

  placedPod(pod: PodRow): RowPod {
    return new StoredPod(pod, this.#pods, this)
  }

  /** The same without what only pods on a node have. */
  identityOf(pod: PodRow): PodIdentity {
    return new StoredPod(pod, this.#pods, this)
  }

  #makeBase(template: TemplateId): PlacedShape {
    const shape = templateShape(this.#pods.templates.get(template))
    this.#byTemplate[template] = shape
    return shape
  }
}

/** A pod of the store; looks up what it is asked for. */
class StoredPod implements RowPod {
  readonly row: PodRow
  readonly #pods: PodStore
  readonly #shapes: PodShapes

  constructor(row: PodRow, pods: PodStore, shapes: PodShapes) {
    this.row = row
    this.#pods = pods
    this.#shapes = shapes
  }

  get key(): string {
    return this.#pods.keyOf(this.row)
  }

  get name(): string {
    return this.#pods.nameOf(this.row)
  }

  get uid(): string {
    return this.#pods.detailsOf(this.row).uid ?? ''
  }

  get ownerReferences(): PodIdentity['ownerReferences'] {
    return this.#pods.detailsOf(this.row).ownerReferences ?? []
  }

  get resourceClaimStatuses(): PodIdentity['resourceClaimStatuses'] {
    return this.#pods.detailsOf(this.row).resourceClaimStatuses ?? []
  }

  get extendedResourceClaimStatus(): PodIdentity['extendedResourceClaimStatus'] {
    return this.#pods.detailsOf(this.row).extendedResourceClaimStatus
  }

  get shape(): PlacedShape {
    return this.#shapes.shapeOf(this.row)
  }

  get priority(): number {
    return this.#pods.table.priority[this.row] ?? 0
  }

  get startedAt(): number | undefined {
    const startedAt = this.#pods.table.boundAt[this.row] ?? NO_TIME
    return startedAt === NO_TIME ? undefined : startedAt
  }

  get isTerminating(): boolean {
    return this.#pods.table.deletingAt[this.row] !== NO_TIME
  }

  get endingForPreemption(): boolean {
    const { table } = this.#pods
    return table.deletingAt[this.row] !== NO_TIME && table.reason[this.row] === PREEMPTED
  }
}

function templateShape(info: TemplateInfo): PlacedShape {
  const { metadata, spec } = info.template
  return Object.freeze({
    template: info.id,
    namespace: metadata.namespace,
    labels: metadata.labels,
    annotations: metadata.annotations,
    spec,
    priority: info.priority,
    requests: info.requests,
    scored: info.scored,
    nonZero: info.nonZero,
    takesHostPorts: hostPortsOf(spec).length > 0,
    hasPodAffinity: spec.affinity?.podAffinity !== undefined || spec.affinity?.podAntiAffinity !== undefined,
    deviceMilli: Number(metadata.annotations['stowage.dev/gpu-milli-per-device'] ?? 0),
  })
}

function sizedShape(base: PlacedShape, cpu: number, memory: number): PlacedShape {
  const requests: ResourceRequests = {
    cpu,
    memory,
    ephemeralStorage: base.requests.ephemeralStorage,
    scalars: base.requests.scalars,
  }
  const nonZero = { cpu: cpu || CPU_WITHOUT_REQUEST, memory: memory || MEMORY_WITHOUT_REQUEST }
  return {
    template: base.template,
    namespace: base.namespace,
    labels: base.labels,
    annotations: base.annotations,
    spec: base.spec,
    priority: base.priority,
    requests,
    scored: nonZero,
    nonZero,
    takesHostPorts: base.takesHostPorts,
    hasPodAffinity: base.hasPodAffinity,
    deviceMilli: base.deviceMilli,
  }
}
