import { hostPortsOf } from '../api/host-ports.ts'
import type { NonZeroRequests, ResourceRequests } from '../api/resources.ts'
import type { Micros } from '../base/time.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import { PREEMPTED } from '../cluster/pod-reason.ts'
import type { PlacedPod } from './framework/node-columns.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import type { PodShape } from './framework/pod-shape.ts'

/** A pod's shape with what the view wants to know of it at a glance. */
export interface PlacedShape extends PodShape {
  readonly template: TemplateId
  /** Whether pods of the template bring sizes of their own. */
  readonly isSized: boolean
  /** Where shapes that bring their own size are kept; -1 for shapes of templates. */
  readonly place: number
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

/** CPU that scoring takes for a container without a request, in millicores (kube-scheduler v1.37, scheduler/util). */
const CPU_WITHOUT_REQUEST = 100
/** Memory that scoring takes for a container without a request, in bytes (the same source). */
const MEMORY_WITHOUT_REQUEST = 200 * 1024 * 1024

/** Sizes that are kept, in pairs of places: a power of two. */
const PLACES = 4096
/** Place of shapes that are kept with their template. */
const NO_PLACE = -1

/**
 * Makes the shapes of pods: one object a template, or one a size for templates whose pods bring their own. The sizes
 * that came last are kept, so that pods of few sizes share shapes, and of many leave nothing behind.
 */
export class PodShapes {
  readonly #pods: PodStore
  readonly #byTemplate: (PlacedShape | undefined)[] = []
  /** Shapes that bring their own size, each at one of two places that follow from template and size. */
  readonly #byPlace: (PlacedShape | undefined)[] = new Array<undefined>(PLACES).fill(undefined)

  /** A byte of the shapes by place that follows from template and size, 0 without a shape: most who look see it is not theirs. */
  readonly #marks = new Uint8Array(PLACES)
  /** Millicores and bytes of the shapes by place. */
  readonly #cpu = new Float64Array(PLACES).fill(-1)
  readonly #memory = new Float64Array(PLACES).fill(-1)
  /** Shapes with a size made so far: they take the two places of a pair in turn. */
  #made = 0

  constructor(pods: PodStore) {
    this.#pods = pods
    pods.templates.onForgotten((template) => {
      this.#byTemplate[template] = undefined
    })
  }

  keyOf(pod: PodRow): string {
    return this.#pods.keyOf(pod)
  }

  shapeOf(pod: PodRow): PlacedShape {
    const { table } = this.#pods
    const base = this.baseOf(pod)
    return base.isSized ? this.sizedShape(base, table.cpu(pod), table.memory(pod)) : base
  }

  /** The shape of the pod's template: without a size of its own, all that is to know but amounts. */
  baseOf(pod: PodRow): PlacedShape {
    return this.ofTemplate(this.#pods.table.template(pod))
  }

  /** The shape of a template, as `baseOf`. */
  ofTemplate(template: TemplateId): PlacedShape {
    return this.#byTemplate[template] ?? this.#makeBase(template)
  }

  /** The shape of a template of which pods have been placed; undefined when no pod is left and it was forgotten. */
  ofPlaced(template: TemplateId): PlacedShape | undefined {
    return this.#byTemplate[template]
  }

  /** Whether the deletion of the pod was asked for. */
  isTerminating(pod: PodRow): boolean {
    return this.#pods.table.deletingAt(pod) !== NO_TIME
  }

  /** When the pod came to its node; undefined while the store does not have it on one: it is only assumed there. */
  joinedAt(pod: PodRow): Micros | undefined {
    const { table } = this.#pods
    const boundAt = table.boundAt(pod)
    if (boundAt !== NO_TIME) return boundAt
    return table.node(pod) === NO_NODE ? undefined : table.createdAt(pod)
  }

  priorityOf(pod: PodRow): number {
    return this.#pods.table.priority(pod)
  }

  /** Effective request of a pod in millicores. */
  cpuOf(pod: PodRow): number {
    return this.#pods.table.cpu(pod)
  }

  /** Effective request of a pod in bytes of memory. */
  memoryOf(pod: PodRow): number {
    return this.#pods.table.memory(pod)
  }

  /** Effective requests of a pod: millicores and bytes. */
  sizeOf(pod: PodRow): { readonly cpu: number; readonly memory: number } {
    const { table } = this.#pods
    return { cpu: table.cpu(pod), memory: table.memory(pod) }
  }

  /** The shape of a template's pod of this size, if it is among those that were made last. */
  knownShape({ template }: PlacedShape, cpu: number, memory: number): PlacedShape | undefined {
    const mixed = mixedOf(template, cpu, memory)
    const pair = pairOf(mixed)
    const mark = markOf(mixed)
    for (let place = pair; place < pair + 2; place++) {
      if (this.#marks[place] !== mark) continue
      if (this.#cpu[place] !== cpu || this.#memory[place] !== memory) continue
      const shape = this.#byPlace[place]
      if (shape?.template === template) return shape
    }
    return undefined
  }

  /** What a pod counts for on a node: its own size, or that of its template. */
  countedSize(pod: PodRow): { readonly cpu: number; readonly memory: number } {
    const base = this.baseOf(pod)
    return base.isSized ? this.sizeOf(pod) : base.requests
  }

  /** The shape of a template's pod that asks for so many millicores and bytes. */
  sizedShape(base: PlacedShape, cpu: number, memory: number): PlacedShape {
    const known = this.knownShape(base, cpu, memory)
    if (known !== undefined) return known
    const mixed = mixedOf(base.template, cpu, memory)
    const place = pairOf(mixed) + (this.#made++ & 1)
    const shape = sizedShape(base, { cpu, memory, place })
    this.#byPlace[place] = shape
    this.#marks[place] = markOf(mixed)
    this.#cpu[place] = cpu
    this.#memory[place] = memory
    return shape
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
    return this.#pods.table.priority(this.row)
  }

  get startedAt(): number | undefined {
    const startedAt = this.#pods.table.boundAt(this.row)
    return startedAt === NO_TIME ? undefined : startedAt
  }

  get isTerminating(): boolean {
    return this.#pods.table.deletingAt(this.row) !== NO_TIME
  }

  get endingForPreemption(): boolean {
    const { table } = this.#pods
    return table.deletingAt(this.row) !== NO_TIME && table.reason(this.row) === PREEMPTED
  }
}

function templateShape(info: TemplateInfo): PlacedShape {
  const { metadata, spec } = info.template
  return Object.freeze({
    template: info.id,
    isSized: info.template.sizing !== 'template',
    place: NO_PLACE,
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

function sizedShape(
  base: PlacedShape,
  size: { readonly cpu: number; readonly memory: number; readonly place: number },
): PlacedShape {
  const { cpu, memory } = size
  const requests: ResourceRequests = {
    cpu,
    memory,
    ephemeralStorage: base.requests.ephemeralStorage,
    scalars: base.requests.scalars,
  }
  const nonZero = { cpu: nonZeroCpu(cpu), memory: nonZeroMemory(memory) }
  return {
    template: base.template,
    isSized: true,
    place: size.place,
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

/** Whether two pods have all in common that a shape says, though one may have been made again since. */
export function isSameShape(one: PlacedShape, other: PlacedShape): boolean {
  if (one === other) return true
  const [before, now] = [one.requests, other.requests]
  return one.template === other.template && before.cpu === now.cpu && before.memory === now.memory
}

/** Millicores that scoring counts for a pod that asks for so many. */
export function nonZeroCpu(cpu: number): number {
  return cpu === 0 ? CPU_WITHOUT_REQUEST : cpu
}

/** Bytes that scoring counts for a pod that asks for so many. */
export function nonZeroMemory(memory: number): number {
  return memory === 0 ? MEMORY_WITHOUT_REQUEST : memory
}

/** A multiplicative hash (Knuth) of a size. */
function mixedOf(template: number, cpu: number, memory: number): number {
  const mixed =
    Math.imul(template, 0x9e3779b1) ^ Math.imul(cpu, 0x85ebca6b) ^ Math.imul(memory / 4096, 0xc2b2ae35)
  return Math.imul(mixed, 0x9e3779b1)
}

/** The first of the two places of a size: the high bits of its hash. */
function pairOf(mixed: number): number {
  return (mixed >>> 20) & (PLACES - 2)
}

/** The mark of a size: lower bits of its hash; never 0. */
function markOf(mixed: number): number {
  return ((mixed >>> 12) & 0xff) | 1
}
