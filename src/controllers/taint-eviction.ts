import { tolerationTime } from '../api/tolerations.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange, RingEntry } from '../cluster/change-ring.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import { EVICTED_BY_TAINT } from '../cluster/pod-reason.ts'
import type { Led } from './leader-election.ts'

const NO_TAINTS: readonly Taint[] = Object.freeze([])

/** A pod that is to be evicted when its toleration ends. */
interface Waiting {
  readonly serial: number
  readonly timer: Timer
}

/**
 * Evicts pods from nodes with NoExecute taints that they do not tolerate, or no longer: a pod that tolerates
 * a taint for a time is evicted when that has passed, unless the taint goes before.
 *
 * Source: kube-controller-manager v1.37, tainteviction.
 */
export class TaintEviction implements Led {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #waiting = new Map<PodRow, Waiting>()
  readonly #evictHandler: Handler
  /** NoExecute taints of the nodes that have any. */
  readonly #taints = new Map<NodeRow, readonly Taint[]>()
  #isPaused = false
  #isStalled = false
  /** Pods whose time came while it was stalled. */
  readonly #late = new Map<PodRow, number>()

  constructor(sim: Simulation, api: ApiServer) {
    this.#sim = sim
    this.#api = api
    this.#evictHandler = sim.handler('taint-eviction/evict', (pod, serial) =>
      this.#onDue(pod as PodRow, serial),
    )
    api.watch({
      name: 'taint-eviction',
      from: 1,
      podEvents: POD_CREATED | POD_BOUND | POD_FINISHED | POD_DELETED,
      assigned: true,
      podEventsOnceFinished: 0,
      // A node that gets a taint is looked at with all its pods.
      ignores: () => this.#isPaused || (this.#taints.size === 0 && this.#waiting.size === 0),
      kinds: ['Node'],
      onPod: (entry) => this.#onPod(entry),
      onObject: (change) => this.#onNode(change),
    })
  }

  /**
   * While paused nobody is evicted. The process that leads afterwards looks at all tainted nodes, and starts the time of each of
   * their pods then: `timeAdded` of a taint does not count. Source: tainteviction `processPodOnNode`.
   */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#isStalled = false
    this.#late.clear()
    for (const { timer } of this.#waiting.values()) this.#sim.cancel(timer)
    this.#waiting.clear()
    this.#taints.clear()
    if (isPaused) return
    const { nodeRows, pods } = this.#api
    for (let index = 0; index < nodeRows.used; index++) {
      const taints = noExecuteTaints(nodeRows.nodeOf(index as NodeRow))
      if (taints.length > 0) this.#taints.set(index as NodeRow, taints)
    }
    for (const [node, taints] of this.#taints) for (const pod of pods.onNode(node)) this.#judge(pod, taints)
  }

  /** While stalled nobody is evicted; those whose time came meanwhile are afterwards. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled
    if (isStalled) return
    const { pods } = this.#api
    for (const [pod, serial] of this.#late) {
      if (pods.isCurrent(pod, serial) && !pods.isRemoved(pod)) this.#evict(pod)
    }
    this.#late.clear()
  }

  #onPod(entry: RingEntry): void {
    if (this.#isPaused) return
    if (entry.podEvent === POD_FINISHED || entry.podEvent === POD_DELETED) {
      if (this.#waiting.size > 0) this.#cancel(entry.pod)
      return
    }
    if (this.#taints.size === 0 || entry.node === NO_NODE) return
    const taints = this.#taints.get(entry.node)
    if (taints !== undefined) this.#judge(entry.pod, taints)
  }

  #onNode(change: ObjectChange): void {
    const before = noExecuteTaints(change.old as Node | undefined)
    const now = noExecuteTaints(change.new as Node | undefined)
    if (this.#isPaused || isEqual(before, now)) return
    const node = this.#api.nodeRows.everRowOf(change.key)
    if (now.length === 0) this.#taints.delete(node)
    else this.#taints.set(node, now)
    // The times of its pods run on.
    if (change.verb === 'DELETED') return
    for (const pod of this.#api.pods.onNode(node)) {
      if (now.length === 0) this.#cancel(pod)
      else this.#judge(pod, now)
    }
  }

  /**
   * Evicts the pod now, when its toleration ends, or not at all. A time that runs already is not restarted.
   */
  #judge(pod: PodRow, taints: readonly Taint[]): void {
    const { pods } = this.#api
    if (pods.isRemoved(pod) || pods.isFinished(pod)) return
    const time = tolerationTime(taints, pods.infoOf(pod).tolerations)
    if (time.action === 'keep') {
      this.#cancel(pod)
    } else if (time.action === 'evictNow' || time.afterSeconds === 0) {
      this.#cancel(pod)
      this.#evict(pod)
    } else if (!this.#waiting.has(pod)) {
      const serial = pods.table.serial(pod)
      const timer = this.#sim.after(time.afterSeconds * SECOND, this.#evictHandler, pod, serial)
      this.#waiting.set(pod, { serial, timer })
    }
  }

  #onDue(pod: PodRow, serial: number): void {
    if (this.#waiting.get(pod)?.serial !== serial) return
    this.#waiting.delete(pod)
    if (this.#api.pods.isCurrent(pod, serial) && !this.#api.pods.isRemoved(pod)) this.#evict(pod)
  }

  #evict(pod: PodRow): void {
    const { pods } = this.#api
    if (pods.table.deletingAt(pod) !== NO_TIME) return
    if (this.#isStalled) {
      this.#late.set(pod, pods.table.serial(pod))
      return
    }
    pods.requestDeletion(pod, { reason: EVICTED_BY_TAINT })
  }

  #cancel(pod: PodRow): void {
    if (this.#late.size > 0) this.#late.delete(pod)
    const waiting = this.#waiting.get(pod)
    if (waiting === undefined) return
    this.#sim.cancel(waiting.timer)
    this.#waiting.delete(pod)
  }
}

/** Whether two lists of taints are of the same taints in the same order, so that nothing is to be judged. */
function isEqual(one: readonly Taint[], other: readonly Taint[]): boolean {
  return one.length === other.length && one.every((taint, index) => taint === other[index])
}

function noExecuteTaints(node: Node | undefined): readonly Taint[] {
  const taints = node?.spec?.taints
  return taints === undefined ? NO_TAINTS : taints.filter((taint) => taint.effect === 'NoExecute')
}
