import type { Sampler } from '../base/distribution.ts'
import type { InputProblem } from '../base/errors.ts'
import type { Micros } from '../base/time.ts'
import type { ActionSource } from './action.ts'
import type { ControlPlaneSetting } from './control-plane.ts'
import type { AttachmentSetting } from './attachments.ts'
import type { CloudSetting } from './cloud.ts'
import type { FailureSource } from './failures/index.ts'
import type { KubernetesVersion, ResolvedGates } from './feature-gates.ts'
import type { LifecycleSetting } from './lifecycle.ts'
import type { TieBreakName } from './scheduling-policies.ts'
import type { RepairSetting } from './repair.ts'

/** Formats of workload traces, read as they were published; `csv` is stowage's own. */
export const TRACE_FORMATS = [
  'openb',
  'alibaba2017',
  'google2011',
  'swf',
  'azure2017',
  'philly',
  'csv',
] as const

export type TraceFormatName = (typeof TRACE_FORMATS)[number]

/** Forms that tables are written in. */
export const TABLE_FORMATS = ['csv', 'parquet'] as const

/** A form that tables are written in. */
export type TableFormat = (typeof TABLE_FORMATS)[number]

/** Signals that a scenario can give thresholds for. */
export const SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const

/** What nodes of a template have besides their shape; amounts as quantities by name. */
export interface NodeRoomSetting {
  /** Quantities, by field. */
  readonly disk: string | undefined
  readonly inodes: string | undefined
  readonly imageDisk: string | undefined
  readonly imageInodes: string | undefined
  readonly pids: string | undefined
  /** `kubeReserved` and `systemReserved` of a KubeletConfiguration; undefined: the shape is what pods get. */
  readonly kubeReserved: Readonly<Record<string, string>> | undefined
  readonly systemReserved: Readonly<Record<string, string>> | undefined
}

/** Nodes of the cluster: equal ones by a shape, or those of a file. */
export type NodeSource =
  | {
      readonly kind: 'template'
      /** `COUNTxCPU:MEMORY[:PODS][:gpu=N]`. */
      readonly shape: string
      readonly namePrefix: string | undefined
      readonly labels: Readonly<Record<string, string>>
      readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
      readonly zones: readonly string[] | undefined
      /** What each costs an hour; undefined: nobody said. */
      readonly pricePerHour: number | undefined
      readonly room: NodeRoomSetting
    }
  | { readonly kind: 'file'; readonly file: string; readonly format: 'openb' | 'kubernetes' }

/** A trace to replay, with what is taken of it. */
export interface TraceSource {
  readonly file: string
  readonly format: TraceFormatName
  /** Arrivals before this instant of the trace are dropped, and it becomes 0. */
  readonly from: Micros
  /** Most tasks taken; undefined for all. */
  readonly limit: number | undefined
  /** Share of the tasks taken (below 1), or how often each is taken (above). */
  readonly scale: number
  /** Factor on arrival times. */
  readonly timeScale: number
  /** Malformed rows that are skipped and counted before one is an error. */
  readonly skipBadRows: number
  /** Settings of the format's own. */
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** The machine that normalised requests are shares of, in millicores and bytes; the largest node by default. */
  readonly machine?: { readonly cpu: number; readonly memory: number }
}

/** Thresholds and the like by signal, as a KubeletConfiguration writes them; checked. */
export type SignalSettings = Readonly<Record<string, string>>

/** Where a scheduler configuration comes from: for errors about it. */
export interface ConfigurationSource {
  /** What paths of its fields begin with; empty for a file of its own. */
  readonly root: string
  /** Whether it is a file of its own, not a part of the scenario. */
  readonly isFile: boolean
  /** File, line and column of a field, as far as they are known. */
  placeOf(path: readonly (string | number)[]): Pick<InputProblem, 'file' | 'line' | 'column'>
}

/** A run, wholly decided: everything defaulted, times in microseconds, paths resolved. */
export interface Scenario {
  readonly name: string
  /** Path of the scenario file; undefined when the command line said everything. */
  readonly file: string | undefined
  /** SHA-256 of the scenario after overrides, for the manifest. */
  readonly digest: string
  readonly kubernetesVersion: KubernetesVersion
  /** All feature gates that the version has, on or off. */
  readonly featureGates: ResolvedGates
  readonly seed: string
  /** End of the run; undefined: until all work is done. */
  readonly until: Micros | undefined
  readonly warmUp: Micros
  readonly nodes: readonly NodeSource[]
  /** When the run begins in the calendar, RFC 3339; undefined for the default. */
  readonly startTime: string | undefined
  /** What to create at the start, in order: files of manifests, and objects that the scenario itself holds. */
  readonly objects: readonly (string | Readonly<Record<string, unknown>>)[]
  /** What somebody does to the cluster meanwhile, in order of time. */
  readonly actions: readonly ActionSource[]
  readonly scheduler: {
    /** Name of the policy that the configuration is of; undefined where it is written out. */
    readonly policy: string | undefined
    /** Parsed KubeSchedulerConfiguration; an empty object is the default one. */
    readonly configuration: unknown
    readonly configurationSource: ConfigurationSource
    /** Files of the user's plugins. */
    readonly plugins: readonly string[]
    /** Files of the user's extenders. */
    readonly extenders: readonly string[]
    readonly tieBreak: TieBreakName
    /** Longest real time that one call of a user's plugin or extender may take. */
    readonly pluginTimeout: Micros
  }
  readonly workload: readonly TraceSource[]
  readonly behaviour: {
    readonly startup: Sampler
    readonly stop: Sampler
    /** Peak memory over request. */
    readonly memoryUse: Sampler
    readonly initialShare: number
    /** Cpu in use over the requests of the running pods of a node, at one sample. */
    readonly cpuUse: Sampler
    /** What a pod uses of its node besides; none where undefined. */
    readonly disk: Sampler | undefined
    readonly inodes: Sampler | undefined
    readonly processes: Sampler | undefined
    readonly keepFinished: boolean
    readonly retriesMax: number | undefined
    /** Running time between two checkpoints of a task's pod; none where undefined. */
    readonly checkpointInterval: Sampler | undefined
  }
  readonly lifecycle: LifecycleSetting
  readonly eviction: {
    readonly enabled: boolean
    /** Fields of a KubeletConfiguration. */
    readonly configuration: {
      /** Undefined: what a kubelet does without any setting. */
      readonly evictionHard: SignalSettings | undefined
      readonly evictionSoft: SignalSettings
      readonly evictionSoftGracePeriod: SignalSettings
      readonly evictionMinimumReclaim: SignalSettings
    }
    readonly maxPodGrace: Micros
    readonly pressureTransition: Micros
    /** What is in use on each node besides pods: bytes, bytes, inodes, processes. */
    readonly system: {
      readonly memory: number
      readonly disk: number
      readonly inodes: number
      readonly processes: number
    }
  }
  readonly failures: readonly FailureSource[]
  readonly cloud: CloudSetting
  readonly attachments: AttachmentSetting
  /** Undefined: nobody repairs machines. */
  readonly repair: RepairSetting | undefined
  readonly nodeLifecycle: {
    readonly monitorPeriod: Micros
    readonly gracePeriod: Micros
    readonly startupGracePeriod: Micros
    readonly leaseRenewal: Micros
    readonly evictionRate: number
    readonly secondaryEvictionRate: number
    readonly largeZone: number
    readonly unhealthyThreshold: number
  }
  readonly admission: {
    /** Configuration of the plugin PodNodeSelector, by namespace; undefined leaves it off. */
    readonly podNodeSelector: Readonly<Record<string, string>> | undefined
  }
  readonly controlPlane: ControlPlaneSetting
  readonly report: {
    readonly directory: string | undefined
    readonly interval: Micros
    /** Forms of the tables, one or more. */
    readonly tables: readonly TableFormat[]
    readonly pods: boolean
    readonly decisions: boolean
    readonly nodeDecisions: boolean
  }
}
