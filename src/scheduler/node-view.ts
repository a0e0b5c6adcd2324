import { nodeAmounts } from '../api/node-amounts.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import { assert } from '../base/assert.ts'
import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { AffinityShapes } from './affinity-shapes.ts'
import { DeviceColumns } from './device-columns.ts'
import type { HostPort, NodeColumns, NodeImage, NodeIndex, NodeLoad } from './framework/node-columns.ts'
import { HostPortColumn } from './host-port-column.ts'
import { ImageIndex } from './image-index.ts'
import { KernelRows } from './kernel-rows.ts'
import type { NamespaceRequests } from './namespace-requests.ts'
import { NodeAmounts } from './node-amounts.ts'
import { NodeLoads } from './node-loads.ts'
import { NodeLog } from './node-log.ts'
import { NodeObjects } from './node-objects.ts'
import { NodeOrder } from './node-order.ts'
import { NodePods } from './node-pods.ts'
import { Placements } from './placements.ts'
import { PriorityCounts } from './priority-counts.ts'
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
  /** Counts all changes but trials: equal means that every verdict stands. */
  epoch = 0
  /** Whether pods are moved on trial: see `on-trial.ts`. */
  isOnTrial = false
  /** Counts changes of Node objects of all nodes: equal means that no static column changed anywhere. */
  staticEpoch = 0
  /** Counts those of them in which a node came or went, or its labels or its spec changed. */
  labelEpoch = 0
  /** Cpu, memory and places of the nodes, and what pods take of them. */
  readonly amounts = new NodeAmounts()
  ephemeralAllocatable = new Float64Array(FIRST_CAPACITY)
  ephemeralRequested = new Float64Array(FIRST_CAPACITY)
  readonly scalars = new Map<string, ScalarColumn>()
  /** What pods on nodes ask for, by namespace; undefined until somebody asks. */
  namespaceRequests: NamespaceRequests | undefined
  readonly loads = new NodeLoads(this)
  readonly #order = new NodeOrder()
  readonly #objects = new NodeObjects()
  /** Pods of each node as plugins see them; made when asked for, dropped when the node's pods change. */
  readonly #placed: (readonly RowPod[] | undefined)[] = []
  readonly #pods = new NodePods(this.amounts)
  readonly #placements = new Placements()
  readonly #priorities = new PriorityCounts()
  #capacity = FIRST_CAPACITY

  constructor(shapes: PodShapes) {
    this.shapes = shapes
  }

  /** Node numbers, zones interleaved. */
  get order(): readonly NodeIndex[] {
    return this.#order.order
  }

  /** How often the first pod of a priority came. */
  get newPriorities(): number {
    return this.#priorities.news
  }

  /** Node that the view has the pod on, or `NO_NODE`. */
  placementOf(pod: PodRow): NodeRow {
    return this.#placements.nodeOf(pod)
  }

  /** Whether the view has the pod on the node. */
  isOn(pod: PodRow, node: NodeRow): boolean {
    return node !== NO_NODE && this.#placements.nodeOf(pod) === node
  }

  /** Shape of the template that was counted for a placed pod. */
  placedBaseOf(pod: PodRow): PlacedShape {
    assert(this.placementOf(pod) !== NO_NODE, () => `pod ${this.shapes.keyOf(pod)} is on no node`)
    return this.shapes.ofTemplate(this.#placements.templateOf(pod))
  }

  /** Shape that was counted for a placed pod. */
  placedShapeOf(pod: PodRow): PlacedShape {
    const base = this.placedBaseOf(pod)
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
    if (index >= this.#capacity) this.#grow(index)
    const old = this.#objects.set(index, node)
    this.version[index] = (this.version[index] ?? 0) + 1
    this.objectVersion[index] = (this.objectVersion[index] ?? 0) + 1
    this.staticEpoch += 1
    const hasSameLabels = old?.metadata?.labels === node?.metadata?.labels && old?.spec === node?.spec
    if (old === undefined || node === undefined || !hasSameLabels) this.labelEpoch += 1
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
    const placements = this.#placements
    if (placements.nodeOf(pod) !== NO_NODE) assert(false, `pod ${this.shapes.keyOf(pod)} joins a second node`)
    if (index >= this.#capacity) this.#grow(index)
    const base = this.shapes.baseOf(pod)
    placements.place(pod, index as NodeRow, this.#pods.join(index, pod), devices)
    const { requests } = base
    const cpu = base.isSized ? this.shapes.cpuOf(pod) : requests.cpu
    const memory = base.isSized ? this.shapes.memoryOf(pod) : requests.memory
    placements.setSize(pod, base.template, cpu, memory)
    this.#count(pod, index, 1)
  }

  /** Takes a pod off its node again; does nothing when it is on none. */
  removePod(pod: PodRow): void {
    const node = this.#placements.nodeOf(pod)
    if (node !== NO_NODE) this.takeOff(pod, node)
  }

  /** Takes a pod off the node that it is on. */
  takeOff(pod: PodRow, index: NodeRow): void {
    const placements = this.#placements
    const place = placements.placeOf(pod)
    const last = this.#pods.leave(index, place)
    if (last !== pod) placements.setPlace(last, place)
    this.#count(pod, index, -1)
    placements.unplace(pod)
    if (!this.isOnTrial) this.grown.add(index)
  }

  /** The deletion of a pod was asked for: it still takes its resources, but some plugins do not count it any more. */
  terminating(pod: PodRow): void {
    const index = this.#placements.nodeOf(pod)
    if (index === NO_NODE) return
    this.epoch += 1
    this.changed.add(index, this.#placements.templateOf(pod))
    this.version[index] = (this.version[index] ?? 0) + 1
  }

  /** Whether any pod on any node has a lower priority. */
  hasPodsBelow(priority: number): boolean {
    return this.#priorities.hasBelow(priority)
  }

  /** Rows of the pods on a node, in no stated order, as they are now. */
  podRows(index: NodeIndex): readonly PodRow[] {
    return this.#pods.list(index)
  }

  /** Row of the pod in a place of the node's list, below `podCount`. */
  podRowAt(index: NodeIndex, place: number): PodRow {
    return this.#pods.at(index, place)
  }

  /** Puts the pods of a node back in an order that they had: a trial that is over leaves nothing behind. */
  restoreOrder(index: NodeIndex, pods: readonly PodRow[]): void {
    this.#pods.reorder(index, pods)
    pods.forEach((pod, place) => this.#placements.setPlace(pod, place))
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
    return this.amounts.allocatableCpu(index)
  }

  allocatableMemory(index: NodeIndex): number {
    return this.amounts.allocatableMemory(index)
  }

  allocatableEphemeralStorage(index: NodeIndex): number {
    return this.ephemeralAllocatable[index] ?? 0
  }

  allocatablePods(index: NodeIndex): number {
    return this.amounts.allocatablePods(index)
  }

  allocatableScalar(index: NodeIndex, resource: string): number {
    return this.scalars.get(resource)?.allocatable[index] ?? 0
  }

  image(index: NodeIndex, name: string): NodeImage | undefined {
    return this.images.image(index, name)
  }

  requestedCpu(index: NodeIndex): number {
    return this.amounts.requestedCpu(index)
  }

  requestedMemory(index: NodeIndex): number {
    return this.amounts.requestedMemory(index)
  }

  requestedEphemeralStorage(index: NodeIndex): number {
    return this.ephemeralRequested[index] ?? 0
  }

  requestedScalar(index: NodeIndex, resource: string): number {
    return this.scalars.get(resource)?.requested[index] ?? 0
  }

  nonZeroCpu(index: NodeIndex): number {
    return this.amounts.nonZeroCpu(index)
  }

  nonZeroMemory(index: NodeIndex): number {
    return this.amounts.nonZeroMemory(index)
  }

  podCount(index: NodeIndex): number {
    return this.amounts.podCount(index)
  }

  hostPorts(index: NodeIndex): readonly HostPort[] {
    return this.ports.on(index)
  }

  pods(index: NodeIndex): readonly RowPod[] {
    const known = this.#placed[index]
    if (known !== undefined) return known
    const placed = this.#pods.list(index).map((row) => this.shapes.placedPod(row))
    this.#placed[index] = placed
    return placed
  }

  deviceCount(index: NodeIndex): number {
    return this.devices.count(index)
  }

  deviceFree(index: NodeIndex, device: number): number {
    return this.devices.free(index, device)
  }

  measuredLoad(index: NodeIndex): NodeLoad | undefined {
    return this.loads.of(index)
  }

  unmeasuredPods(index: NodeIndex): readonly RowPod[] {
    return this.loads.unmeasuredPods(index)
  }

  #count(pod: PodRow, index: NodeIndex, sign: 1 | -1): void {
    const placements = this.#placements
    const base = this.shapes.ofTemplate(placements.templateOf(pod))
    const cpu = placements.cpuOf(pod)
    const memory = placements.memoryOf(pod)
    if (!this.isOnTrial) this.epoch += 1
    this.#priorities.count(base.priority, sign)
    this.version[index] = (this.version[index] as number) + 1
    this.changed.add(index, base.template)
    if (this.#placed.length > 0) this.#placed[index] = undefined
    if (base.hasPodAffinity) this.affinity.count(base, index, sign)
    const countedCpu = base.isSized ? nonZeroCpu(cpu) : base.nonZero.cpu
    const countedMemory = base.isSized ? nonZeroMemory(memory) : base.nonZero.memory
    this.amounts.addRequested(index, sign * cpu, sign * memory)
    this.amounts.addNonZero(index, sign * countedCpu, sign * countedMemory)
    this.kernelRows.count(index, this.amounts)
    const { ephemeralStorage, scalars } = base.requests
    if (ephemeralStorage !== 0)
      this.ephemeralRequested[index] = (this.ephemeralRequested[index] as number) + sign * ephemeralStorage
    if (scalars.size > 0) {
      for (const [resource, amount] of scalars) {
        const column = this.#scalarColumn(resource).requested
        column[index] = (column[index] as number) + sign * amount
      }
    }
    const devices = placements.devicesOf(pod)
    if (devices !== 0) this.devices.take(index, devices, sign * base.deviceMilli)
    if (base.takesHostPorts) this.ports.count(index, base, sign)
    this.namespaceRequests?.count(base, { cpu, memory }, sign)
  }

  #readStatus(index: NodeIndex, node: Node): void {
    const allocatable = nodeAmounts(node.status?.allocatable ?? node.status?.capacity)
    const amounts = { cpu: 0, memory: 0, pods: 0 }
    this.ephemeralAllocatable[index] = 0
    for (const column of this.scalars.values()) column.allocatable[index] = 0
    for (const [resource, amount] of allocatable) {
      if (resource === 'cpu') amounts.cpu = amount
      else if (resource === 'memory') amounts.memory = amount
      else if (resource === 'ephemeral-storage') this.ephemeralAllocatable[index] = amount
      else if (resource === 'pods') amounts.pods = amount
      else this.#scalarColumn(resource).allocatable[index] = amount
    }
    this.amounts.setAllocatable(index, amounts)
    this.images.set(index, node.status?.images ?? [])
    this.devices.setNode(index, this.allocatableScalar(index, 'stowage.dev/gpu-milli'))
    this.kernelRows.allocate(index, this.amounts)
  }

  #scalarColumn(resource: string): ScalarColumn {
    let column = this.scalars.get(resource)
    if (column === undefined) {
      column = { allocatable: new Float64Array(this.#capacity), requested: new Float64Array(this.#capacity) }
      this.scalars.set(resource, column)
    }
    return column
  }

  /** Makes room for a node. */
  #grow(index: NodeIndex): void {
    while (index >= this.#capacity) this.#capacity *= 2
    this.amounts.reach(index)
    const capacity = this.#capacity
    this.version = widened(this.version, capacity)
    this.objectVersion = widened(this.objectVersion, capacity)
    this.ephemeralAllocatable = widened(this.ephemeralAllocatable, capacity)
    this.ephemeralRequested = widened(this.ephemeralRequested, capacity)
    for (const column of this.scalars.values()) {
      column.allocatable = widened(column.allocatable, capacity)
      column.requested = widened(column.requested, capacity)
    }
  }
}
