import { assert } from '../base/assert.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Cycle } from './cycle.ts'
import type { FitKernel } from './framework/kernel.ts'
import type { NodeIndex, PlacedPod } from './framework/node-columns.ts'
import type { Trial } from './framework/post-filter.ts'
import { unschedulable } from './framework/verdict.ts'
import type { PluginAnswers } from './plugin-answers.ts'
import type { PodClass } from './pod-class.ts'
import type { RowPod } from './pod-shapes.ts'
import type { PluginIndex } from './profile.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Classes whose trials are remembered. */
const CLASSES_MAX = 16

const NO_ROOM = unschedulable()

/** What trials of one class came to, by node, and the states of the node that they hold for. */
interface Remembered {
  /** Plugin whose trials they are. */
  readonly plugin: PluginIndex
  readonly versions: number[]
  readonly nominations: number[]
  readonly results: unknown[]
}

/**
 * Trials of PostFilter for pods about which only numbers and Node objects have a say: whether a pod fits when others are
 * gone is a comparison of sums, and nothing is changed to find out. What a trial came to is remembered until its node
 * changes.
 */
export class NumberTrials {
  readonly #cluster: SchedulerCluster
  readonly #remembered = new Map<PodClass, Remembered>()
  #cycle: Cycle | undefined
  #fit: FitKernel | undefined
  #objects: PluginAnswers | undefined

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** For the pod of the cycle, whose class fits on no node as the view stands. */
  begin(cycle: Cycle, fit: FitKernel, objects: PluginAnswers): void {
    this.#cycle = cycle
    this.#fit = fit
    this.#objects = objects
  }

  /** Nodes that reject the pod for want of room, or otherwise so that fewer pods may help, in the scheduler's order. */
  helpful(): NodeIndex[] {
    const { order, nodes } = this.#cluster
    const { cpu, memory } = this.#fit ?? { cpu: 0, memory: 0 }
    const isFeasible = this.#objects?.isFeasible
    return order.filter((node) => {
      if (isFeasible?.[node] !== 1) return this.#cycle?.rejectionOf(node)?.rejection.code === 'Unschedulable'
      const isTooBig = cpu > nodes.allocatableCpu(node) || memory > nodes.allocatableMemory(node)
      return !isTooBig
    })
  }

  /** Whether the pod has room on a node without all pods of lower priority there; true for a node that is not covered. */
  hasLowerRoom(node: NodeIndex): boolean {
    const cycle = this.#cycle
    const fit = this.#fit
    assert(cycle !== undefined && fit !== undefined, 'trials have not begun')
    return !this.covers(node) || this.#cluster.lowerRoom.holds(fit, cycle.podClass.shape.priority, node)
  }

  /** Whether numbers alone say what a trial on the node comes to: no plugin of Node objects rejects it. */
  covers(node: NodeIndex): boolean {
    return this.#objects?.isFeasible[node] === 1
  }

  /** What the body makes of a node that is covered, or made of it before. */
  run<Result>(plugin: PluginIndex, node: NodeIndex, body: (trial: Trial) => Result): Result {
    const { nodes, nominations } = this.#cluster
    const cycle = this.#cycle
    const fit = this.#fit
    assert(cycle !== undefined && fit !== undefined, 'trials have not begun')
    const remembered = this.#rememberedOf(cycle.podClass, plugin)
    const version = nodes.version[node] as number
    const revision = nominations.revision[node] ?? 0
    if (remembered.versions[node] === version && remembered.nominations[node] === revision) {
      return remembered.results[node] as Result
    }
    const result = body(new NumberTrial(this.#cluster, fit, node))
    if (!this.#haveAllStarted(node)) return result
    remembered.versions[node] = version
    remembered.nominations[node] = revision
    remembered.results[node] = result
    return result
  }

  /** Whether the starts of the node's pods, which order victims, are known: they do not change then. */
  #haveAllStarted(node: NodeIndex): boolean {
    const { api, nodes } = this.#cluster
    const { table } = api.pods
    for (let place = nodes.podCount(node) - 1; place >= 0; place--) {
      if (table.boundAt(nodes.podRowAt(node, place)) === NO_TIME) return false
    }
    return true
  }

  #rememberedOf(podClass: PodClass, plugin: PluginIndex): Remembered {
    const known = this.#remembered.get(podClass)
    if (known?.plugin === plugin) return known
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size >= CLASSES_MAX && oldest !== undefined) this.#remembered.delete(oldest)
    const made = { plugin, versions: [], nominations: [], results: [] }
    this.#remembered.set(podClass, made)
    return made
  }
}

/** Counts what removing pods gives back. */
class NumberTrial implements Trial {
  readonly node: NodeIndex
  readonly #cluster: SchedulerCluster
  readonly #fit: FitKernel
  readonly #removed = new Set<PlacedPod>()
  #cpu = 0
  #memory = 0

  constructor(cluster: SchedulerCluster, fit: FitKernel, node: NodeIndex) {
    this.#cluster = cluster
    this.#fit = fit
    this.node = node
  }

  pods(): readonly PlacedPod[] {
    const pods = this.#cluster.nodes.pods(this.node)
    return this.#removed.size === 0 ? pods : pods.filter((pod) => !this.#removed.has(pod))
  }

  remove(pod: PlacedPod): void {
    this.#removed.add(pod)
    this.#give(pod, 1)
  }

  add(pod: PlacedPod): void {
    this.#removed.delete(pod)
    this.#give(pod, -1)
  }

  /** With the pods nominated to the node, which all count: without them there is room all the more. */
  fits(): typeof NO_ROOM | undefined {
    const { nodes, nominations } = this.#cluster
    const { node } = this
    const { cpu, memory } = this.#fit
    const pods = nodes.podCount(node) + (nominations.pods[node] ?? 0) - this.#removed.size
    if (pods + 1 > nodes.allocatablePods(node)) return NO_ROOM
    const usedCpu = nodes.requestedCpu(node) + (nominations.cpu[node] ?? 0) - this.#cpu
    if (cpu > 0 && cpu > nodes.allocatableCpu(node) - usedCpu) return NO_ROOM
    const usedMemory = nodes.requestedMemory(node) + (nominations.memory[node] ?? 0) - this.#memory
    return memory > 0 && memory > nodes.allocatableMemory(node) - usedMemory ? NO_ROOM : undefined
  }

  #give(pod: PlacedPod, sign: 1 | -1): void {
    const { row } = pod as RowPod
    this.#cpu += sign * this.#cluster.nodes.countedCpu(row)
    this.#memory += sign * this.#cluster.nodes.countedMemory(row)
  }
}

/** Whether the pod fits on a node beside the pods that are nominated to it: all of them count. */
export function fitsBesideNominated(cluster: SchedulerCluster, fit: FitKernel, node: NodeRow): boolean {
  return new NumberTrial(cluster, fit, node).fits() === undefined
}
