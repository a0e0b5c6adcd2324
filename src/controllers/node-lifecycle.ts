import type { Node } from '../api/types.generated.ts'
import { MILLISECOND, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import { MACHINE_FAULTS } from '../node/machine.ts'
import type { MachineChange, Machines } from '../node/machine.ts'
import { conditionOf } from '../node/node-conditions.ts'
import type { Led } from './leader-election.ts'
import { LeaseClock } from './lease-clock.ts'
import {
  hasEvictingTaint,
  withConditionTaints,
  withEvictingTaint,
  withUnknownConditions,
  withoutEvictingTaints,
} from './node-taints.ts'
import { ZoneTainters } from './zone-tainters.ts'
import type { ZoneOptions } from './zone-tainters.ts'

/** Settings of the node lifecycle controller and of the leases it looks at. */
export interface NodeLifecycleOptions extends ZoneOptions {
  /** `--node-monitor-period`. */
  readonly monitorPeriod: Micros
  /** `--node-monitor-grace-period`. */
  readonly gracePeriod: Micros
  /** `--node-startup-grace-period`: the same for a node that has never posted a status. */
  readonly startupGracePeriod: Micros
  /** Interval at which a kubelet renews its lease: a quarter of its duration. */
  readonly leaseRenewal: Micros
}

/**
 * The defaults of kube-controller-manager v1.37 (grace 50 s since 1.32) and of the kubelet (lease of 40 s).
 */
const DEFAULTS: NodeLifecycleOptions = {
  monitorPeriod: 5 * SECOND,
  gracePeriod: 50 * SECOND,
  startupGracePeriod: 60 * SECOND,
  leaseRenewal: 10 * SECOND,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeZone: 50,
  unhealthyThreshold: 0.55,
}

/** How often the queues of nodes to taint are looked at (`nodeEvictionPeriod`). */
const TAINTING_PERIOD: Micros = 100 * MILLISECOND

/**
 * Notices nodes whose heartbeat has stopped, and taints them and those that say themselves that they are not ready; takes the
 * taints away when they are back.
 *
 *     silent machine ─ grace over, at a tick ─▶ Ready Unknown, NoSchedule taint, pods not ready ─┐ next tick
 *     kubelet posts Ready False ─────────────────────────────────────────────────────────────────┴─▶ queued
 *         queued ─ at its zone's rate ─▶ NoExecute taint ─ state changes, at a tick ─▶ the other NoExecute taint
 *     kubelet posts Ready True ─▶ no NoSchedule taint ─ next tick ─▶ no NoExecute taint
 *
 * Heartbeats are computed: from the node's last one and the time its machine fell silent follow the tick that saw it, and the tick
 * at which the grace period is over. A tick runs only when it has something to see, and looks at that alone.
 *
 * Source: kube-controller-manager v1.37, nodelifecycle `monitorNodeHealth`, `processTaintBaseEviction`, `doNoExecuteTaintingPass`.
 */
export class NodeLifecycle implements Led {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #options: NodeLifecycleOptions
  readonly #leases: LeaseClock
  #zones: ZoneTainters
  /** Nodes that do not report and are not known to be Unknown yet, with the time at which their grace period is over. */
  readonly #silent = new Map<NodeRow, Micros>()
  /** Nodes whose state the next tick looks at. */
  readonly #changed = new Set<NodeRow>()
  /** Nodes that no tick of this process has seen, and that have a NoExecute taint. */
  readonly #unseen = new Set<NodeRow>()
  readonly #tick: Handler
  readonly #taint: Handler
  /** When this process began: ticks are whole periods from there. */
  #startedAt: Micros = 0
  #isPaused = false
  #isStalled = false
  /** Nodes that changed while it was stalled. */
  readonly #missed = new Set<NodeRow>()
  #tickAt: Micros = NEVER
  #tickTimer: Timer | undefined
  #tickedAt: Micros = -1
  #taintAt: Micros = NEVER

  constructor(
    sim: Simulation,
    api: ApiServer,
    machines: Machines,
    options: Partial<NodeLifecycleOptions> = {},
  ) {
    this.#sim = sim
    this.#api = api
    this.#machines = machines
    this.#options = { ...DEFAULTS, ...options }
    this.#leases = new LeaseClock(sim.random, this.#options.leaseRenewal)
    this.#zones = new ZoneTainters(sim.random, this.#options)
    this.#tick = sim.handler('node-lifecycle/monitor', () => this.#onTick())
    this.#taint = sim.handler('node-lifecycle/taint', () => this.#onTaint())
    api.watch({
      name: 'node-lifecycle',
      from: 1,
      kinds: ['Node'],
      onObject: (change) => this.#onNode(change),
    })
    machines.watch('node-lifecycle', (change) => this.#onMachine(change), MACHINE_FAULTS)
  }

  /**
   * While paused nothing is seen. The process that leads afterwards knows nothing: the grace period of every node begins anew, its
   * ticks count from now, its queues are empty, and its first tick takes the NoExecute taints of all nodes away, which those that
   * are still lost get again at the rate of their zone. Source: nodelifecycle `classifyNodes`, `tryUpdateNodeHealth`.
   */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#isStalled = false
    this.#missed.clear()
    this.#silent.clear()
    this.#changed.clear()
    this.#unseen.clear()
    if (this.#tickTimer !== undefined) this.#sim.cancel(this.#tickTimer)
    this.#tickTimer = undefined
    this.#tickAt = NEVER
    this.#zones = new ZoneTainters(this.#sim.random, this.#options)
    if (isPaused) return
    this.#startedAt = this.#sim.now
    this.#tickedAt = -1
    const { nodeRows } = this.#api
    for (let index = 0; index < nodeRows.used; index++) {
      const node = nodeRows.nodeOf(index as NodeRow)
      if (node !== undefined) this.#meet(index as NodeRow, node)
    }
  }

  /** While stalled nothing is written; afterwards the next tick looks at what would have been. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled
    if (isStalled) return
    for (const row of this.#missed) {
      const node = this.#api.nodeRows.nodeOf(row)
      if (node !== undefined) this.#observe(row, node)
    }
    this.#missed.clear()
    this.#tickFrom(this.#sim.now)
    this.#armTainting()
  }

  #onMachine({ row, up, at }: MachineChange): void {
    const isReporting = this.#machines.reports(row)
    if (isReporting) this.#leases.restart(row, at)
    if (this.#isPaused || up !== isReporting || !this.#zones.has(row)) return
    if (isReporting) {
      this.#silent.delete(row)
      return
    }
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined || this.#silent.has(row) || statusOf(node) === 'Unknown') return
    const seenAt = this.#tickFor(this.#leases.lastHeartbeat(row, this.#api.nodeRows.nameOf(row), at))
    this.#fallSilent(row, seenAt + this.#options.gracePeriod)
  }

  #fallSilent(row: NodeRow, graceOverAt: Micros): void {
    this.#silent.set(row, graceOverAt)
    this.#tickFrom(graceOverAt)
  }

  #onNode({ key, verb, new: written }: ObjectChange): void {
    const row = this.#api.nodeRows.everRowOf(key)
    if (verb === 'DELETED') this.#leases.forget(row)
    else if (verb === 'ADDED') this.#leases.start(row, this.#sim.now)
    if (this.#isPaused) return
    if (this.#isStalled && verb !== 'DELETED') this.#missed.add(row)
    else if (verb === 'DELETED') this.#leave(row)
    else if (this.#zones.has(row)) this.#observe(row, written as Node)
    else this.#meet(row, written as Node)
  }

  #leave(row: NodeRow): void {
    this.#zones.leave(row)
    this.#silent.delete(row)
    this.#changed.delete(row)
    this.#unseen.delete(row)
    if (this.#zones.isUnsettled) this.#tickFrom(this.#sim.now)
  }

  /** A node that this process sees for the first time: its heartbeats count from now, or from its creation. */
  #meet(row: NodeRow, node: Node): void {
    if (hasEvictingTaint(node)) this.#unseen.add(row)
    this.#observe(row, node)
  }

  /** Makes sure that a tick looks at what is new of a node; `written` may have been written over since. */
  #observe(row: NodeRow, written: Node): void {
    const node = this.#api.nodeRows.nodeOf(row) ?? written
    const status = statusOf(node)
    const isNew = this.#zones.put(row, node, this.#isReady(row, node))
    const tainted = withConditionTaints(node)
    if (tainted !== node) this.#api.nodes.update(tainted)
    const { now } = this.#sim
    if (!this.#machines.reports(row) && status !== 'Unknown' && !this.#silent.has(row)) {
      const { gracePeriod, startupGracePeriod } = this.#options
      if (status === undefined) this.#fallSilent(row, now + startupGracePeriod)
      else this.#fallSilent(row, this.#tickFor(now) + gracePeriod)
    }
    const isLost = status === 'Unknown' || status === 'False'
    if (isLost || this.#zones.isKnown(row) || hasEvictingTaint(node)) this.#changed.add(row)
    else if (!isNew || !this.#zones.isUnsettled) return
    this.#tickFrom(now)
  }

  /** The first tick of this process that can see what was at an instant. */
  #tickFor(instant: Micros): Micros {
    const { monitorPeriod } = this.#options
    const ticks = Math.max(0, Math.ceil((instant - this.#startedAt) / monitorPeriod))
    return this.#startedAt + ticks * monitorPeriod
  }

  /** Makes sure that a tick runs at the first of its times that is not before `earliest` and has not run. */
  #tickFrom(earliest: Micros): void {
    let at = this.#tickFor(Math.max(earliest, this.#sim.now))
    if (at <= this.#tickedAt) at += this.#options.monitorPeriod
    if (at >= this.#tickAt) return
    if (this.#tickTimer !== undefined) this.#sim.cancel(this.#tickTimer)
    this.#tickAt = at
    this.#tickTimer = this.#sim.at(at, this.#tick)
  }

  /**
   * Looks at nodes as they were before this tick, as the real loop does: a node that is marked Unknown now is queued for its
   * NoExecute taint by the next tick.
   *
   * The real ticks drift by the time they take, so that the tenth after the one that saw the last heartbeat comes just after 50 s,
   * and finds the grace period over.
   */
  #onTick(): void {
    const { now } = this.#sim
    this.#tickedAt = now
    this.#tickAt = NEVER
    this.#tickTimer = undefined
    if (this.#isStalled) return
    const before = [...this.#changed].sort((one, other) => one - other)
    const seen = before.map((row) => [row, this.#api.nodeRows.nodeOf(row)] as const)
    this.#changed.clear()
    for (const row of this.#unseen) this.#markReachable(row)
    this.#unseen.clear()
    for (const [row, node] of seen) if (node !== undefined) this.#followTaint(row, node)
    this.#loseSilent()
    const disruption = this.#zones.judge(now)
    if (disruption === 'entered') this.#doubt()
    else if (disruption === 'left') this.#restartGrace()
    this.#armTainting()
    let nextAt = this.#changed.size > 0 ? now : NEVER
    for (const overAt of this.#silent.values()) nextAt = Math.min(nextAt, overAt)
    if (nextAt !== NEVER) this.#tickFrom(nextAt)
  }

  /** The NoExecute taint that follows from the state that a tick saw. */
  #followTaint(row: NodeRow, seen: Node): void {
    const status = statusOf(seen)
    if (status === 'True') this.#markReachable(row)
    else if (status === 'Unknown' || status === 'False') {
      if (hasEvictingTaint(seen, status === 'Unknown' ? 'False' : 'Unknown')) this.#writeTaint(row, status)
      else this.#zones.enqueue(row, hasEvictingTaint(seen, status))
    }
  }

  /** Marks those Unknown whose grace period is over. */
  #loseSilent(): void {
    const over = [...this.#silent].filter(([, overAt]) => this.#sim.now >= overAt).map(([row]) => row)
    const lost: NodeRow[] = []
    for (const row of over.sort((one, other) => one - other)) {
      this.#silent.delete(row)
      const node = this.#api.nodeRows.nodeOf(row)
      if (node === undefined) continue
      const status = statusOf(node)
      const unknown = withUnknownConditions(node)
      if (unknown !== node) this.#api.nodes.update(unknown)
      this.#zones.setReady(row, false)
      this.#changed.add(row)
      if (status === 'True' || status === undefined) lost.push(row)
    }
    const { pods } = this.#api
    for (const row of lost) {
      for (const pod of pods.onNode(row)) if (!pods.isFinished(pod)) pods.setReady(pod, false)
    }
  }

  #markReachable(row: NodeRow): void {
    this.#zones.dequeue(row)
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const clean = withoutEvictingTaints(node)
    if (clean !== node) this.#api.nodes.update(clean)
  }

  /**
   * No node of any zone is ready: the fault may be the control plane's. All taints go; the next tick queues the nodes again, for when
   * the rates are no longer 0.
   */
  #doubt(): void {
    const { nodeRows } = this.#api
    for (let index = 0; index < nodeRows.used; index++) {
      if (nodeRows.nodeOf(index as NodeRow) === undefined) continue
      this.#markReachable(index as NodeRow)
      this.#changed.add(index as NodeRow)
    }
  }

  /** A node is ready again after none was: all get their grace period anew. */
  #restartGrace(): void {
    for (const row of this.#silent.keys()) this.#silent.set(row, this.#sim.now + this.#options.gracePeriod)
  }

  /** Departs from Kubernetes: a node of which nobody ever posted a status counts as what its machine is. */
  #isReady(row: NodeRow, node: Node): boolean {
    const status = statusOf(node)
    return status === undefined ? this.#machines.reports(row) : status === 'True'
  }

  /**
   * Schedules the next look at the queues, at a multiple of its period, when a node waits and a token can be
   * had.
   */
  #armTainting(): void {
    const next = this.#zones.nextAt(this.#sim.now)
    if (next === NEVER) return
    const at = Math.ceil(next / TAINTING_PERIOD) * TAINTING_PERIOD
    if (at >= this.#taintAt) return
    this.#taintAt = at
    this.#sim.at(at, this.#taint)
  }

  #onTaint(): void {
    this.#taintAt = NEVER
    if (this.#isPaused || this.#isStalled) return
    for (const row of this.#zones.take(this.#sim.now)) {
      const node = this.#api.nodeRows.nodeOf(row)
      const status = node === undefined ? undefined : statusOf(node)
      if (status === 'Unknown' || status === 'False') this.#writeTaint(row, status)
    }
    this.#armTainting()
  }

  #writeTaint(row: NodeRow, status: 'Unknown' | 'False'): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const tainted = withEvictingTaint(node, status, this.#api.calendar.format(this.#sim.now))
    if (tainted !== node) this.#api.nodes.update(tainted)
  }
}

function statusOf(node: Node): string | undefined {
  return conditionOf(node, 'Ready')?.status
}
