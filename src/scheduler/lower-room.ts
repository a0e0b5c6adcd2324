import { widened } from '../base/widen.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { FitKernel } from './framework/kernel.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeView } from './node-view.ts'
import type { Nominations } from './nominations.ts'

/** Priorities for which room is kept. */
const PRIORITIES_MAX = 64

/** What the nodes have left for one priority, and the states of the nodes that it holds for. */
interface Room {
  versions: Int32Array<ArrayBuffer>
  nominations: Int32Array<ArrayBuffer>
  /** Millicores, bytes and places; below 0 where a node is overcommitted. */
  cpu: Float64Array<ArrayBuffer>
  memory: Float64Array<ArrayBuffer>
  places: Float64Array<ArrayBuffer>
}

/**
 * What pods of a priority would find free on a node, were all pods of lower priority gone from it: what those of the same
 * priority and of higher ones leave, pods that are nominated to the node among them.
 *
 * The most that preemption can make of a node, whichever pods it is for: so it is worked out once a priority and change of
 * a node, O(pods of the node), and a class of pods costs a comparison.
 */
export class LowerRoom {
  readonly #nodes: NodeView
  readonly #nominations: Nominations
  readonly #byPriority = new Map<number, Room>()

  constructor(nodes: NodeView, nominations: Nominations) {
    this.#nodes = nodes
    this.#nominations = nominations
  }

  /** Whether it would do for a pod that asks for this and is not nominated to the node itself. */
  holds({ cpu, memory }: FitKernel, priority: number, node: NodeIndex): boolean {
    const room = this.#roomFor(priority)
    const isCurrent =
      room.versions[node] === this.#nodes.version[node] &&
      room.nominations[node] === (this.#nominations.revision[node] ?? 0)
    if (!isCurrent) this.#measure(room, priority, node)
    if ((room.places[node] as number) < 1) return false
    if (cpu > 0 && cpu > (room.cpu[node] as number)) return false
    return !(memory > 0 && memory > (room.memory[node] as number))
  }

  #measure(room: Room, priority: number, node: NodeIndex): void {
    const nodes = this.#nodes
    const nominations = this.#nominations
    const { shapes } = nodes
    let cpu = nodes.allocatableCpu(node)
    let memory = nodes.allocatableMemory(node)
    let places = nodes.allocatablePods(node)
    for (let place = nodes.podCount(node) - 1; place >= 0; place--) {
      const pod = nodes.podRowAt(node, place)
      if (shapes.priorityOf(pod) < priority) continue
      cpu -= nodes.countedCpu(pod)
      memory -= nodes.countedMemory(pod)
      places -= 1
    }
    for (const pod of nominations.on(node as NodeRow)) {
      if (shapes.priorityOf(pod) < priority) continue
      const counted = shapes.countedSize(pod)
      cpu -= counted.cpu
      memory -= counted.memory
      places -= 1
    }
    room.cpu[node] = cpu
    room.memory[node] = memory
    room.places[node] = places
    room.versions[node] = nodes.version[node] as number
    room.nominations[node] = nominations.revision[node] ?? 0
  }

  #roomFor(priority: number): Room {
    const { length } = this.#nodes.version
    const known = this.#byPriority.get(priority)
    if (known !== undefined) {
      if (known.versions.length < length) widen(known, length)
      return known
    }
    const [oldest] = this.#byPriority.keys()
    if (this.#byPriority.size >= PRIORITIES_MAX && oldest !== undefined) this.#byPriority.delete(oldest)
    const room = {
      versions: new Int32Array(length),
      nominations: new Int32Array(length),
      cpu: new Float64Array(length),
      memory: new Float64Array(length),
      places: new Float64Array(length),
    }
    this.#byPriority.set(priority, room)
    return room
  }
}

function widen(room: Room, capacity: number): void {
  room.versions = widened(room.versions, capacity)
  room.nominations = widened(room.nominations, capacity)
  room.cpu = widened(room.cpu, capacity)
  room.memory = widened(room.memory, capacity)
  room.places = widened(room.places, capacity)
}
