import type { TypicalPod } from '../../api/gpu-fragmentation.ts'
import type { SchedulerPlugin } from './plugin.ts'

/** Kubernetes feature gates by name; a gate that is not in the map is off. */
export type FeatureGates = ReadonlyMap<string, boolean>

/** What is known of a run before it begins, for plugins whose arguments do not say it. */
export interface RunOutlook {
  /** The seed of the run, for plugins that leave something to chance. */
  readonly seed: string | number
  /** The kinds of pods that the workload consists of; none where it is not known ahead. */
  readonly typicalPods: readonly TypicalPod[]
}

/** What a plugin is built from, besides its arguments. */
export interface PluginContext {
  readonly gates: FeatureGates
  /** Path of the arguments in the configuration, for errors: `profiles[0].pluginConfig[2].args`. */
  readonly path: string
  /** Left out where a profile is built for no run. */
  readonly outlook?: RunOutlook | undefined
  /** Says that something in the arguments has no meaning here. */
  warn(field: string, message: string): void
}

/**
 * Builds a plugin from its `pluginConfig` arguments; undefined arguments mean the defaults.
 *
 * Throws `InputError` naming the field when the arguments are wrong, in the words of kube-scheduler's validation.
 */
export type PluginFactory = (args: unknown, context: PluginContext) => SchedulerPlugin
