import type { Node } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import { POD_BOUND, POD_CREATED, POD_DELETING, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME, PHASE_FAILED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import { EVICTED } from '../cluster/pod-reason.ts'
import { isNodeReady } from '../node/node-conditions.ts'
import type { Led } from './leader-election.ts'

/** How often it looks (kube-controller-manager v1.37, podgc `gcCheckPeriod`). */
const LOOK_EVERY: Micros = 20 * SECOND
/** How long a node has to be gone before its pods are collected (podgc `quarantineTime`). */
const QUARANTINE: Micros = 40 * SECOND
/** `--terminated-pod-gc-threshold` of kube-controller-manager. */
const FINISHED_MAX = 12_500

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const REASON = 'DeletionByPodGC'

/** What it looks after beside the pods of nodes that are gone. */
export interface PodGarbageCollectorOptions {
  /** Pods that are not a trace's: those of a trace are never too many, and never go without a node. */
  readonly owned?: OwnedPods
  /** Most finished pods that stay; 0 for any number. 12,500 by default. */
  readonly finishedMax?: number
}

/**
 * Deletes pods that nobody else does, every 20 s: the oldest of those that have finished when there are too many; those that are about to go
 * on nodes that are not ready and out of service; those of nodes that are gone, 40 s after it saw that; and those that are about to go
 * without ever having had a node. Looks only while there may be some.
 *
 * Source: kube-controller-manager v1.37, podgc `PodGCController.gc`.
 */
export function startPodGarbageCollector(
  sim: Simulation,
  api: ApiServer,
  options: PodGarbageCollectorOptions = {},
): Led {
  const collector = new PodGarbageCollector(sim, api, options)
  collector.start()
  return collector
}

class PodGarbageCollector implements Led {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #owned: OwnedPods | undefined
  readonly #finishedMax: number
  readonly #look: Handler
  #isPaused = false
  #isStalled = false
  /** The look that is to come. */
  #timer: Timer | undefined
  /** When this process began: looks are whole periods from there. */
  #startedAt: Micros = 0
  /** Nodes that are gone, with the end of their quarantine; undefined before the first look. */
  readonly #goneNodes = new Map<NodeRow, Micros | undefined>()
  /** Whether any node was ever gone. */
  #hasLostNodes = false
  /** Nodes that are not ready, and tainted as out of service. */
  readonly #outOfService = new Set<NodeRow>()

  constructor(sim: Simulation, api: ApiServer, options: PodGarbageCollectorOptions) {
    this.#sim = sim
    this.#api = api
    this.#owned = options.owned
    this.#finishedMax = options.finishedMax ?? FINISHED_MAX
    this.#look = sim.handler('pod-garbage-collector/look', () => this.#onLook())
  }

  start(): void {
    const owned = this.#owned
    const max = this.#finishedMax
    const { pods } = this.#api
    this.#api.watch({
      name: 'pod-garbage-collector',
      kinds: ['Node'],
      podEvents: POD_DELETING,
      ignores: () => this.#outOfService.size === 0 && (owned === undefined || owned.count === 0),
      onPod: ({ node }) => {
        if (node === NO_NODE || this.#outOfService.has(node)) this.#wake()
      },
      onObject: ({ verb, key, new: now }) => {
        const row = this.#api.nodeRows.everRowOf(key)
        if (verb === 'DELETED') {
          this.#outOfService.delete(row)
          this.#lose(row)
        } else this.#noteNode(row, now as Node)
      },
    })
    this.#watchLatePods()
    if (owned === undefined || max === 0) return
    this.#api.watch({
      name: 'pod-garbage-collector/finished',
      podEvents: POD_FINISHED,
      ignores: () => owned.count <= max || pods.count - pods.unfinished <= max,
      onPod: () => this.#wake(),
    })
  }

  /** Pods may come to a node after it is gone: from a scheduler that has not heard, or from a snapshot of etcd. */
  #watchLatePods(): void {
    const { nodeRows } = this.#api
    this.#api.watch({
      name: 'pod-garbage-collector/late',
      podEvents: POD_CREATED | POD_BOUND,
      assigned: true,
      ignores: () => !this.#hasLostNodes,
      onPod: ({ node }) => {
        if (nodeRows.nodeOf(node) === undefined && !this.#goneNodes.has(node)) this.#lose(node)
      },
    })
  }

  /** A node is gone: its pods are looked for. */
  #lose(node: NodeRow): void {
    this.#hasLostNodes = true
    this.#goneNodes.set(node, undefined)
    this.#wake()
  }

  #noteNode(row: NodeRow, node: Node): void {
    const { taints = [] } = node.spec ?? {}
    const isOut = taints.some(({ key }) => key === OUT_OF_SERVICE) && !isNodeReady(node)
    if (isOut === this.#outOfService.has(row)) return
    if (!isOut) {
      this.#outOfService.delete(row)
      return
    }
    this.#outOfService.add(row)
    this.#wake()
  }

  /**
   * While paused nothing is looked at. The process that leads afterwards looks at once, and then every period from there; the
   * quarantine of nodes that are gone begins anew.
   */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#isStalled = false
    if (this.#timer !== undefined) this.#sim.cancel(this.#timer)
    this.#timer = undefined
    if (isPaused) return
    this.#startedAt = this.#sim.now
    for (const node of this.#goneNodes.keys()) this.#goneNodes.set(node, undefined)
    const { nodeRows, pods } = this.#api
    for (const row of pods.table.stored()) {
      const node = pods.table.node(row)
      if (node !== NO_NODE && nodeRows.nodeOf(node) === undefined) this.#goneNodes.set(node, undefined)
    }
    this.#wake()
  }

  /** While stalled nothing is looked at; afterwards it goes on with its looks. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled
    if (!isStalled) this.#wake()
  }

  #wake(): void {
    if (this.#isPaused || this.#isStalled || this.#timer !== undefined) return
    const looks = Math.ceil((this.#sim.now - this.#startedAt) / LOOK_EVERY)
    this.#timer = this.#sim.at(this.#startedAt + looks * LOOK_EVERY, this.#look)
  }

  #onLook(): void {
    this.#timer = undefined
    if (this.#isStalled) return
    const { pods } = this.#api
    this.#collectFinished()
    for (const node of this.#outOfService) {
      // They go for the reason for which they were about to go.
      for (const pod of pods.onNode(node).filter((row) => this.#isGoing(row))) {
        this.#collect(pod, pods.table.reason(pod))
      }
    }
    this.#collectOrphans()
    if (this.#owned !== undefined) this.#collectUnscheduled()
    if (this.#goneNodes.size === 0) return
    this.#timer = this.#sim.after(LOOK_EVERY, this.#look)
  }

  #collectOrphans(): void {
    const { pods } = this.#api
    for (const [node, quarantinedUntil] of this.#goneNodes) {
      const rows = pods.onNode(node)
      if (rows.length === 0) this.#goneNodes.delete(node)
      else if (quarantinedUntil === undefined) this.#goneNodes.set(node, this.#sim.now + QUARANTINE)
      else if (this.#sim.now >= quarantinedUntil) {
        for (const row of rows) {
          this.#noteDisruption(row)
          this.#collect(row)
        }
        this.#goneNodes.delete(node)
      }
    }
  }

  #collectFinished(): void {
    const { pods } = this.#api
    const max = this.#finishedMax
    if (this.#owned === undefined || max === 0 || pods.count - pods.unfinished <= max) return
    const finished = [...pods.table.stored()].filter((row) => pods.isFinished(row) && this.#isOwned(row))
    const surplus = finished.length - max
    if (surplus <= 0) return
    const sorted = finished.map((row) => this.#rank(row)).sort(compareRanks)
    for (const { row } of sorted.slice(0, surplus)) this.#collect(row)
  }

  #collectUnscheduled(): void {
    const { table } = this.#api.pods
    const rows = [...table.stored()].filter((row) => table.node(row) === NO_NODE && this.#isGoing(row))
    for (const row of rows) this.#collect(row)
  }

  /** As upstream: a pod that has not finished is Failed first, then deleted without grace. */
  #collect(pod: PodRow, reason = REASON): void {
    const { pods } = this.#api
    pods.finish(pod, { succeeded: false, reason })
    pods.requestDeletion(pod, { grace: 0, reason })
  }

  /** Says of a pod of a node that is gone why it goes; nobody asks that of a trace's. */
  #noteDisruption(row: PodRow): void {
    const { pods, calendar } = this.#api
    if (pods.isFinished(row) || !this.#isOwned(row)) return
    const others = (pods.detailsOf(row).conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget')
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: REASON,
      message: 'PodGC: node no longer exists',
      lastTransitionTime: calendar.format(this.#sim.now),
    }
    pods.updateDetails(row, { conditions: [...others, condition] })
  }

  #isGoing(row: PodRow): boolean {
    return this.#api.pods.table.deletingAt(row) !== NO_TIME
  }

  #isOwned(row: PodRow): boolean {
    return this.#api.pods.table.ownerKind(row) !== TASK
  }

  #rank(row: PodRow): FinishedPod {
    const { pods, calendar } = this.#api
    const { table } = pods
    const isEvicted = table.phase(row) === PHASE_FAILED && table.reason(row) === EVICTED
    return { row, isEvicted, createdAt: calendar.format(table.createdAt(row)), name: pods.nameOf(row) }
  }
}

/** A pod that has finished, and what its turn follows from. */
interface FinishedPod {
  readonly row: PodRow
  readonly isEvicted: boolean
  /** In whole seconds, as the API gives it. */
  readonly createdAt: string
  readonly name: string
}

/** Evicted ones first, then the oldest, then by name (podgc `byEvictionAndCreationTimestamp`). */
function compareRanks(one: FinishedPod, other: FinishedPod): number {
  if (one.isEvicted !== other.isEvicted) return one.isEvicted ? -1 : 1
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt ? -1 : 1
  if (one.name === other.name) return one.row - other.row
  return one.name < other.name ? -1 : 1
}
