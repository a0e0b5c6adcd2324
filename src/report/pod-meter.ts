import type { QosClass } from '../api/qos.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_PENDING, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import { PENDING_PODS, PODS_BY_QOS, QOS_CLASSES, RUNNING_PODS } from './cluster-sums.ts'
import type { DemandProfile } from './demand-profile.ts'
import type { GpuRequest } from '../api/gpu-request.ts'
import type { NodeLedger } from './node-ledger.ts'
import type { PodNotes } from './pod-notes.ts'
import { PodsByNode } from './pods-by-node.ts'
import type { TimeIntegrals } from './time-integral.ts'
import { GROUP_CREATED } from './workload-groups.ts'
import type { WorkloadGroups } from './workload-groups.ts'

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

/** What a template's pods have in common for the report. */
interface TemplateFacts {
  readonly qosIndex: number
  readonly gpu: GpuRequest
  /** Of all devices together. */
  readonly gpuMilli: number
}

/** Hears what a pod's state change means beyond sums. */
interface PodMeterListener {
  /** A pod serves from now on, or no longer. */
  servingChanged(row: PodRow, isServing: boolean): void
  /** Running time of a pod was thrown away, in millicores times microseconds. */
  workLost(row: PodRow, amount: number): void
}

/**
 * Keeps the state of each pod as the report sees it, and moves the cluster's, the node's and the group's sums
 * when it changes.
 *
 * The state is read from the pod's columns, whatever the event was, so a missed or doubled event does no
 * harm.
 */
export class PodMeter {
  readonly byNode: PodsByNode
  readonly #notes: PodNotes
  readonly #pods: PodStore
  readonly #sums: TimeIntegrals
  readonly #nodes: NodeLedger
  readonly #groups: WorkloadGroups
  readonly #demand: DemandProfile
  readonly #qosOf: (info: TemplateInfo) => QosClass
  readonly #listener: PodMeterListener
  readonly #facts: (TemplateFacts | undefined)[] = []
  readonly #amounts = { cpu: 0, memory: 0, pods: 1, gpuMilli: 0 }
  #usefulWork = 0

  constructor(parts: {
    readonly pods: PodStore
    readonly notes: PodNotes
    readonly sums: TimeIntegrals
    readonly nodes: NodeLedger
    readonly groups: WorkloadGroups
    readonly demand: DemandProfile
    readonly qosOf: (info: TemplateInfo) => QosClass
    readonly listener: PodMeterListener
  }) {
    this.#pods = parts.pods
    this.#notes = parts.notes
    this.byNode = new PodsByNode(parts.notes)
    this.#sums = parts.sums
    this.#nodes = parts.nodes
    this.#groups = parts.groups
    this.#demand = parts.demand
    this.#qosOf = parts.qosOf
    this.#listener = parts.listener
    this.#pods.templates.onForgotten((template) => {
      this.#facts[template] = undefined
    })
  }

  /** Work of pods that succeeded, and what checkpoints hold of others, in millicores times microseconds. */
  get usefulWork(): number {
    return this.#usefulWork
  }

  qosOf(row: PodRow): QosClass {
    return QOS_CLASSES[this.#factsOf(row).qosIndex] ?? 'BestEffort'
  }

  /** GPU request of the pod over all devices, in thousandths. */
  gpuMilliOf(row: PodRow): number {
    return this.#factsOf(row).gpuMilli
  }

  /**
   * Work that is lost when the pod's containers end now: what they have done since they started last, less what a checkpoint holds;
   * in millicores times microseconds.
   */
  workAtRisk(row: PodRow): number {
    const { table, kept } = this.#pods
    if ((this.#notes.state(row) & WORKING) === 0 || table.duration(row) === NEVER) return 0
    const span = this.#sums.now - this.#notes.workingSince(row)
    return table.cpu(row) * (span - kept.wouldKeep(row, span))
  }

  /** Whether the pod should run: in the store, not finished, not being deleted. */
  isWanted(row: PodRow): boolean {
    return (this.#notes.state(row) & WANTED) !== 0
  }

  /** A new pod has the row. */
  created(row: PodRow): void {
    const { table } = this.#pods
    const info = this.#pods.infoOf(row)
    const group = this.#groupOf(row, info)
    this.#notes.start(row, group)
    const size = this.#amounts
    size.cpu = table.cpu(row)
    size.memory = table.memory(row)
    this.#demand.add(info, size, this.#nodes.hasGpus)
    this.#groups.add(group, GROUP_CREATED, 1)
    this.refresh(row)
  }

  /** Does not look at the owner of a trace pod, which is made only when somebody does. */
  #groupOf(row: PodRow, info: TemplateInfo): number {
    const { table } = this.#pods
    if (table.ownerKind(row) === TASK) return this.#groups.ofTemplate(TASK, info)
    const owner = table.owner(row)
    return owner === undefined ? this.#groups.ofTemplate('Pod', info) : this.#groups.ofOwner(owner, info)
  }

  /** The pod's machine went down: nothing of it runs, whatever the API server says. */
  containersDied(row: PodRow): void {
    this.#change(row, DEAD)
  }

  /** The pod's containers start again, or for the first time. */
  containersStarted(row: PodRow): void {
    this.#change(row, 0)
  }

  /** Reads the pod's state again and moves the sums by what changed. O(1). */
  refresh(row: PodRow): void {
    this.#change(row, this.#notes.state(row) & DEAD)
  }

  /** Moves to the state that the columns give together with the `DEAD` bit or none. */
  #change(row: PodRow, dead: number): void {
    const before = this.#notes.state(row)
    const after = this.#read(row, dead)
    const changed = before ^ after
    if (changed === 0) return
    this.#notes.setState(row, after)
    const sums = this.#sums
    if ((changed & PENDING) !== 0) sums.add(PENDING_PODS, (after & PENDING) === 0 ? -1 : 1)
    if ((changed & RUNNING) !== 0) sums.add(RUNNING_PODS, (after & RUNNING) === 0 ? -1 : 1)
    if ((changed & ACTIVE) !== 0) this.#changeActive(row, (after & ACTIVE) === 0 ? -1 : 1)
    if ((changed & WORKING) !== 0) this.#changeWorking(row, before, after)
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
    const { qosIndex, gpu, gpuMilli } = this.#factsOf(row)
    const amounts = this.#amounts
    amounts.cpu = table.cpu(row)
    amounts.memory = table.memory(row)
    amounts.gpuMilli = gpuMilli
    this.#nodes.addPod(node, amounts, sign)
    this.#sums.add(PODS_BY_QOS + qosIndex, sign)
    if (sign === 1) this.byNode.join(row, node)
    else this.byNode.leave(row)
    if (gpu.count === 0) return
    const { devices } = this.#nodes.at(node)
    if (sign === 1) devices?.take(row, gpu, table.devices(row))
    else devices?.release(row)
  }

  /** A node that was cut off says later since when a pod runs, and when it ended. */
  #changeWorking(row: PodRow, before: number, after: number): void {
    const { table } = this.#pods
    if ((after & WORKING) !== 0) {
      this.#notes.setWorkingSince(row, (before & RUNNING) === 0 ? table.runningAt(row) : this.#sums.now)
      return
    }
    if (table.duration(row) === NEVER) return
    const finishedAt = table.finishedAt(row)
    const until = finishedAt === NO_TIME ? this.#sums.now : finishedAt
    const span: Micros = until - this.#notes.workingSince(row)
    const cpu = table.cpu(row)
    if (table.phase(row) === PHASE_SUCCEEDED) {
      this.#usefulWork += cpu * span
      return
    }
    const keptSpan = this.#pods.kept.keep(row, span)
    this.#usefulWork += cpu * keptSpan
    this.#listener.workLost(row, cpu * (span - keptSpan))
  }

  #changeGroup(row: PodRow, before: number, after: number): void {
    const wanted = bitOf(after, WANTED) - bitOf(before, WANTED)
    const serving = bitOf(after, SERVING) - bitOf(before, SERVING)
    this.#groups.change(this.#notes.group(row), this.#sums.now, wanted, serving)
    if (serving !== 0) this.#listener.servingChanged(row, serving === 1)
  }

  #factsOf(row: PodRow): TemplateFacts {
    const template = this.#pods.table.template(row)
    return this.#facts[template] ?? this.#newFacts(template)
  }

  #newFacts(template: TemplateId): TemplateFacts {
    const info = this.#pods.templates.get(template)
    const gpu = this.#demand.gpuOf(info)
    const facts = { qosIndex: QOS_CLASSES.indexOf(this.#qosOf(info)), gpu, gpuMilli: gpu.count * gpu.milli }
    this.#facts[template] = facts
    return facts
  }
}

function bitOf(state: number, bit: number): 0 | 1 {
  return (state & bit) === 0 ? 0 : 1
}
