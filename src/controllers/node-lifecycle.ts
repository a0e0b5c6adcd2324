import type { Node, NodeCondition } from '../api/types.generated.ts'
import { MILLISECOND, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { MachineChange, Machines } from '../node/machine.ts'
import { conditionOf, withCondition, withTaint, withoutTaint } from '../node/node-conditions.ts'
import { LeaseClock } from './lease-clock.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import { computeZoneState, taintingRate } from './zone-state.ts'
import type { TaintingRates, ZoneState } from './zone-state.ts'

/** Settings of the node lifecycle controller and of the leases it looks at. */
export interface NodeLifecycleOptions extends TaintingRates {
  /** `--node-monitor-period`. */
  readonly monitorPeriod: Micros
  /** `--node-monitor-grace-period`. */
  readonly gracePeriod: Micros
  /** Interval at which a kubelet renews its lease: a quarter of its duration. */
  readonly leaseRenewal: Micros
  /** `--unhealthy-zone-threshold`. */
  readonly unhealthyThreshold: number
}

/**
 * The defaults of kube-controller-manager v1.37 (grace 50 s since 1.32) and of the kubelet (lease of 40 s).
 */
const DEFAULTS: NodeLifecycleOptions = {
  monitorPeriod: 5 * SECOND,
  gracePeriod: 50 * SECOND,
  leaseRenewal: 10 * SECOND,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeZone: 50,
  unhealthyThreshold: 0.55,
}

/** How often the queues of nodes to taint are looked at (`nodeEvictionPeriod`). */
const TAINTING_PERIOD: Micros = 100 * MILLISECOND
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const NOT_READY = 'node.kubernetes.io/not-ready'

/** Taints of conditions that are True (`nodeConditionToTaintKeyStatusMap`). */
const PRESSURE_TAINTS = [
  ['MemoryPressure', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'node.kubernetes.io/pid-pressure'],
] as const

/** What is not known of a node that does not answer. */
const UNKNOWN: readonly NodeCondition[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map(
  (type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
  }),
)

interface Zone {
  readonly key: string
  readonly nodes: Set<NodeRow>
  /** Nodes that wait for their NoExecute taint, first come first. */
  readonly queue: Set<NodeRow>
  readonly limiter: TokenBucket
  state: ZoneState
}

/**
 * Notices nodes whose heartbeat has stopped, and taints them; takes the taints away when they are back.
 *
 *     machine down ─▶ silent ─ grace over, at a tick ─▶ Ready Unknown, NoSchedule taint, pods not ready
 *                                  ─ next tick ─▶ queued ─ at its zone's rate ─▶ NoExecute taint
 *     machine up ─▶ Ready True, no NoSchedule taint ─ next tick ─▶ no NoExecute taint
 *
 * Heartbeats are computed: from the node's last renewals and the time its machine went down follow the tick
 * that saw the last one, and the tick at which the grace period is over. A tick runs only when it has
 * something to see. Leaves out kubelets that say NotReady themselves, nodes that change their zone, and nodes
 * excluded from disruption checks.
 *
 * Source: kube-controller-manager v1.37, nodelifecycle `monitorNodeHealth`, `handleDisruption`.
 */
export class NodeLifecycle {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #options: NodeLifecycleOptions
  readonly #leases: LeaseClock
  readonly #zones = new Map<string, Zone>()
  readonly #zoneOf = new Map<NodeRow, Zone>()
  /**
   * Nodes that ticks look at: down, or back and not yet seen to be; with the time at which the grace period
   * is over.
   */
  readonly #suspects = new Map<NodeRow, Micros>()
  readonly #tick: Handler
  readonly #taint: Handler
  #tickAt: Micros = NEVER
  #tickTimer: Timer | undefined
  #tickedAt: Micros = -1
  #taintAt: Micros = NEVER
  #isAllDisrupted = false

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
    this.#tick = sim.handler('node-lifecycle/monitor', () => this.#onTick())
    this.#taint = sim.handler('node-lifecycle/taint', () => this.#onTaint())
    api.watch({
      name: 'node-lifecycle',
      from: 1,
      kinds: ['Node'],
      onObject: (change) => this.#onNode(change),
    })
    machines.watch('node-lifecycle', (change) => this.#onMachine(change))
  }

  #onMachine({ row, up, at }: MachineChange): void {
    if (!this.#zoneOf.has(row)) return
    if (up) {
      this.#leases.restart(row, at)
      if (this.#suspects.has(row)) this.#tickFrom(at)
      return
    }
    if (this.#machines.isUp(row)) return // It came up again in this instant.
    const { monitorPeriod, gracePeriod } = this.#options
    const renewedAt = this.#leases.lastRenewal(row, this.#api.nodeRows.nameOf(row), at)
    const seenAt = Math.ceil(renewedAt / monitorPeriod) * monitorPeriod
    this.#suspects.set(row, seenAt + gracePeriod)
    this.#tickFrom(seenAt + gracePeriod)
  }

  #onNode(change: ObjectChange): void {
    const row = this.#api.nodeRows.everRowOf(change.key)
    if (change.verb === 'DELETED') {
      this.#leaveZone(row)
      return
    }
    if (change.verb === 'ADDED') this.#joinZone(row, change.new as Node)
    this.#taintByCondition(row)
  }

  /** NoSchedule taints follow conditions at once (`TaintNodesByCondition`). */
  #taintByCondition(row: NodeRow): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const ready = conditionOf(node, 'Ready')?.status
    const pressures = PRESSURE_TAINTS.filter(([type]) => conditionOf(node, type)?.status === 'True')
    const isWell = ready !== 'Unknown' && ready !== 'False' && pressures.length === 0
    if (isWell && (node.spec?.taints ?? []).length === 0) return
    const keys = [
      ...(ready === 'Unknown' ? [UNREACHABLE] : []),
      ...(ready === 'False' ? [NOT_READY] : []),
      ...pressures.map(([, key]) => key),
    ]
    let changed = node
    for (const key of [UNREACHABLE, NOT_READY, ...PRESSURE_TAINTS.map((pair) => pair[1])]) {
      changed = keys.includes(key)
        ? withTaint(changed, { key, effect: 'NoSchedule' })
        : withoutTaint(changed, key, 'NoSchedule')
    }
    if (changed !== node) this.#api.nodes.update(changed)
  }

  #joinZone(row: NodeRow, node: Node): void {
    const key = zoneKeyOf(node)
    let zone = this.#zones.get(key)
    if (zone === undefined) {
      const limiter = new TokenBucket(this.#options.evictionRate)
      zone = { key, nodes: new Set(), queue: new Set(), limiter, state: 'Normal' }
      this.#zones.set(key, zone)
    }
    zone.nodes.add(row)
    this.#zoneOf.set(row, zone)
    this.#leases.start(row, this.#sim.now)
    if (this.#suspects.size > 0) this.#tickFrom(this.#sim.now)
  }

  #leaveZone(row: NodeRow): void {
    const zone = this.#zoneOf.get(row)
    if (zone === undefined) return
    zone.nodes.delete(row)
    zone.queue.delete(row)
    if (zone.nodes.size === 0) this.#zones.delete(zone.key)
    this.#zoneOf.delete(row)
    this.#suspects.delete(row)
    this.#leases.forget(row)
    if (this.#suspects.size > 0) this.#tickFrom(this.#sim.now)
  }

  /**
   * Makes sure that a monitor tick runs at the first of its times that is not before `earliest` and has not
   * run.
   */
  #tickFrom(earliest: Micros): void {
    const { monitorPeriod } = this.#options
    let at = Math.ceil(Math.max(earliest, this.#sim.now) / monitorPeriod) * monitorPeriod
    if (at <= this.#tickedAt) at += monitorPeriod
    if (at >= this.#tickAt) return
    if (this.#tickTimer !== undefined) this.#sim.cancel(this.#tickTimer)
    this.#tickAt = at
    this.#tickTimer = this.#sim.at(at, this.#tick)
  }

  /**
   * Looks at the suspects as they were before this tick, as the real loop does: a node that is marked Unknown
   * now is queued for its NoExecute taint by the next tick.
   *
   * The real ticks drift by the time they take, so that the tenth after the one that saw the last renewal
   * comes just after 50 s, and finds the grace period over.
   */
  #onTick(): void {
    const { now } = this.#sim
    this.#tickedAt = now
    this.#tickAt = NEVER
    this.#tickTimer = undefined
    let nextDue = NEVER
    for (const [row, overAt] of [...this.#suspects].sort(([one], [other]) => one - other)) {
      const node = this.#api.nodeRows.nodeOf(row)
      if (node === undefined) continue
      const ready = conditionOf(node, 'Ready')?.status
      if (this.#machines.isUp(row)) {
        // The status is posted as the kubelet starts, in the instant in which the machine is up.
        if (ready === 'Unknown') nextDue = now
        else this.#recover(row)
      } else if (ready === 'Unknown') {
        if (!isUnreachableNoExecute(node)) this.#zoneOf.get(row)?.queue.add(row)
      } else if (now >= overAt) {
        this.#lose(row, node)
        nextDue = now
      } else nextDue = Math.min(nextDue, overAt)
    }
    this.#judgeZones()
    if (nextDue !== NEVER) this.#tickFrom(nextDue)
  }

  #lose(row: NodeRow, node: Node): void {
    let unknown = node
    for (const condition of UNKNOWN) {
      const isPosted = condition.type === 'Ready' || conditionOf(node, condition.type) !== undefined
      if (isPosted) unknown = withCondition(unknown, condition)
    }
    if (unknown !== node) this.#api.nodes.update(unknown)
    const { pods } = this.#api
    for (const pod of pods.onNode(row)) if (!pods.isFinished(pod)) pods.setReady(pod, false)
  }

  #recover(row: NodeRow): void {
    this.#suspects.delete(row)
    this.#markReachable(row)
  }

  #markReachable(row: NodeRow): void {
    this.#zoneOf.get(row)?.queue.delete(row)
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const clean = withoutTaint(node, UNREACHABLE, 'NoExecute')
    if (clean !== node) this.#api.nodes.update(clean)
  }

  /**
   * Sets each zone's rate by its state; when every zone is down, the control plane doubts itself and stops.
   */
  #judgeZones(): void {
    const { now } = this.#sim
    const states = new Map([...this.#zones.values()].map((zone) => [zone, this.#stateOf(zone)]))
    const wasAll = this.#isAllDisrupted
    this.#isAllDisrupted =
      states.size > 0 && [...states.values()].every((state) => state === 'FullDisruption')
    if (this.#isAllDisrupted && !wasAll) {
      for (const zone of this.#zones.values()) {
        for (const row of zone.nodes) this.#markReachable(row)
        zone.limiter.setRate(0, now)
      }
    } else if (!this.#isAllDisrupted) {
      for (const [zone, state] of states) {
        if (!wasAll && zone.state === state) continue
        zone.limiter.setRate(taintingRate(state, zone.nodes.size, this.#options), now)
      }
    }
    for (const [zone, state] of states) zone.state = state
    this.#armTainting()
  }

  #stateOf(zone: Zone): ZoneState {
    let notReady = 0
    for (const row of zone.nodes) if (!this.#isReady(row)) notReady += 1
    return computeZoneState(zone.nodes.size - notReady, notReady, this.#options.unhealthyThreshold)
  }

  /** Departs from Kubernetes: a node of which nobody ever posted a status counts as what its machine is. */
  #isReady(row: NodeRow): boolean {
    const node = this.#api.nodeRows.nodeOf(row)
    const ready = node === undefined ? undefined : conditionOf(node, 'Ready')
    return ready === undefined ? this.#machines.isUp(row) : ready.status === 'True'
  }

  /**
   * Schedules the next look at the queues, at a multiple of its period, when a node waits and a token can be
   * had.
   */
  #armTainting(): void {
    let next = NEVER
    for (const zone of this.#zones.values()) {
      if (zone.queue.size > 0) next = Math.min(next, zone.limiter.nextAt(this.#sim.now))
    }
    if (next === NEVER) return
    const at = Math.ceil(next / TAINTING_PERIOD) * TAINTING_PERIOD
    if (at >= this.#taintAt) return
    this.#taintAt = at
    this.#sim.at(at, this.#taint)
  }

  #onTaint(): void {
    this.#taintAt = NEVER
    for (const zone of this.#zones.values()) {
      for (const row of zone.queue) {
        if (!zone.limiter.take(this.#sim.now)) break
        zone.queue.delete(row)
        this.#taintUnreachable(row)
      }
    }
    this.#armTainting()
  }

  #taintUnreachable(row: NodeRow): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined || conditionOf(node, 'Ready')?.status !== 'Unknown') return
    const tainted = withTaint(node, { key: UNREACHABLE, effect: 'NoExecute' })
    if (tainted !== node) this.#api.nodes.update(tainted)
  }
}

function isUnreachableNoExecute(node: Node): boolean {
  return (node.spec?.taints ?? []).some((taint) => taint.key === UNREACHABLE && taint.effect === 'NoExecute')
}

/** Nodes without labels of place are a zone of their own. */
function zoneKeyOf({ metadata }: Node): string {
  const region = metadata?.labels?.['topology.kubernetes.io/region'] ?? ''
  const zone = metadata?.labels?.['topology.kubernetes.io/zone'] ?? ''
  return `${region}:${zone}`
}
