import { nodeAmounts } from '../api/node-amounts.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import { assert } from '../base/assert.ts'
import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { AffinityShapes } from './affinity-shapes.ts'
import { DeviceColumns } from './device-columns.ts'
import type { HostPort, NodeColumns, NodeImage, NodeIndex } from './framework/node-columns.ts'
import { HostPortColumn } from './host-port-column.ts'
import { ImageIndex } from './image-index.ts'
import { KernelRows } from './kernel-rows.ts'
import { NodeLog } from './node-log.ts'
import { NodeObjects } from './node-objects.ts'
import { NodeOrder } from './node-order.ts'
import { Placements } from './placements.ts'
import type { Placement } from './placements.ts'
import { nonZeroCpu, nonZeroMemory } from './pod-shapes.ts'
import type { PlacedShape, PodShapes, RowPod } from './pod-shapes.ts'

const FIRST_CAPACITY = 256

/** Allocatable and requested amounts of one extended resource, by node. */
interface ScalarColumn {
  allocatable: Float64Array<ArrayBuffer>
  requested: Float64Array<ArrayBuffer>
}

/**
 * The scheduler's view of the nodes: columns fed by changes of nodes and by pods that join and leave.
 *
 * Adding or removing a pod is O(resources of the pod). The view remembers what it added for each pod, so that what
 * leaves is what came. Private to the scheduler; plugins see the columns that they declare.
 */
export class NodeView implements NodeColumns {
  readonly shapes: PodShapes
  readonly images = new ImageIndex()
  readonly devices = new DeviceColumns()
  /** Ports of the hosts that pods take. */
  readonly ports = new HostPortColumn()
  /** What the fused loop reads. */
  readonly kernelRows = new KernelRows()
  /** Nodes that pods left or that changed themselves: they may take pods that they did not take before. */
  readonly grown = new NodeLog()
  /** Nodes at each change of their pods or of their objects. */
  readonly changed = new NodeLog()
  /** Pods with terms of pod affinity. */
  readonly affinity = new AffinityShapes()
  /** Changes at every change of the node: of its Node object, or of the pods on it. Never 0 once it is there. */
  version = new Int32Array(FIRST_CAPACITY)
  /** Changes at every change of the Node object. Never 0 once it is there. */
  objectVersion = new Int32Array(FIRST_CAPACITY)
  /** Counts all changes: equal means that every verdict stands. */
  epoch = 0
  /** Counts changes of Node objects of all nodes: equal means that no static column changed anywhere. */
  staticEpoch = 0
  cpuAllocatable = new Float64Array(FIRST_CAPACITY)
  memoryAllocatable = new Float64Array(FIRST_CAPACITY)
  ephemeralAllocatable = new Float64Array(FIRST_CAPACITY)
  podsAllocatable = new Float64Array(FIRST_CAPACITY)
  cpuRequested = new Float64Array(FIRST_CAPACITY)
  memoryRequested = new Float64Array(FIRST_CAPACITY)
  ephemeralRequested = new Float64Array(FIRST_CAPACITY)
  cpuNonZero = new Float64Array(FIRST_CAPACITY)
  memoryNonZero = new Float64Array(FIRST_CAPACITY)
  podsRequested = new Int32Array(FIRST_CAPACITY)
  readonly scalars = new Map<string, ScalarColumn>()
  readonly #order = new NodeOrder()
  readonly #objects = new NodeObjects()
  readonly #podRows: PodRow[][] = []
  /** Pods of each node as plugins see them; made when asked for, dropped when the node's pods change. */
  readonly #placed: (readonly RowPod[] | undefined)[] = []
  readonly #placements = new Placements()
  /** How often the first pod of a priority came. */
  newPriorities = 0
  /** Number of pods on nodes by priority. */
  readonly #podsByPriority = new Map<number, number>()
  #capacity = FIRST_CAPACITY

  constructor(shapes: PodShapes) {
    this.shapes = shapes
  }

  /** Node numbers, zones interleaved. */
  get order(): readonly NodeIndex[] {
    return this.#order.order
  }

  /** Node that the view has the pod on, or `NO_NODE`. */
  placementOf(pod: PodRow): NodeRow {
    return this.#placements.nodeOf(pod)
  }

  /** Shape that was counted for a placed pod. */
  placedShapeOf(pod: PodRow): PlacedShape {
    const base = this.#placements.baseOf(pod)
    assert(base !== undefined, () => `pod ${this.shapes.keyOf(pod)} is on no node`)
    if (!base.isSized) return base
    return this.shapes.sizedShape(base, this.#placements.cpuOf(pod), this.#placements.memoryOf(pod))
  }

  /** Millicores that are counted for a placed pod. */
  countedCpu(pod: PodRow): number {
    return this.#placements.cpuOf(pod)
  }

  /** Bytes that are counted for a placed pod. */
  countedMemory(pod: PodRow): number {
    return this.#placements.memoryOf(pod)
  }

  /** Mask of the devices that are set aside for a placed pod. */
  devicesOf(pod: PodRow): number {
    return this.#placements.devicesOf(pod)
  }

  /** A Node came, changed, or went (undefined). Pods on it stay counted. */
  setNode(index: NodeIndex, node: Node | undefined): void {
    while (index >= this.#capacity) this.#grow()
    while (this.#podRows.length <= index) this.#podRows.push([])
    const old = this.#objects.set(index, node)
    this.version[index] = (this.version[index] ?? 0) + 1
    this.objectVersion[index] = (this.objectVersion[index] ?? 0) + 1
    this.staticEpoch += 1
    this.epoch += 1
    this.grown.add(index)
    this.changed.add(index)
    if (node === undefined) {
      this.#order.remove(index)
      this.images.remove(index)
      this.kernelRows.remove(index)
      return
    }
    if (old === undefined) this.#order.add(index, node)
    else this.#order.update(index, node)
    if (old === undefined || old.status !== node.status) this.#readStatus(index, node)
  }

  /** Counts a pod on a node; `devices` is the mask of what was set aside for it. */
  addPod(pod: PodRow, index: NodeIndex, devices: number): void {
    assert(
      this.#placements.nodeOf(pod) === NO_NODE,
      () => `pod ${this.shapes.keyOf(pod)} joins a second node`,
    )
    const base = this.shapes.baseOf(pod)
    const { cpu, memory } = this.shapes.countedSize(pod)
    const placement = { base, cpu, memory, devices }
    this.#placements.place(pod, index as NodeRow, placement)
    this.#podRowsOf(index).push(pod)
    this.#count(index, placement, 1)
  }

  /** Takes a pod off its node again; does nothing when it is on none. */
  removePod(pod: PodRow): void {
    const index = this.#placements.nodeOf(pod)
    if (index === NO_NODE) return
    const placements = this.#placements
    const base = placements.baseOf(pod)
    assert(base !== undefined, () => `pod ${this.shapes.keyOf(pod)} is on no node`)
    const placement = {
      base,
      cpu: placements.cpuOf(pod),
      memory: placements.memoryOf(pod),
      devices: placements.devicesOf(pod),
    }
    placements.unplace(pod)
    const rows = this.#podRowsOf(index)
    const at = rows.indexOf(pod)
    const last = rows.pop()
    assert(
      at >= 0 && last !== undefined,
      () => `pod ${this.shapes.keyOf(pod)} is not among the pods of its node`,
    )
    if (at < rows.length) rows[at] = last
    this.#count(index, placement, -1)
    this.grown.add(index)
  }

  /** The deletion of a pod was asked for: it still takes its resources, but some plugins do not count it any more. */
  terminating(pod: PodRow): void {
    const index = this.#placements.nodeOf(pod)
    if (index === NO_NODE) return
    this.epoch += 1
    this.changed.add(index)
    this.version[index] = (this.version[index] ?? 0) + 1
  }

  /** Whether any pod on any node has a lower priority. */
  hasPodsBelow(priority: number): boolean {
    for (const other of this.#podsByPriority.keys()) if (other < priority) return true
    return false
  }

  /** Rows of the pods on a node, in no stated order. */
  podRows(index: NodeIndex): readonly PodRow[] {
    return this.#podRows[index] ?? []
  }

  /** Puts the pods of a node back in an order that they had: a trial that is over leaves nothing behind. */
  restoreOrder(index: NodeIndex, pods: readonly PodRow[]): void {
    this.#podRows[index] = [...pods]
    this.#placed[index] = undefined
  }

  object(index: NodeIndex): Node {
    return this.#objects.object(index)
  }

  has(index: NodeIndex): boolean {
    return this.#objects.has(index)
  }

  name(index: NodeIndex): string {
    return this.#objects.name(index)
  }

  labels(index: NodeIndex): Readonly<Record<string, string>> {
    return this.#objects.labels(index)
  }

  annotations(index: NodeIndex): Readonly<Record<string, string>> {
    return this.#objects.annotations(index)
  }

  taints(index: NodeIndex): readonly Taint[] {
    return this.#objects.taints(index)
  }

  unschedulable(index: NodeIndex): boolean {
    return this.#objects.unschedulable(index)
  }

  allocatableCpu(index: NodeIndex): number {
    return this.cpuAllocatable[index] ?? 0
  }

  allocatableMemory(index: NodeIndex): number {
    return this.memoryAllocatable[index] ?? 0
  }

  allocatableEphemeralStorage(index: NodeIndex): number {
    return this.ephemeralAllocatable[index] ?? 0
  }

  allocatablePods(index: NodeIndex): number {
    return this.podsAllocatable[index] ?? 0
  }

  allocatableScalar(index: NodeIndex, resource: string): number {
    return this.scalars.get(resource)?.allocatable[index] ?? 0
  }

  image(index: NodeIndex, name: string): NodeImage | undefined {
    return this.images.image(index, name)
  }

  requestedCpu(index: NodeIndex): number {
    return this.cpuRequested[index] ?? 0
  }

  requestedMemory(index: NodeIndex): number {
    return this.memoryRequested[index] ?? 0
  }

  requestedEphemeralStorage(index: NodeIndex): number {
    return this.ephemeralRequested[index] ?? 0
  }

  requestedScalar(index: NodeIndex, resource: string): number {
    return this.scalars.get(resource)?.requested[index] ?? 0
  }

  nonZeroCpu(index: NodeIndex): number {
    return this.cpuNonZero[index] ?? 0
  }

  nonZeroMemory(index: NodeIndex): number {
    return this.memoryNonZero[index] ?? 0
  }

  podCount(index: NodeIndex): number {
    return this.podsRequested[index] ?? 0
  }

  hostPorts(index: NodeIndex): readonly HostPort[] {
    return this.ports.on(index)
  }

  pods(index: NodeIndex): readonly RowPod[] {
    const known = this.#placed[index]
    if (known !== undefined) return known
    const placed = this.#podRowsOf(index).map((row) => this.shapes.placedPod(row))
    this.#placed[index] = placed
    return placed
  }

  deviceCount(index: NodeIndex): number {
    return this.devices.count(index)
  }

  deviceFree(index: NodeIndex, device: number): number {
    return this.devices.free(index, device)
  }

  #podRowsOf(index: NodeIndex): PodRow[] {
    while (this.#podRows.length <= index) this.#podRows.push([])
    const rows = this.#podRows[index]
    assert(rows !== undefined, () => `node ${index} has no list of pods`)
    return rows
  }

  #count(index: NodeIndex, placement: Placement, sign: 1 | -1): void {
    const { base, cpu, memory, devices } = placement
    this.epoch += 1
    this.#countPriority(base.priority, sign)
    this.version[index] = (this.version[index] ?? 0) + 1
    this.changed.add(index)
    this.#placed[index] = undefined
    if (base.hasPodAffinity) this.affinity.count(base, index, sign)
    this.cpuRequested[index] = (this.cpuRequested[index] ?? 0) + sign * cpu
    this.memoryRequested[index] = (this.memoryRequested[index] ?? 0) + sign * memory
    const countedCpu = base.isSized ? nonZeroCpu(cpu) : base.nonZero.cpu
    const countedMemory = base.isSized ? nonZeroMemory(memory) : base.nonZero.memory
    this.cpuNonZero[index] = (this.cpuNonZero[index] ?? 0) + sign * countedCpu
    this.memoryNonZero[index] = (this.memoryNonZero[index] ?? 0) + sign * countedMemory
    this.podsRequested[index] = (this.podsRequested[index] ?? 0) + sign
    this.kernelRows.count(index, this)
    const { ephemeralStorage, scalars } = base.requests
    if (ephemeralStorage !== 0) {
      this.ephemeralRequested[index] = (this.ephemeralRequested[index] ?? 0) + sign * ephemeralStorage
    }
    if (scalars.size > 0) {
      for (const [resource, amount] of scalars) {
        const column = this.#scalarColumn(resource).requested
        column[index] = (column[index] ?? 0) + sign * amount
      }
    }
    if (devices !== 0) this.devices.take(index, devices, sign * base.deviceMilli)
    if (base.takesHostPorts) this.ports.count(index, base, sign)
  }

  #countPriority(priority: number, sign: 1 | -1): void {
    const count = (this.#podsByPriority.get(priority) ?? 0) + sign
    if (sign === 1 && count === 1) this.newPriorities += 1
    if (count === 0) this.#podsByPriority.delete(priority)
    else this.#podsByPriority.set(priority, count)
  }

  #readStatus(index: NodeIndex, node: Node): void {
    const allocatable = nodeAmounts(node.status?.allocatable ?? node.status?.capacity)
    this.cpuAllocatable[index] = 0
    this.memoryAllocatable[index] = 0
    this.ephemeralAllocatable[index] = 0
    this.podsAllocatable[index] = 0
    for (const column of this.scalars.values()) column.allocatable[index] = 0
    for (const [resource, amount] of allocatable) {
      if (resource === 'cpu') this.cpuAllocatable[index] = amount
      else if (resource === 'memory') this.memoryAllocatable[index] = amount
      else if (resource === 'ephemeral-storage') this.ephemeralAllocatable[index] = amount
      else if (resource === 'pods') this.podsAllocatable[index] = amount
      else this.#scalarColumn(resource).allocatable[index] = amount
    }
    this.images.set(index, node.status?.images ?? [])
    this.devices.setNode(index, this.allocatableScalar(index, 'stowage.dev/gpu-milli'))
    this.kernelRows.allocate(index, this)
  }

  #scalarColumn(resource: string): ScalarColumn {
    let column = this.scalars.get(resource)
    if (column === undefined) {
      column = { allocatable: new Float64Array(this.#capacity), requested: new Float64Array(this.#capacity) }
      this.scalars.set(resource, column)
    }
    return column
  }

  #grow(): void {
    this.#capacity *= 2
    const capacity = this.#capacity
    this.version = widened(this.version, capacity)
    this.objectVersion = widened(this.objectVersion, capacity)
    this.podsRequested = widened(this.podsRequested, capacity)
    this.cpuAllocatable = widened(this.cpuAllocatable, capacity)
    this.memoryAllocatable = widened(this.memoryAllocatable, capacity)
    this.ephemeralAllocatable = widened(this.ephemeralAllocatable, capacity)
    this.podsAllocatable = widened(this.podsAllocatable, capacity)
    this.cpuRequested = widened(this.cpuRequested, capacity)
    this.memoryRequested = widened(this.memoryRequested, capacity)
    this.ephemeralRequested = widened(this.ephemeralRequested, capacity)
    this.cpuNonZero = widened(this.cpuNonZero, capacity)
    this.memoryNonZero = widened(this.memoryNonZero, capacity)
    for (const column of this.scalars.values()) {
      column.allocatable = widened(column.allocatable, capacity)
      column.requested = widened(column.requested, capacity)
    }
  }
}
