import type { SchedulerPlugin } from './plugin.ts'

/** Kubernetes feature gates by name; a gate that is not in the map is off. */
export type FeatureGates = ReadonlyMap<string, boolean>

/** What a plugin is built from, besides its arguments. */
export interface PluginContext {
  readonly gates: FeatureGates
  /** Path of the arguments in the configuration, for errors: `profiles[0].pluginConfig[2].args`. */
  readonly path: string
  /** Says that something in the arguments has no meaning here. */
  warn(field: string, message: string): void
}

/**
 * Builds a plugin from its `pluginConfig` arguments; undefined arguments mean the defaults.
 *
 * Throws `InputError` naming the field when the arguments are wrong, in the words of kube-scheduler's validation.
 */
export type PluginFactory = (args: unknown, context: PluginContext) => SchedulerPlugin
