import type { QosClass } from '../api/qos.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_PENDING, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import { PENDING_PODS, PODS_BY_QOS, QOS_CLASSES, RUNNING_PODS } from './cluster-sums.ts'
import type { DemandProfile } from './demand-profile.ts'
import type { GpuRequest } from './gpu-request.ts'
import type { NodeLedger } from './node-ledger.ts'
import { PodsByNode } from './pods-by-node.ts'
import type { TimeIntegrals } from './time-integral.ts'
import type { WorkloadGroup, WorkloadGroups } from './workload-groups.ts'

/** Not bound, in the store. */
const PENDING = 1
/** Bound and not finished: it holds what it requests. */
const ACTIVE = 2
const RUNNING = 4
const WANTED = 8
const SERVING = 16
/** Its containers run: like `RUNNING`, and they did not die with their machine. */
const WORKING = 32
/** Its machine went down under it, and its containers have not started again. */
const DEAD = 64

const FIRST_CAPACITY = 1024

/** What a template's pods have in common for the report. */
interface TemplateFacts {
  readonly qosIndex: number
  readonly gpu: GpuRequest
}

/** Hears what a pod's state change means beyond sums. */
interface PodMeterListener {
  /** A pod serves from now on. */
  serving(row: PodRow): void
  /** Running time of a pod was thrown away, in millicores times microseconds. */
  workLost(row: PodRow, amount: number): void
}

/**
 * Keeps the state of each pod as the report sees it, and moves the cluster's, the node's and the group's sums
 * when it changes.
 *
 * The state is read from the pod's columns, whatever the event was, so a missed or doubled event does no
 * harm. Rows hold numbers only; nothing is kept of a pod that is gone.
 */
export class PodMeter {
  readonly byNode = new PodsByNode()
  readonly #pods: PodStore
  readonly #sums: TimeIntegrals
  readonly #nodes: NodeLedger
  readonly #groups: WorkloadGroups
  readonly #demand: DemandProfile
  readonly #qosOf: (info: TemplateInfo) => QosClass
  readonly #listener: PodMeterListener
  readonly #facts: (TemplateFacts | undefined)[] = []
  readonly #group: (WorkloadGroup | undefined)[] = []
  readonly #amounts = { cpu: 0, memory: 0, pods: 1, gpuMilli: 0 }
  #state = new Uint8Array(FIRST_CAPACITY)
  #workingSince = new Float64Array(FIRST_CAPACITY)
  #usefulWork = 0

  constructor(parts: {
    readonly pods: PodStore
    readonly sums: TimeIntegrals
    readonly nodes: NodeLedger
    readonly groups: WorkloadGroups
    readonly demand: DemandProfile
    readonly qosOf: (info: TemplateInfo) => QosClass
    readonly listener: PodMeterListener
  }) {
    this.#pods = parts.pods
    this.#sums = parts.sums
    this.#nodes = parts.nodes
    this.#groups = parts.groups
    this.#demand = parts.demand
    this.#qosOf = parts.qosOf
    this.#listener = parts.listener
  }

  /** Work of pods that succeeded, in millicores times microseconds. */
  get usefulWork(): number {
    return this.#usefulWork
  }

  groupOf(row: PodRow): WorkloadGroup {
    return (this.#group[row] ??= this.#groups.groupOf(this.#pods.table.owner(row), this.#pods.infoOf(row)))
  }

  qosOf(row: PodRow): QosClass {
    return QOS_CLASSES[this.#factsOf(row).qosIndex] ?? 'BestEffort'
  }

  /** GPU request of the pod over all devices, in thousandths. */
  gpuMilliOf(row: PodRow): number {
    const { gpu } = this.#factsOf(row)
    return gpu.count * gpu.milli
  }

  /** Work that the pod has done since its containers started last, in millicores times microseconds. */
  workDone(row: PodRow): number {
    const { table } = this.#pods
    if (((this.#state[row] ?? 0) & WORKING) === 0 || table.duration(row) === NEVER) return 0
    return table.cpu(row) * (this.#sums.now - (this.#workingSince[row] ?? 0))
  }

  /** Whether the pod should run: in the store, not finished, not being deleted. */
  isWanted(row: PodRow): boolean {
    return ((this.#state[row] ?? 0) & WANTED) !== 0
  }

  /** A new pod has the row. */
  created(row: PodRow): void {
    while (row >= this.#state.length) this.#grow()
    const { table } = this.#pods
    this.#state[row] = 0
    const info = this.#pods.infoOf(row)
    const size = this.#amounts
    size.cpu = table.cpu(row)
    size.memory = table.memory(row)
    this.#demand.add(info, size, this.#nodes.hasGpus)
    const group = this.#groups.groupOf(table.owner(row), info)
    group.podsCreated += 1
    this.#group[row] = group
    this.refresh(row)
  }

  /** The pod's machine went down: nothing of it runs, whatever the API server says. */
  containersDied(row: PodRow): void {
    this.#change(row, (this.#state[row] ?? 0) | DEAD)
  }

  /** The pod's containers start again, or for the first time. */
  containersStarted(row: PodRow): void {
    this.#change(row, (this.#state[row] ?? 0) & ~DEAD)
  }

  /** Reads the pod's state again and moves the sums by what changed. O(1). */
  refresh(row: PodRow): void {
    this.#change(row, this.#state[row] ?? 0)
  }

  /** Moves to the state that the columns give together with the `DEAD` bit of `marked`. */
  #change(row: PodRow, marked: number): void {
    const before = this.#state[row] ?? 0
    const after = this.#read(row, marked & DEAD)
    const changed = before ^ after
    if (changed === 0) return
    this.#state[row] = after
    const sums = this.#sums
    if ((changed & PENDING) !== 0) sums.add(PENDING_PODS, (after & PENDING) === 0 ? -1 : 1)
    if ((changed & RUNNING) !== 0) sums.add(RUNNING_PODS, (after & RUNNING) === 0 ? -1 : 1)
    if ((changed & ACTIVE) !== 0) this.#changeActive(row, (after & ACTIVE) === 0 ? -1 : 1)
    if ((changed & WORKING) !== 0) this.#changeWorking(row, (after & WORKING) !== 0)
    if ((changed & (WANTED | SERVING)) !== 0) this.#changeGroup(row, before, after)
  }

  #read(row: PodRow, dead: number): number {
    const { table } = this.#pods
    const phase = table.phase(row)
    if (table.isRemoved(row) || (phase !== PHASE_PENDING && phase !== PHASE_RUNNING)) return 0
    const isKept = table.deletingAt(row) === NO_TIME
    const wanted = isKept ? WANTED : 0
    const node = table.node(row)
    if (node === NO_NODE) return PENDING | wanted
    if (phase === PHASE_PENDING) return ACTIVE | wanted | dead
    const running = ACTIVE | RUNNING | wanted | dead
    if (dead !== 0) return running
    return isKept && table.isReady(row) ? running | WORKING | SERVING : running | WORKING
  }

  #changeActive(row: PodRow, sign: 1 | -1): void {
    const { table } = this.#pods
    const node = table.node(row)
    const { qosIndex, gpu } = this.#factsOf(row)
    const amounts = this.#amounts
    amounts.cpu = table.cpu(row)
    amounts.memory = table.memory(row)
    amounts.gpuMilli = gpu.count * gpu.milli
    this.#nodes.addPod(node, amounts, sign)
    this.#sums.add(PODS_BY_QOS + qosIndex, sign)
    if (sign === 1) this.byNode.join(row, node)
    else this.byNode.leave(row)
    if (gpu.count === 0) return
    const { devices } = this.#nodes.at(node)
    if (sign === 1) devices?.take(row, gpu, table.devices(row))
    else devices?.release(row)
  }

  #changeWorking(row: PodRow, isWorking: boolean): void {
    const { table } = this.#pods
    if (isWorking) {
      this.#workingSince[row] = this.#sums.now
      return
    }
    if (table.duration(row) === NEVER) return
    const span: Micros = this.#sums.now - (this.#workingSince[row] ?? 0)
    const work = table.cpu(row) * span
    if (table.phase(row) === PHASE_SUCCEEDED) this.#usefulWork += work
    else this.#listener.workLost(row, work)
  }

  #changeGroup(row: PodRow, before: number, after: number): void {
    const wanted = bitOf(after, WANTED) - bitOf(before, WANTED)
    const serving = bitOf(after, SERVING) - bitOf(before, SERVING)
    this.#groups.change(this.groupOf(row), this.#sums.now, wanted, serving)
    if (serving === 1) this.#listener.serving(row)
  }

  #factsOf(row: PodRow): TemplateFacts {
    const template = this.#pods.table.template(row)
    return this.#facts[template] ?? this.#newFacts(template)
  }

  #newFacts(template: TemplateId): TemplateFacts {
    const info = this.#pods.templates.get(template)
    const facts = { qosIndex: QOS_CLASSES.indexOf(this.#qosOf(info)), gpu: this.#demand.gpuOf(info) }
    this.#facts[template] = facts
    return facts
  }

  #grow(): void {
    const state = new Uint8Array(this.#state.length * 2)
    state.set(this.#state)
    this.#state = state
    const workingSince = new Float64Array(state.length)
    workingSince.set(this.#workingSince)
    this.#workingSince = workingSince
  }
}

function bitOf(state: number, bit: number): 0 | 1 {
  return (state & bit) === 0 ? 0 : 1
}
