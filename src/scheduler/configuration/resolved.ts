import type { Micros } from '../../base/time.ts'

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
] as const

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number]

/** A profile with the defaults merged in: names of plugins by extension point, in the order in which they run. */
export interface ResolvedProfile {
  readonly schedulerName: string
  /** Percent; 0 is adaptive; undefined falls to the global setting. */
  readonly percentageOfNodesToScore: number | undefined
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>
  /** Weight of each plugin that may score, at least 1. */
  readonly weights: ReadonlyMap<string, number>
  /** `pluginConfig` arguments by plugin. */
  readonly args: ReadonlyMap<string, unknown>
}

/** A KubeSchedulerConfiguration with everything defaulted. */
export interface ResolvedConfiguration {
  readonly percentageOfNodesToScore: number | undefined
  readonly podInitialBackoff: Micros
  readonly podMaxBackoff: Micros
  readonly profiles: readonly ResolvedProfile[]
  /** Settings that have no meaning in a simulation, by path. */
  readonly warnings: readonly { readonly path: string; readonly message: string }[]
}
