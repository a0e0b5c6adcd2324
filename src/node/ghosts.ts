import { NEVER, wholeSpan } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation, Timer } from '../engine/simulation.ts'
import type { NodeUsage } from './node-usage.ts'
import type { Body, SplitBrains } from './split-brain.ts'

/** What is left of a pod that has left the API while its node could not hear of it. */
export interface GhostPod {
  readonly node: NodeRow
  /** Millicores that it asked for, and bytes that it uses. */
  readonly cpu: number
  readonly memory: number
  /** When its containers end on their own; NEVER. */
  readonly endsAt: Micros
  /** How long it has to end once its node hears. */
  readonly grace: Micros
  /** What it is known by, if its name is an identity. */
  readonly body: Body | undefined
}

interface Ghost extends GhostPod {
  timer: Timer | undefined
  isStopping: boolean
}

/**
 * Containers of pods that the API server has forgotten and that run on, on nodes that were cut off as it did: they use what they
 * used then until they end on their own, their machine goes down, or their kubelet hears and ends them.
 *
 * Source: kubelet v1.37, kubelet.go `HandlePodRemoves`. Departs from Kubernetes: their use stays as it was, and their containers
 * do not start again.
 */
export class Ghosts {
  readonly #sim: Simulation
  readonly #inUse: NodeUsage
  readonly #splits: SplitBrains
  readonly #stop: (stream: RandomStream) => Micros
  readonly #stops: RandomStream
  readonly #byNode = new Map<NodeRow, Set<Ghost>>()
  readonly #endHandler: PayloadHandler<Ghost>

  constructor(parts: {
    readonly sim: Simulation
    readonly inUse: NodeUsage
    readonly splits: SplitBrains
    readonly stop: (stream: RandomStream) => Micros
  }) {
    this.#sim = parts.sim
    this.#inUse = parts.inUse
    this.#splits = parts.splits
    this.#stop = parts.stop
    this.#stops = parts.sim.random.stream('kubelet/ghost-stop')
    this.#endHandler = parts.sim.payloadHandler('kubelet/ghost-end', (ghost) => this.#end(ghost))
  }

  /** How many a node has. */
  countOn(node: NodeRow): number {
    return this.#byNode.get(node)?.size ?? 0
  }

  /** A pod runs on that is nobody's; the node counts what it uses already. */
  add(pod: GhostPod): void {
    const ghost: Ghost = { ...pod, timer: undefined, isStopping: false }
    const others = this.#byNode.get(pod.node) ?? new Set<Ghost>()
    this.#byNode.set(pod.node, others.add(ghost))
    this.#endAt(ghost, ghost.endsAt)
  }

  /** The kubelet of a node hears which pods it has: the others are told to end. */
  stopOn(node: NodeRow): void {
    for (const ghost of this.#byNode.get(node) ?? []) {
      if (ghost.isStopping) continue
      ghost.isStopping = true
      const span = Math.min(ghost.grace, wholeSpan(this.#stop(this.#stops)))
      this.#endAt(ghost, Math.min(ghost.endsAt, this.#sim.now + span))
    }
  }

  /** The machine is down, and they with it. */
  endOn(node: NodeRow): void {
    for (const ghost of this.#byNode.get(node) ?? []) {
      this.#endAt(ghost, NEVER)
      this.#end(ghost)
    }
  }

  #endAt(ghost: Ghost, at: Micros): void {
    if (ghost.timer !== undefined) this.#sim.cancel(ghost.timer)
    ghost.timer =
      at === NEVER ? undefined : this.#sim.atWith(Math.max(this.#sim.now, at), this.#endHandler, ghost)
  }

  #end(ghost: Ghost): void {
    const { node, cpu, memory, body } = ghost
    const others = this.#byNode.get(node)
    others?.delete(ghost)
    if (others?.size === 0) this.#byNode.delete(node)
    this.#inUse.release(node, cpu, memory)
    if (body !== undefined) this.#splits.gone(body)
  }
}
