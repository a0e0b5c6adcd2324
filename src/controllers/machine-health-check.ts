import type { IntOrString, Node } from '../api/types.generated.ts'
import type { Sampler } from '../base/distribution.ts'
import { MINUTE, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { Machines } from '../node/machine.ts'
import { conditionOf } from '../node/node-conditions.ts'
import { cordon } from './cordon.ts'
import type { Led } from './leader-election.ts'
import { NodeDrains } from './node-drains.ts'

/** A condition of a node that makes its machine unhealthy once it has had this status for so long. */
export interface UnhealthyCondition {
  readonly type: string
  readonly status: string
  readonly timeout: Micros
}

/** Settings of a health check of machines; those of a MachineHealthCheck of Cluster API. */
export interface MachineHealthCheckOptions {
  /** Nodes that it looks after, by their labels; all by default. */
  readonly selector?: Readonly<Record<string, string>>
  /** Ready Unknown or False for 5 min by default. */
  readonly unhealthyConditions?: readonly UnhealthyCondition[]
  /** Nothing is repaired while more than so many, or so large a share rounded down, are not healthy; 100 % by default. */
  readonly maxUnhealthy?: IntOrString
  /** A replacement that has not joined after this time is given up, and another one is made; 10 min by default. */
  readonly nodeStartupTimeout?: Micros
  /** How long the drain of a node may take that still answers; as long as it takes by default. */
  readonly drainTimeout?: Micros | undefined
  /** Time from the deletion of a machine until the node joins that takes its place. */
  readonly joinTime: Sampler
}

/** A machine that is repaired, and how far that is. */
export interface Repair {
  readonly node: string
  readonly step: 'unhealthy' | 'deleted' | 'refused'
  readonly message: string
}

/** What a health check works on. */
export interface MachineHealthCheckParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  /** Has a node of the same kind join in place of this one, so long from now. */
  readonly replace: (row: NodeRow, node: Node, after: Micros) => void
  /** Whether one was asked for already, by this or by whoever else replaces machines. */
  readonly isReplaced: (row: NodeRow) => boolean
  /** Hears of each step. */
  readonly repaired?: (repair: Repair) => void
}

/** The example of Cluster API's documentation of a MachineHealthCheck. */
const UNHEALTHY: readonly UnhealthyCondition[] = [
  { type: 'Ready', status: 'Unknown', timeout: 5 * MINUTE },
  { type: 'Ready', status: 'False', timeout: 5 * MINUTE },
]

/** Replacements that are tried one after the other before the last one is left to join whenever it does. */
const ATTEMPTS_MAX = 20

/**
 * Replaces machines whose nodes have been unhealthy for too long: drains the node if its kubelet still answers, ends the machine,
 * deletes its Node, and has another one join after a time.
 *
 *     healthy ─ condition ─▶ going ─ timeout ─▶ unhealthy ─▶ drained ─▶ machine and Node deleted ─▶ replacement joins
 *
 * A machine whose Node somebody else deletes, as the cloud does once its instance is gone, is unhealthy at once, unless that is who
 * replaces it.
 *
 * While more than `maxUnhealthy` are not healthy, those that are only going among them, none is repaired: so that a fault of the
 * network or the control plane does not end all machines.
 *
 * Source: Cluster API v1.11, internal/controllers/machinehealthcheck `needsRemediation`, `isAllowedRemediation`;
 * internal/controllers/machine `drainNode`. Departs from it in that one process makes machines and drains nodes at a time of its own, and
 * that a MachineSet's `maxInFlight` is not bounded.
 */
export class MachineHealthCheck implements Led {
  readonly #parts: MachineHealthCheckParts
  readonly #options: MachineHealthCheckOptions
  readonly #conditions: readonly UnhealthyCondition[]
  readonly #startupTimeout: Micros
  readonly #check: PayloadHandler<NodeRow>
  readonly #drains: NodeDrains
  /** Since when nodes have had which status of each condition, as far as it is one that is looked at. */
  readonly #since = new Map<NodeRow, ReadonlyMap<UnhealthyCondition, Micros>>()
  /** Nodes that it looks after, as they were heard of last. */
  readonly #targets = new Map<NodeRow, Node>()
  /** Nodes that it looked after, which somebody else deleted: their machines are to be repaired. */
  readonly #gone = new Map<NodeRow, Node>()
  /** Nodes whose repair has begun. */
  readonly #repairing = new Set<NodeRow>()
  /** Nodes of which it was told that they cannot be repaired now. */
  readonly #refused = new Set<NodeRow>()
  #isPaused = false

  constructor(
    parts: MachineHealthCheckParts,
    options: MachineHealthCheckOptions,
    name = 'machine-health-check',
  ) {
    this.#parts = parts
    this.#options = options
    this.#conditions = options.unhealthyConditions ?? UNHEALTHY
    this.#startupTimeout = options.nodeStartupTimeout ?? 10 * MINUTE
    const { sim, api } = parts
    this.#check = sim.payloadHandler<NodeRow>(`${name}/check`, () => this.#reconcile())
    this.#drains = new NodeDrains(
      { sim, api, name: `${name}/drain` },
      // Pods of a node that does not answer never go: they are not waited for.
      { timeout: options.drainTimeout, skipWaitForDeleteTimeout: SECOND },
      ({ node }) => this.#end(node),
    )
    api.watch({
      name,
      from: 1,
      kinds: ['Node'],
      onObject: ({ key }) => this.#note(api.nodeRows.everRowOf(key)),
      onBatch: () => this.#reconcile(),
    })
  }

  /** Machines that it looks after, and how many of them are healthy. */
  get health(): { readonly expected: number; readonly healthy: number } {
    return {
      expected: this.#targets.size + this.#gone.size,
      healthy: this.#targets.size - this.#since.size,
    }
  }

  /** While paused nothing is repaired that has not begun. Since when a condition holds its object says, so nothing begins anew. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (!isPaused) this.#reconcile()
  }

  #note(row: NodeRow): void {
    const node = this.#parts.api.nodeRows.nodeOf(row)
    if (node === undefined || !this.#isTarget(node)) {
      const last = this.#targets.get(row)
      for (const rows of [this.#targets, this.#since, this.#refused]) rows.delete(row)
      if (node !== undefined) return
      this.#repairing.delete(row)
      if (last !== undefined && !this.#parts.isReplaced(row)) this.#gone.set(row, last)
      return
    }
    this.#targets.set(row, node)
    this.#gone.delete(row)
    const known = this.#since.get(row)
    const since = new Map<UnhealthyCondition, Micros>()
    for (const condition of this.#conditions) {
      if (conditionOf(node, condition.type)?.status !== condition.status) continue
      since.set(condition, known?.get(condition) ?? this.#parts.sim.now)
    }
    if (since.size > 0) this.#since.set(row, since)
    else {
      this.#since.delete(row)
      this.#refused.delete(row)
    }
    for (const [condition, at] of since) {
      if (known?.has(condition) !== true) this.#parts.sim.atWith(at + condition.timeout, this.#check, row)
    }
  }

  #isTarget({ metadata }: Node): boolean {
    const { selector = {} } = this.#options
    return Object.entries(selector).every(([key, value]) => metadata?.labels?.[key] === value)
  }

  /** Looks at all machines that are not healthy. */
  #reconcile(): void {
    if (this.#isPaused || this.#since.size + this.#gone.size === 0) return
    const late = [...this.#since.keys()].filter((row) => !this.#repairing.has(row) && this.#isOver(row))
    const over = [...late, ...this.#gone.keys()]
    if (over.length === 0) return
    over.sort((one, other) => one - other)
    if (!this.#isAllowed()) {
      for (const row of over) this.#refuse(row)
      return
    }
    for (const row of over) this.#repair(row)
  }

  #isOver(row: NodeRow): boolean {
    let over = NEVER
    for (const [{ timeout }, at] of this.#since.get(row) ?? []) over = Math.min(over, at + timeout)
    return this.#parts.sim.now >= over
  }

  #isAllowed(): boolean {
    const { expected, healthy } = this.health
    return expected - healthy <= mostUnhealthy(this.#options.maxUnhealthy ?? '100%', expected)
  }

  #refuse(row: NodeRow): void {
    if (this.#refused.has(row)) return
    this.#refused.add(row)
    const { expected, healthy } = this.health
    this.#tell(row, 'refused', `${expected - healthy} of ${expected} nodes are not healthy`)
  }

  #repair(row: NodeRow): void {
    const { api, machines } = this.#parts
    this.#refused.delete(row)
    const last = this.#gone.get(row)
    if (last !== undefined) {
      this.#gone.delete(row)
      this.#tell(row, 'unhealthy', 'its Node is gone')
      this.#delete(row, last)
      return
    }
    this.#repairing.add(row)
    const name = api.nodeRows.nameOf(row)
    const answers = machines.reports(row)
    this.#tell(row, 'unhealthy', answers ? 'drained first' : 'not drained: its kubelet does not answer')
    if (answers) {
      cordon(api, name, true)
      this.#drains.start(name)
    } else this.#end(name)
  }

  #end(name: string): void {
    const { api } = this.#parts
    const row = api.nodeRows.rowOf(name)
    const node = row === undefined ? undefined : api.nodeRows.nodeOf(row)
    // Somebody else deleted the node meanwhile: that is heard of.
    if (row === undefined || node === undefined) return
    this.#delete(row, node)
    // Its repair is over when that is heard of, not before: until then its conditions are still known.
    api.nodes.delete(name)
  }

  #delete(row: NodeRow, node: Node): void {
    const { api, machines, replace } = this.#parts
    const name = api.nodeRows.nameOf(row)
    replace(row, node, this.#joinTime(name))
    this.#tell(row, 'deleted', '')
    machines.terminate(row, `machine-health-check/${name}`)
  }

  /** Time until a replacement has joined: those that do not within the timeout are given up, and the next one begins. */
  #joinTime(name: string): Micros {
    const stream = this.#parts.sim.random.stream(`machine-health-check/join/${name}`)
    let spent = 0
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
      const time = Math.round(this.#options.joinTime(stream))
      if (time <= this.#startupTimeout) return spent + time
      spent += this.#startupTimeout
    }
    return spent + Math.round(this.#options.joinTime(stream))
  }

  #tell(row: NodeRow, step: Repair['step'], message: string): void {
    this.#parts.repaired?.({ node: this.#parts.api.nodeRows.nameOf(row), step, message })
  }
}

/** How many may be unhealthy: a number, or a percentage of all, rounded down. */
function mostUnhealthy(setting: IntOrString, expected: number): number {
  if (typeof setting === 'number') return setting
  return Math.floor((Number(setting.replace('%', '')) * expected) / 100)
}
