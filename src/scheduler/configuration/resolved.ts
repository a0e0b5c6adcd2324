import type { Micros } from '../../base/time.ts'
import type { ConfigurationWarning } from './problems.ts'

/** Extension points of the scheduling framework, as a configuration names them. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'placementGenerate',
  'placementScore',
  'placementFeasible',
  'podGroupPostFilter',
] as const

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number]

/** A profile with the defaults merged in: names of plugins by extension point, in the order in which they run. */
export interface ResolvedProfile {
  readonly schedulerName: string
  /** Percent; 0 is adaptive; undefined falls to the global setting. */
  readonly percentageOfNodesToScore: number | undefined
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>
  /** Weight of each plugin that may score; 1 where the configuration says 0 or nothing. */
  readonly weights: ReadonlyMap<string, number>
  /** The same, where it scores placements of PodGroups. */
  readonly placementWeights: ReadonlyMap<string, number>
  /** `pluginConfig` arguments by plugin, in the order of the list. */
  readonly args: ReadonlyMap<string, unknown>
}

/** PEM texts of the configuration: in it, or in a file, relative to the working directory. */
export type PemSource =
  | { readonly field: string; readonly pem: string }
  | { readonly field: string; readonly file: string }

/** How a connection over https is made. */
export interface ResolvedTls {
  /** Whether any certificate of the server is trusted. */
  readonly insecure: boolean
  /** Name that the server's certificate must hold; empty for the host of the URL. */
  readonly serverName: string
  /** Authorities whose certificates are trusted, in place of the usual ones. */
  readonly ca: PemSource | undefined
  /** What the client shows of itself. */
  readonly client: { readonly cert: PemSource; readonly key: PemSource } | undefined
}

/** An extender that is reached over HTTP or HTTPS. */
export interface ResolvedExtender {
  readonly urlPrefix: string
  /** Empty verbs are not supported by the extender. */
  readonly filterVerb: string
  readonly prioritizeVerb: string
  readonly preemptVerb: string
  readonly bindVerb: string
  readonly weight: number
  /** How long a call may take, in milliseconds of the real clock. */
  readonly httpTimeoutMs: number
  readonly nodeCacheCapable: boolean
  readonly managedResources: readonly string[]
  /** Managed resources that NodeResourcesFit leaves to the extender. */
  readonly ignoredByScheduler: readonly string[]
  readonly ignorable: boolean
  /** Undefined trusts what Node.js trusts. */
  readonly tls: ResolvedTls | undefined
}

/** A KubeSchedulerConfiguration with everything defaulted. */
export interface ResolvedConfiguration {
  readonly percentageOfNodesToScore: number | undefined
  readonly podInitialBackoff: Micros
  readonly podMaxBackoff: Micros
  readonly profiles: readonly ResolvedProfile[]
  readonly extenders: readonly ResolvedExtender[]
  /** Settings that have no meaning in a simulation, by path. */
  readonly warnings: readonly ConfigurationWarning[]
}
