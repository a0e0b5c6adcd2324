import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import { cordon } from './cordon.ts'
import { evictPod } from './eviction-api.ts'
import { podsOfNode } from './pods-of-node.ts'

/** How nodes are drained. */
export interface DrainOptions {
  /** Instead of the pods' own grace periods. */
  readonly gracePeriod?: Micros | undefined
  /** Time for one node, after which it is given up; none by default. */
  readonly timeout?: Micros | undefined
  /** How long an empty node stays cordoned; for good by default. */
  readonly uncordonAfter?: Micros | undefined
  /** Nodes that are drained at a time; 1 by default, as kubectl has it. */
  readonly nodesMax?: number
}

/** What became of a drain, node by node. */
export interface DrainedNode {
  readonly node: string
  readonly startedAt: Micros
  readonly endedAt: Micros
  /** Pods that were evicted. */
  readonly evicted: number
  /** Refusals for the sake of a disruption budget, each tried again. */
  readonly refusals: number
  /** Pods that were still there when it was given up; 0 for a node that was emptied. */
  readonly left: number
}

/** Wait before an eviction that a budget refused is tried again, and between two looks whether the pods are gone (kubectl drain). */
const RETRY: Micros = 5 * SECOND
const LOOK_EVERY: Micros = SECOND

const MIRROR = 'kubernetes.io/config.mirror'

interface NodeDrain {
  readonly name: string
  readonly row: NodeRow
  readonly startedAt: Micros
  /** When each pod that is still to be evicted is tried next. */
  readonly retryAt: Map<PodRow, Micros>
  /** Serials of the pods that were granted, and are awaited. */
  readonly awaited: Map<PodRow, number>
  evicted: number
  refusals: number
}

/**
 * Cordons nodes, and evicts their pods through the API, which disruption budgets may refuse for a time; DaemonSet and static pods
 * stay. All nodes are cordoned first; then they are emptied one after the other, or several at a time.
 *
 * Source: kubectl v1.37, drain with `--ignore-daemonsets --delete-emptydir-data --force`.
 */
export class Drain {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #options: DrainOptions
  readonly #waiting: string[]
  readonly #active = new Map<string, NodeDrain>()
  readonly #look: Handler
  readonly #uncordon: { readonly handler: Handler }
  readonly #drained: (node: DrainedNode) => void

  /** `name` names its handlers: each drain of a run has another. `drained` hears of each node that is done with. */
  constructor(
    parts: { readonly sim: Simulation; readonly api: ApiServer; readonly name: string },
    nodes: readonly string[],
    options: DrainOptions,
    drained: (node: DrainedNode) => void,
  ) {
    this.#sim = parts.sim
    this.#api = parts.api
    this.#options = options
    this.#waiting = nodes.filter((node) => cordon(parts.api, node, true))
    this.#drained = drained
    this.#look = parts.sim.handler(`${parts.name}/look`, () => this.#onLook())
    this.#uncordon = parts.sim.payloadHandler<string>(
      `${parts.name}/uncordon`,
      (node) => void cordon(parts.api, node, false),
    )
    this.#onLook()
  }

  #onLook(): void {
    for (const drain of this.#active.values()) this.#advance(drain)
    const { nodesMax = 1 } = this.#options
    while (this.#active.size < nodesMax && this.#waiting.length > 0) this.#start(this.#waiting.shift() ?? '')
    if (this.#active.size > 0) this.#sim.after(LOOK_EVERY, this.#look)
  }

  #start(name: string): void {
    const row = this.#api.nodeRows.rowOf(name)
    if (row === undefined) return
    const { now } = this.#sim
    const pods = podsOfNode(this.#api.pods, row).filter((pod) => this.#isEvictable(pod))
    const drain: NodeDrain = {
      name,
      row,
      startedAt: now,
      retryAt: new Map(pods.map((pod) => [pod, now])),
      awaited: new Map(),
      evicted: 0,
      refusals: 0,
    }
    this.#active.set(name, drain)
    this.#advance(drain)
  }

  #isEvictable(pod: PodRow): boolean {
    const { pods } = this.#api
    return (
      pods.table.ownerKind(pod) !== 'DaemonSet' &&
      pods.infoOf(pod).template.metadata.annotations[MIRROR] === undefined
    )
  }

  #advance(drain: NodeDrain): void {
    const { pods } = this.#api
    for (const [pod, at] of drain.retryAt) if (at <= this.#sim.now) this.#evict(drain, pod)
    for (const [pod, serial] of drain.awaited) {
      if (!pods.isCurrent(pod, serial) || pods.isRemoved(pod)) drain.awaited.delete(pod)
    }
    const left = drain.retryAt.size + drain.awaited.size
    const { timeout } = this.#options
    const isGivenUp = timeout !== undefined && this.#sim.now >= drain.startedAt + timeout
    if (left === 0 || isGivenUp) this.#end(drain, left)
  }

  #evict(drain: NodeDrain, pod: PodRow): void {
    const { pods } = this.#api
    if (pods.table.node(pod) !== drain.row || pods.isRemoved(pod)) {
      drain.retryAt.delete(pod)
      return
    }
    const serial = pods.table.serial(pod)
    const wasGoing = pods.table.deletingAt(pod) !== NO_TIME
    const result = evictPod(this.#api, pod, this.#options.gracePeriod)
    if (!result.ok) {
      drain.refusals += 1
      drain.retryAt.set(pod, this.#sim.now + RETRY)
      return
    }
    if (!wasGoing) drain.evicted += 1
    drain.retryAt.delete(pod)
    drain.awaited.set(pod, serial)
  }

  #end(drain: NodeDrain, left: number): void {
    const { name, startedAt, evicted, refusals } = drain
    this.#active.delete(name)
    const { uncordonAfter } = this.#options
    if (uncordonAfter !== undefined && left === 0) this.#sim.afterWith(uncordonAfter, this.#uncordon, name)
    this.#drained({ node: name, startedAt, endedAt: this.#sim.now, evicted, refusals, left })
  }
}
