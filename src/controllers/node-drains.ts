import { assert } from '../base/assert.ts'
import { NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { DELETED_BY_DRAIN } from '../cluster/pod-reason.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { drainedPods, isOverdue } from './drained-pods.ts'
import type { DrainSelection, DrainedPods } from './drained-pods.ts'
import { evictPod } from './eviction-api.ts'
import type { EvictionResult } from './eviction-api.ts'

/** How one node is emptied. */
export interface NodeDrainOptions extends DrainSelection {
  /** Instead of the pods' own grace periods. */
  readonly gracePeriod?: Micros | undefined
  /** Time for one node, after which it is given up; none by default, or with 0. */
  readonly timeout?: Micros | undefined
  /** Whether pods get at most what is left of the time for the node. */
  readonly limitsGrace?: boolean
  /** Deletes pods instead of evicting them: no budget is asked. */
  readonly disableEviction?: boolean
}

/** What became of the drain of a node. */
export interface DrainedNode {
  readonly node: string
  readonly startedAt: Micros
  readonly endedAt: Micros
  /** Pods that were evicted, or deleted; those that were going already are not among them. */
  readonly evicted: number
  /** Refusals for the sake of a disruption budget, each tried again. */
  readonly refusals: number
  /** Pods that were still there when it was given up; 0 for a node that was emptied. */
  readonly left: number
  /** Why pods could not be evicted at all. */
  readonly errors: readonly string[]
  /** What pods the node had when it began. */
  readonly pods: Omit<DrainedPods, 'going'>
}

/** What drains work on. */
export interface DrainParts {
  readonly sim: Simulation
  readonly api: ApiServer
  /** Names their handlers: another for each of a run. */
  readonly name: string
}

/** Wait before an eviction that a budget refused is tried again, and between two looks whether the pods are gone (kubectl drain). */
const RETRY: Micros = 5 * SECOND
const LOOK_EVERY: Micros = SECOND

interface NodeDrain {
  readonly name: string
  readonly row: NodeRow
  readonly startedAt: Micros
  readonly deadline: Micros
  readonly pods: DrainedPods
  /** Pods that are still to be evicted: which they are, and when they are tried next. */
  readonly trials: Map<PodRow, { readonly serial: number; readonly at: Micros }>
  /** Serials of the pods that were granted, and are awaited. */
  readonly awaited: Map<PodRow, number>
  readonly errors: string[]
  evicted: number
  refusals: number
  left: number
}

/**
 * Empties nodes that are cordoned: evicts their pods, each as soon as its budget lets it, and waits until they are gone, those
 * that were going already among them. Nodes are independent of each other.
 *
 *     pod ─▶ tried ─ refused: 5 s ─▶ tried …─ granted ─▶ awaited: a look a second ─▶ gone
 *              └── more than one budget, or out of time: left ──┘ out of time: left
 *
 * Source: kubectl v1.37, drain/drain.go `evictPods`, `deletePods`, `waitForDelete`.
 */
export class NodeDrains {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #options: NodeDrainOptions
  readonly #active = new Map<string, NodeDrain>()
  readonly #look: PayloadHandler<string>
  readonly #drained: (node: DrainedNode) => void

  /** `drained` hears of each node that is done with. */
  constructor(parts: DrainParts, options: NodeDrainOptions, drained: (node: DrainedNode) => void) {
    this.#sim = parts.sim
    this.#api = parts.api
    this.#options = options
    this.#drained = drained
    this.#look = parts.sim.payloadHandler<string>(`${parts.name}/look`, (name) => {
      const drain = this.#active.get(name)
      if (drain === undefined) return
      // Without an answer from the API server it looks again.
      if (parts.api.availability.takesWrites) this.#advance(drain)
      else parts.sim.atWith(parts.sim.now + LOOK_EVERY, this.#look, name)
    })
  }

  /** How many nodes are being emptied. */
  get count(): number {
    return this.#active.size
  }

  /** Begins with a node, which may end at once; it was created some time, and is not being emptied. */
  start(name: string): void {
    assert(!this.#active.has(name), () => `${name} is being drained already`)
    const { now } = this.#sim
    const { timeout = 0 } = this.#options
    const row = this.#api.nodeRows.everRowOf(name)
    const pods = drainedPods(this.#api, row, this.#options)
    const { table } = this.#api.pods
    const drain: NodeDrain = {
      name,
      row,
      startedAt: now,
      deadline: timeout > 0 ? now + timeout : NEVER,
      pods,
      trials: new Map(pods.going.map((pod) => [pod, { serial: table.serial(pod), at: now }])),
      awaited: new Map(),
      errors: [],
      evicted: 0,
      refusals: 0,
      left: 0,
    }
    this.#active.set(name, drain)
    this.#advance(drain)
  }

  #advance(drain: NodeDrain): void {
    const { now } = this.#sim
    for (const [pod, { serial, at }] of drain.trials) if (at <= now) this.#try(drain, pod, serial)
    for (const [pod, serial] of drain.awaited) this.#await(drain, pod, serial)
    const trials = [...drain.trials.values()].map(({ at }) => at)
    if (trials.length === 0 && drain.awaited.size === 0) {
      this.#end(drain)
      return
    }
    const next = drain.awaited.size > 0 ? now + LOOK_EVERY : Math.min(...trials)
    this.#sim.atWith(next, this.#look, drain.name)
  }

  #try(drain: NodeDrain, pod: PodRow, serial: number): void {
    const { pods } = this.#api
    drain.trials.delete(pod)
    if (!this.#isThere(pod, serial)) return
    if (this.#sim.now >= drain.deadline) {
      drain.left += 1
      return
    }
    const wasGoing = pods.table.deletingAt(pod) !== NO_TIME
    const result = this.#takeAway(drain, pod)
    if (result.ok) {
      if (!wasGoing) drain.evicted += 1
      drain.awaited.set(pod, serial)
    } else if (result.code === 429) {
      drain.refusals += 1
      drain.trials.set(pod, { serial, at: this.#sim.now + RETRY })
    } else {
      drain.left += 1
      drain.errors.push(`${pods.keyOf(pod)}: ${result.message}`)
    }
  }

  #takeAway({ deadline }: NodeDrain, pod: PodRow): EvictionResult {
    const { disableEviction = false, limitsGrace = false } = this.#options
    const { terminationGrace } = this.#api.pods.infoOf(pod)
    const left = limitsGrace ? Math.min(terminationGrace, deadline - this.#sim.now) : undefined
    const gracePeriod = this.#options.gracePeriod ?? left
    if (!disableEviction) return evictPod(this.#api, pod, gracePeriod)
    this.#api.pods.requestDeletion(pod, { grace: gracePeriod, reason: DELETED_BY_DRAIN })
    return { ok: true }
  }

  #await(drain: NodeDrain, pod: PodRow, serial: number): void {
    const { skipWaitForDeleteTimeout = 0 } = this.#options
    if (this.#isThere(pod, serial) && !isOverdue(this.#api, pod, skipWaitForDeleteTimeout)) {
      if (this.#sim.now < drain.deadline) return
      drain.left += 1
    }
    drain.awaited.delete(pod)
  }

  #isThere(pod: PodRow, serial: number): boolean {
    const { pods } = this.#api
    return pods.isCurrent(pod, serial) && !pods.isRemoved(pod)
  }

  #end({ name, startedAt, evicted, refusals, left, errors, pods }: NodeDrain): void {
    this.#active.delete(name)
    const { daemonSet, localStorage, unmanaged } = pods
    this.#drained({
      node: name,
      startedAt,
      endedAt: this.#sim.now,
      evicted,
      refusals,
      left,
      errors,
      pods: { daemonSet, localStorage, unmanaged },
    })
  }
}
