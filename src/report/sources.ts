import type { Micros } from '../base/time.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { LifecycleObserver } from '../node/lifecycle/lifecycle-observer.ts'
import type { WatchOptions } from '../cluster/watch.ts'
import type { DecisionObserver } from '../scheduler/decision.ts'
import type { Ailment } from './recovery/outage.ts'
import type { WorkloadName } from './workload-groups.ts'

/** What a node offers: the numbers of `status.allocatable` that the report adds up. */
export interface NodeCapacity {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly pods: number
  /** Thousandths of a GPU. */
  readonly gpuMilli: number
}

/** A machine that went down or came back, or had another fault, as it happened and before anybody noticed. */
export interface MachineChange {
  readonly row: NodeRow
  readonly fault: 'down' | 'cutOff' | 'hung'
  readonly up: boolean
  readonly cause: string
  readonly at: Micros
}

/** Something that happened, as events.csv tells it. */
export interface ReportedEvent {
  /** What kind of thing happened: `Eviction`, `Preemption`, `AdmissionRefusal`, … */
  readonly kind: string
  /** Name, or `namespace/name`, of what it happened to. */
  readonly object: string
  /** Name of the node that it happened on; empty for none. */
  readonly node: string
  readonly reason: string
  readonly message: string
}

/** One failure that a model caused; `endedAt` is undefined or `NEVER` while it lasts. */
export interface FailureRecord {
  readonly id: number
  readonly model: string
  readonly nodes: readonly NodeRow[]
  /** What it does to the nodes; brings them down by default. */
  readonly effect?: { readonly kind: Ailment | 'none' }
  /** What fails, in words; empty where the nodes say it. */
  readonly target?: string
  readonly startedAt: Micros
  /** When its nodes are hit, where that is announced. */
  readonly strikesAt?: Micros
  readonly endedAt: Micros | undefined
}

/** A time that a write of a client of the API server waited. */
export interface WriteWait {
  readonly client: string
  readonly reason: string
  readonly from: Micros
  readonly until: Micros
}

/** Who tells of machines inside the change itself. */
interface MachineSource {
  observe(observer: (change: MachineChange) => void): void
  /** Whether the machine is gone for good. */
  isTerminated(row: NodeRow): boolean
}

/** Who tells of scheduling decisions inside the cycle, and knows where in its queue a pod is. */
interface DecisionSource {
  observe(observer: DecisionObserver): void
  readonly queue?: { get(pod: PodRow): { readonly place: string } | undefined }
}

/** Who tells of pods of StatefulSets that run twice, as that begins and, with its end, as it ends. */
export interface SplitBrainSource {
  onSplitBrain?(
    listener: (split: {
      /** `namespace/name` of both pods. */
      readonly key: string
      /** Where the older of them runs, and where the other does. */
      readonly nodes: readonly [NodeRow, NodeRow]
      readonly startedAt: Micros
      readonly endedAt: Micros | undefined
    }) => void,
  ): void
}

/** Who knows how much memory is in use on each node, and tells when that changes. */
interface WorkingSetSource extends SplitBrainSource {
  onWorkingSet(listener: (node: NodeRow) => void): void
  /** Bytes in use by the pods of a node. */
  workingSet(node: NodeRow): number
  /** Who looks after pods container by container. */
  readonly workers?: { observe(observer: LifecycleObserver): void }
}

/** Who keeps the failures of the run. */
interface FailureSource {
  readonly records: Iterable<FailureRecord>
  /** Hears of each failure before it strikes, and when it has ended. */
  observe?(observer: (record: FailureRecord) => void): void
}

/** Who tells of writes that had to wait. */
interface WriteWaitSource {
  onThrottled(observer: (wait: WriteWait) => void): void
}

/** All that a recorder listens to; what is left out is not there in the run. */
export interface RecorderSources {
  readonly clock: { readonly now: Micros }
  readonly pods: PodStore
  readonly nodeRows: NodeRows
  /** `ApiServer.watch`: the recorder asks for changes of nodes from the first revision on. */
  readonly watch: (options: WatchOptions) => unknown
  readonly machines?: MachineSource
  readonly kubelets?: WorkingSetSource
  readonly schedulers?: readonly DecisionSource[]
  /** Who tells of pods that have to back off before they are tried again. */
  readonly backoffs?: { observe(observer: (pod: PodRow) => void): void }
  readonly failures?: FailureSource
  /** `ApiServer.observeObjects`: tells of workloads and their rollouts. */
  readonly observeObjects?: (observer: (change: WrittenObject) => void) => void
  /** `ApiServer.onRefusedPod`: tells of pods that controllers could not create. */
  readonly onRefusedPod?: (observer: (owner: { readonly kind: string; readonly key: string }) => void) => void
  /** `ApiServer.onBlockedEviction`: tells of evictions that a budget refused. */
  readonly onBlockedEviction?: (observer: (pod: PodRow) => void) => void
  /** Who tells how long writes waited. */
  readonly apiLoad?: WriteWaitSource
  /** Who tells when the API server takes no writes any more, and when it does again. */
  readonly availability?: { observe(observer: (takesWrites: boolean) => void): void }
  /** Names the workload that the owner of pods belongs to; the owner itself by default. */
  readonly workloadOf?: (owner: PodOwner) => WorkloadName
}
