import type { Node } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { API_SERVER_CAUSES } from '../node/machine.ts'
import { conditionChanges, nodeFacts } from './node-facts.ts'
import type { NodeLedger } from './node-ledger.ts'
import type { PodMeter } from './pod-meter.ts'
import type { RecoveryRecorder } from './recovery/recovery-recorder.ts'
import type { RunCounts } from './run-measures.ts'
import type { MachineChange, ReportedEvent } from './sources.ts'

/** Events of faults as they begin and end. */
const FAULT_EVENTS: Readonly<Record<MachineChange['fault'], readonly [begins: string, ends: string]>> = {
  down: ['MachineDown', 'MachineUp'],
  cutOff: ['MachineCutOff', 'MachineReachable'],
  hung: ['KubeletHung', 'KubeletBack'],
}

/** Taints of Kubernetes' own that evict pods begin so. */
const OWN_TAINT = 'node.kubernetes.io/'

/** Keeps what becomes of nodes and their machines: amounts, events, and what the recovery from failures goes by. */
export class NodeRecorder {
  readonly #nodeRows: NodeRows
  readonly #nodes: NodeLedger
  readonly #meter: PodMeter
  readonly #recovery: RecoveryRecorder
  readonly #counts: RunCounts
  readonly #note: (event: ReportedEvent) => void
  readonly #isTerminated: (row: NodeRow) => boolean

  constructor(parts: {
    readonly nodeRows: NodeRows
    readonly nodes: NodeLedger
    readonly meter: PodMeter
    readonly recovery: RecoveryRecorder
    readonly counts: RunCounts
    readonly note: (event: ReportedEvent) => void
    readonly isTerminated: (row: NodeRow) => boolean
  }) {
    this.#nodeRows = parts.nodeRows
    this.#nodes = parts.nodes
    this.#meter = parts.meter
    this.#recovery = parts.recovery
    this.#counts = parts.counts
    this.#note = parts.note
    this.#isTerminated = parts.isTerminated
  }

  /** Hears of a machine; the sums stand at the present. */
  machineChanged(change: MachineChange): void {
    const { row, fault, up, cause } = change
    if (fault === 'down' && !this.#nodes.setUp(row, up)) return
    const [begins, ends] = FAULT_EVENTS[fault]
    // A machine that is gone says nothing but that it went.
    const isSilent = fault !== 'down' && this.#isTerminated(row)
    // Kubelets that no API server reaches are told of by the control plane, as one.
    if (!isSilent && !API_SERVER_CAUSES.has(cause)) {
      this.#noteNode(this.#nodeRows.nameOf(row), up ? ends : begins, cause, '')
    }
    // Told before the pods are marked: then their work is gone. They stay dead until the kubelet reports them ready again.
    this.#recovery.machineChanged(change)
    if (fault !== 'down' || up) return
    this.#counts.machineFailures += 1
    for (const pod of this.#meter.byNode.on(row)) this.#meter.containersDied(pod)
  }

  /** Hears of a Node object, at an instant; `isStart`: the run begins with it. */
  nodeChanged(change: ObjectChange, now: Micros, isStart: boolean): void {
    // The watch asks for changes of nodes only.
    const old = change.old as Node | undefined
    const node = change.new as Node | undefined
    const row = this.#nodeRows.everRowOf(change.key)
    const { tracker } = this.#recovery
    this.#nodes.setNode(row, node === undefined ? undefined : nodeFacts(node))
    if (node === undefined || old === undefined) {
      if (!isStart) this.#noteNode(change.key, node === undefined ? 'NodeDeleted' : 'NodeAdded', '', '')
      if (node === undefined && !tracker.isIdle) tracker.nodeDeleted(this.#meter.byNode.on(row), now)
      return
    }
    for (const { type, from, to, reason, message } of conditionChanges(old, node)) {
      const words = `${type}: ${from || 'absent'} -> ${to || 'absent'}`
      this.#noteNode(change.key, 'NodeCondition', reason, message === '' ? words : `${words}: ${message}`)
      if (type === 'Ready' && from === 'True') tracker.outages.detected(row, now)
    }
    if (old.spec?.taints !== node.spec?.taints) {
      const was = evicts(old)
      if (was !== evicts(node)) tracker.outages.tainted(row, was ? undefined : now)
    }
  }

  #noteNode(name: string, kind: string, reason: string, message: string): void {
    this.#note({ kind, object: name, node: name, reason, message })
  }
}

/** Whether a taint of Kubernetes' own evicts pods from the node. */
function evicts({ spec }: Node): boolean {
  return (spec?.taints ?? []).some(({ key, effect }) => effect === 'NoExecute' && key.startsWith(OWN_TAINT))
}
