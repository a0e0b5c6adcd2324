import type { Taint } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { Machines } from '../node/machine.ts'
import { isNodeReady, withTaint, withoutTaint } from '../node/node-conditions.ts'
import type { Led } from './leader-election.ts'

/** Settings of the cloud's node lifecycle controller. */
export interface CloudNodeLifecycleOptions {
  /** `--node-monitor-period`; 5 s by default. */
  readonly monitorPeriod?: Micros
  /** Whether nodes get a taint whose instances are shut down, not lost; true by default. */
  readonly taintsShutDown?: boolean
}

const SHUT_DOWN: Taint = { key: 'node.cloudprovider.kubernetes.io/shutdown', effect: 'NoSchedule' }

/** Models that take a machine down by stopping its instance: their causes begin so. All others leave it running as the cloud sees it. */
const STOPPING = ['maintenance/', 'upgrade/']

/**
 * Deletes the Node objects of instances that are gone, and taints those of instances that are shut down. It asks the cloud only about
 * nodes that are not Ready, so a node whose instance has ended is deleted when its grace period is over, not before; then the pod
 * garbage collector has its pods.
 *
 * Looks run only when there is something to find. Source: cloud-controller-manager v1.37, cloud-provider
 * controllers/nodelifecycle/node_lifecycle_controller.go `MonitorNodes`.
 */
export class CloudNodeLifecycle implements Led {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #period: Micros
  readonly #taintsShutDown: boolean
  readonly #look: Handler
  /** Nodes about which the next look finds something. */
  readonly #due = new Set<NodeRow>()
  /** When this process began, before the start of the run at first: looks are whole periods from there. */
  #startedAt: Micros
  #timer: Timer | undefined
  #isPaused = false

  constructor(sim: Simulation, api: ApiServer, machines: Machines, options: CloudNodeLifecycleOptions = {}) {
    this.#sim = sim
    this.#api = api
    this.#machines = machines
    this.#period = options.monitorPeriod ?? 5 * SECOND
    this.#taintsShutDown = options.taintsShutDown ?? true
    this.#startedAt = -sim.random.stream('cloud-node-lifecycle/phase').integer(this.#period)
    this.#look = sim.handler('cloud-node-lifecycle/look', () => this.#onLook())
    api.watch({
      name: 'cloud-node-lifecycle',
      from: 1,
      kinds: ['Node'],
      onObject: ({ key }) => this.#note(api.nodeRows.everRowOf(key)),
    })
    machines.watch('cloud-node-lifecycle', ({ row }) => this.#note(row))
    machines.watchTerminations('cloud-node-lifecycle', (row) => this.#note(row))
  }

  /** While paused nothing is looked at; the process that leads afterwards looks at once, and then every period from there. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (this.#timer !== undefined) this.#sim.cancel(this.#timer)
    this.#timer = undefined
    this.#due.clear()
    if (isPaused) return
    this.#startedAt = this.#sim.now
    for (let index = 0; index < this.#api.nodeRows.used; index++) this.#note(index as NodeRow)
  }

  #note(row: NodeRow): void {
    if (this.#isPaused || this.#finding(row) === 'nothing') return
    this.#due.add(row)
    if (this.#timer !== undefined) return
    const looks = Math.ceil((this.#sim.now - this.#startedAt) / this.#period)
    this.#timer = this.#sim.at(this.#startedAt + looks * this.#period, this.#look)
  }

  #finding(row: NodeRow): 'gone' | 'shutDown' | 'back' | 'nothing' {
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return 'nothing'
    const hasTaint = node.spec?.taints?.some(({ key }) => key === SHUT_DOWN.key) === true
    if (isNodeReady(node)) return hasTaint ? 'back' : 'nothing'
    if (this.#machines.isTerminated(row)) return 'gone'
    return this.#taintsShutDown && !hasTaint && this.#isShutDown(row) ? 'shutDown' : 'nothing'
  }

  #isShutDown(row: NodeRow): boolean {
    return this.#machines
      .causesOf(row, 'down')
      .some((cause) => STOPPING.some((model) => cause.startsWith(model)))
  }

  #onLook(): void {
    this.#timer = undefined
    const rows = [...this.#due].sort((one, other) => one - other)
    this.#due.clear()
    for (const row of rows) {
      const finding = this.#finding(row)
      const node = this.#api.nodeRows.nodeOf(row)
      if (node === undefined) continue
      if (finding === 'gone') this.#api.nodes.delete(this.#api.nodeRows.nameOf(row))
      else if (finding === 'shutDown') this.#api.nodes.update(withTaint(node, SHUT_DOWN))
      else if (finding === 'back') this.#api.nodes.update(withoutTaint(node, SHUT_DOWN.key))
    }
  }
}
