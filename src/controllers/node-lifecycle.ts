import type { Node } from '../api/types.generated.ts'
import { MILLISECOND, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { Machines } from '../node/machine.ts'
import { conditionOf, withCondition, withTaint, withoutTaint } from '../node/node-conditions.ts'
import { TokenBucket } from './token-bucket.ts'
import { computeZoneState } from './zone-state.ts'
import type { ZoneState } from './zone-state.ts'

/** Settings of the node lifecycle controller and of the leases it looks at. */
export interface NodeLifecycleOptions {
  /** `--node-monitor-period`. */
  readonly monitorPeriod: Micros
  /** `--node-monitor-grace-period`. */
  readonly gracePeriod: Micros
  /** Interval at which a kubelet renews its lease: a quarter of its duration. */
  readonly leaseRenewal: Micros
  /** `--node-eviction-rate`: nodes tainted a second in a healthy zone. */
  readonly evictionRate: number
  /** `--secondary-node-eviction-rate`: the same in a partly disrupted zone that is large. */
  readonly secondaryEvictionRate: number
  /** `--large-cluster-size-threshold`: zones up to this size are not large; their secondary rate is 0. */
  readonly largeZone: number
  /** `--unhealthy-zone-threshold`. */
  readonly unhealthyThreshold: number
}

/** The defaults of kube-controller-manager v1.37 (grace 50 s since 1.32) and of the kubelet (lease of 40 s). */
export const DEFAULT_NODE_LIFECYCLE: NodeLifecycleOptions = {
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
const MEMORY_PRESSURE = 'node.kubernetes.io/memory-pressure'

interface Zone {
  readonly nodes: Set<NodeRow>
  /** Nodes that wait for their NoExecute taint, first come first. */
  readonly queue: Set<NodeRow>
  readonly limiter: TokenBucket
  state: ZoneState
}

/**
 * Notices nodes whose heartbeat has stopped, and taints them; takes the taints away when they are back.
 *
 * Heartbeats are computed: from the phase of a node's lease and the time its machine went down follow the last renewal,
 * the monitor tick that saw it, and the tick at which the grace period is over. A tick runs only when it has something
 * to see. Source: kube-controller-manager v1.37, nodelifecycle.
 */
export class NodeLifecycle {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #options: NodeLifecycleOptions
  readonly #zones = new Map<string, Zone>()
  readonly #zoneOf = new Map<NodeRow, Zone>()
  /** Nodes that the next ticks look at: down, or back and still tainted. */
  readonly #suspects = new Set<NodeRow>()
  /** When a tick last saw a renewal of the node's lease. */
  readonly #probedAt = new Map<NodeRow, Micros>()
  readonly #tick: Handler
  readonly #taint: Handler
  #tickAt: Micros = NEVER
  #tickTimer: Timer | undefined
  #taintAt: Micros = NEVER
  #isAllDisrupted = false

  constructor(sim: Simulation, api: ApiServer, machines: Machines, options: NodeLifecycleOptions) {
    this.#sim = sim
    this.#api = api
    this.#machines = machines
    this.#options = options
    this.#tick = sim.handler('node-lifecycle/monitor', () => this.#onTick())
    this.#taint = sim.handler('node-lifecycle/taint', () => this.#onTaint())
    api.watch({ name: 'node-lifecycle', from: 1, kinds: ['Node'], onObject: (change) => this.#onNode(change) })
    machines.watch('node-lifecycle', ({ row, up, at }) => {
      this.#suspects.add(row)
      if (up) this.#tickFrom(at)
      else {
        this.#probedAt.set(row, this.#lastProbe(row, at))
        this.#tickFrom((this.#probedAt.get(row) ?? 0) + options.gracePeriod + 1)
      }
    })
  }

  /** The monitor tick that saw the last renewal before the machine went down. */
  #lastProbe(row: NodeRow, downAt: Micros): Micros {
    const { leaseRenewal, monitorPeriod } = this.#options
    const name = this.#api.nodeRows.nameOf(row)
    const phase = this.#sim.random.stream(`lease/phase/${name}`).integer(leaseRenewal)
    const renewals = Math.floor((downAt - phase) / leaseRenewal)
    const renewedAt = Math.max(0, phase + renewals * leaseRenewal)
    return Math.ceil(renewedAt / monitorPeriod) * monitorPeriod
  }

  #onNode(change: ObjectChange): void {
    const row = this.#api.nodeRows.everRowOf(change.key)
    if (change.verb === 'ADDED') this.#joinZone(row, change.new as Node)
    if (change.verb === 'DELETED') this.#leaveZone(row)
    else this.#taintByCondition(row)
  }

  /** NoSchedule taints follow conditions at once (`TaintNodesByCondition`). */
  #taintByCondition(row: NodeRow): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const isUnreachable = conditionOf(node, 'Ready')?.status === 'Unknown'
    const hasPressure = conditionOf(node, 'MemoryPressure')?.status === 'True'
    let changed = isUnreachable
      ? withTaint(node, { key: UNREACHABLE, effect: 'NoSchedule' })
      : withoutTaint(node, UNREACHABLE, 'NoSchedule')
    changed = hasPressure
      ? withTaint(changed, { key: MEMORY_PRESSURE, effect: 'NoSchedule' })
      : withoutTaint(changed, MEMORY_PRESSURE)
    if (changed !== node) this.#api.nodes.update(changed)
  }

  #joinZone(row: NodeRow, node: Node): void {
    const labels = node.metadata?.labels ?? {}
    const key = `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`
    let zone = this.#zones.get(key)
    if (zone === undefined) {
      zone = {
        nodes: new Set(),
        queue: new Set(),
        limiter: new TokenBucket(this.#options.evictionRate),
        state: 'Normal',
      }
      this.#zones.set(key, zone)
    }
    zone.nodes.add(row)
    this.#zoneOf.set(row, zone)
  }

  #leaveZone(row: NodeRow): void {
    const zone = this.#zoneOf.get(row)
    zone?.nodes.delete(row)
    zone?.queue.delete(row)
    this.#zoneOf.delete(row)
    this.#suspects.delete(row)
  }

  /** Makes sure that a monitor tick runs at the first of its times that is not before `earliest`. */
  #tickFrom(earliest: Micros): void {
    const { monitorPeriod } = this.#options
    const at = Math.ceil(Math.max(earliest, this.#sim.now) / monitorPeriod) * monitorPeriod
    if (at >= this.#tickAt) return
    if (this.#tickTimer !== undefined && this.#tickAt !== NEVER) this.#sim.cancel(this.#tickTimer)
    this.#tickAt = at
    this.#tickTimer = this.#sim.at(at, this.#tick)
  }

  #onTick(): void {
    this.#tickAt = NEVER
    const { now } = this.#sim
    let nextDue = NEVER
    for (const row of [...this.#suspects].sort((one, other) => one - other)) {
      if (this.#machines.isUp(row)) {
        this.#recover(row)
        continue
      }
      const overAt = (this.#probedAt.get(row) ?? now) + this.#options.gracePeriod
      if (now > overAt) this.#lose(row)
      else nextDue = Math.min(nextDue, overAt + 1)
    }
    this.#judgeZones()
    if (nextDue !== NEVER) this.#tickFrom(nextDue)
  }

  #lose(row: NodeRow): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const unknown = withCondition(node, { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' })
    if (unknown !== node) this.#api.nodes.update(unknown)
    const isTainted = (unknown.spec?.taints ?? []).some(isUnreachableNoExecute)
    if (!isTainted) this.#zoneOf.get(row)?.queue.add(row)
  }

  #recover(row: NodeRow): void {
    this.#suspects.delete(row)
    this.#probedAt.delete(row)
    this.#zoneOf.get(row)?.queue.delete(row)
    this.#untaint(row)
  }

  #untaint(row: NodeRow): void {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const clean = withoutTaint(node, UNREACHABLE, 'NoExecute')
    if (clean !== node) this.#api.nodes.update(clean)
  }

  /** Sets each zone's rate by its state; when every zone is down, the control plane doubts itself and stops. */
  #judgeZones(): void {
    const states = new Map([...this.#zones.values()].map((zone) => [zone, this.#stateOf(zone)]))
    const isAll = [...states.values()].every((state) => state === 'FullDisruption')
    if (isAll && !this.#isAllDisrupted) {
      for (const zone of this.#zones.values()) {
        zone.queue.clear()
        for (const row of zone.nodes) this.#untaint(row)
        zone.limiter.setRate(0, this.#sim.now)
      }
    } else if (!isAll) {
      if (this.#isAllDisrupted) this.#restartProbes()
      for (const [zone, state] of states) {
        if (zone.state !== state || this.#isAllDisrupted) zone.limiter.setRate(this.#rateOf(zone, state), this.#sim.now)
      }
    }
    for (const [zone, state] of states) zone.state = state
    this.#isAllDisrupted = isAll
    if (!isAll) this.#armTainting()
  }

  /** The first node is back: all probes start anew, and nodes that are still lost are queued at the next tick. */
  #restartProbes(): void {
    for (const row of this.#suspects) {
      if (!this.#machines.isUp(row)) this.#zoneOf.get(row)?.queue.add(row)
    }
  }

  #stateOf(zone: Zone): ZoneState {
    let notReady = 0
    for (const row of zone.nodes) {
      const node = this.#api.nodeRows.nodeOf(row)
      if (node !== undefined && conditionOf(node, 'Ready')?.status !== 'True') notReady += 1
    }
    return computeZoneState(zone.nodes.size - notReady, notReady, this.#options.unhealthyThreshold)
  }

  #rateOf(zone: Zone, state: ZoneState): number {
    const { evictionRate, secondaryEvictionRate, largeZone } = this.#options
    if (state !== 'PartialDisruption') return evictionRate
    return zone.nodes.size > largeZone ? secondaryEvictionRate : 0
  }

  /** Schedules the next look at the queues, at a multiple of its period, when a node waits and a token can be had. */
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
      for (const row of [...zone.queue]) {
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

function isUnreachableNoExecute(taint: { readonly key: string; readonly effect: string }): boolean {
  return taint.key === UNREACHABLE && taint.effect === 'NoExecute'
}
