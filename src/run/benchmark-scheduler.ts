import { plugins } from '../../plugins/index.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import { parseConfiguration } from '../scheduler/configuration/parse.ts'
import type { RunOutlook } from '../scheduler/framework/plugin-factory.ts'
import { buildProfiles } from '../scheduler/profile-builder.ts'
import { configuredOptions } from '../scheduler/scheduler-options.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import type { TieBreak } from '../scheduler/tie-break.ts'
import { withPlugins } from './added-plugins.ts'
import { followWholes, resolveFeatureGates } from '../scenario/feature-gates.ts'

/** The scheduler that a benchmark measures. */
export interface BenchmarkScheduler {
  readonly scheduler: Scheduler
  readonly warnings: readonly string[]
}

/** What it is built from. */
export interface BenchmarkSchedulerOptions {
  /** A KubeSchedulerConfiguration v1 as parsed; an empty object is the default one. */
  readonly configuration: unknown
  /** Where it came from, for errors. */
  readonly configurationPath: string
  readonly kubernetesVersion: '1.36' | '1.37'
  /** Gates that are not as the version has them. */
  readonly gates: Readonly<Record<string, boolean>>
  readonly cycleTime: Micros
  readonly tieBreak: TieBreak
  /** Plugins that are added to every profile; none by default. */
  readonly added?: readonly string[]
  /** What plugins know of the run ahead of it; nothing by default. */
  readonly outlook?: RunOutlook
}

/** Starts the scheduler of a benchmark in a cluster that has no other parts. */
export function startBenchmarkScheduler(
  sim: Simulation,
  api: ApiServer,
  options: BenchmarkSchedulerOptions,
): BenchmarkScheduler {
  const gates = new Map([...resolveFeatureGates(options.kubernetesVersion), ...Object.entries(options.gates)])
  followWholes(options.kubernetesVersion, gates)
  const parsed = parseConfiguration(options.configuration, options.configurationPath, { gates })
  const resolved = withPlugins(parsed, options.added ?? [])
  const { outlook } = options
  const { profiles, warnings } = buildProfiles(resolved, { registry: plugins, gates, outlook })
  const scheduler = new Scheduler(sim, api, {
    profiles,
    ...configuredOptions(resolved, gates),
    tieBreak: options.tieBreak,
    watchLatency: 0,
    cycleTime: options.cycleTime,
  })
  return { scheduler, warnings: warnings.map(({ path, message }) => `${path} ${message}`) }
}
