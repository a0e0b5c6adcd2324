import { plugins as inTreePlugins } from '../../plugins/index.ts'
import type { TypicalPod } from '../api/gpu-fragmentation.ts'
import { InputError } from '../base/errors.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Simulation } from '../engine/simulation.ts'
import { gatesWithoutEffect } from '../scenario/feature-gates.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { parseConfiguration } from '../scheduler/configuration/parse.ts'
import type { ResolvedConfiguration } from '../scheduler/configuration/resolved.ts'
import { isMeasuredColumn } from '../scheduler/framework/node-columns.ts'
import type { PluginFactory } from '../scheduler/framework/plugin-factory.ts'
import { buildProfiles } from '../scheduler/profile-builder.ts'
import type { ProfileDraft } from '../scheduler/profile.ts'
import { configuredOptions } from '../scheduler/scheduler-options.ts'
import { BackoffObservers } from '../scheduler/backoff-observers.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import { withPlugins } from './added-plugins.ts'
import { buildExtenders, withoutIgnored } from './build-extenders.ts'
import { loadPlugins } from './plugin-loader.ts'
import { PluginWatch } from './plugin-watch.ts'

/** Plugins that may measure GPU fragmentation. */
const FRAGMENTATION_PLUGINS = ['FGD', 'GpuShare']

/** The scheduler of a run, and what of its configuration has no meaning here. */
export interface BuiltScheduler {
  readonly scheduler: Scheduler
  /** Who hears of pods that have to back off. */
  readonly backoffs: BackoffObservers
  /** Sees the calls of the user's plugins and extenders; undefined where there are none. */
  readonly watch: PluginWatch | undefined
  readonly warnings: readonly string[]
}

/** Builds the scheduler: configuration, the user's plugins, the device plugin where nodes have devices. */
export async function buildScheduler(
  sim: Simulation,
  api: ApiServer,
  scenario: Scenario,
  setting: {
    readonly hasDevices: boolean
    readonly usesIndex?: boolean
    /** Whether nodes are measured, for plugins that read it; true by default. */
    readonly isMeasured?: boolean
    /** Looks through the workload for the kinds of its pods; asked only where a plugin wants them. None by default. */
    readonly typicalPods?: () => Promise<readonly TypicalPod[]>
  },
): Promise<BuiltScheduler> {
  const { configuration: value, configurationSource: source, plugins: files, tieBreak } = scenario.scheduler
  const { hasDevices, usesIndex = true, isMeasured = true } = setting
  const own = new Map<string, PluginFactory>()
  const watch = new PluginWatch()
  const guard = { watch, longest: scenario.scheduler.pluginTimeout }
  for (const file of files) {
    for (const [name, factory] of await loadPlugins(file, guard)) {
      if (inTreePlugins.has(name) || own.has(name)) {
        throw new InputError({
          file,
          message: `there is a plugin ${name} already`,
          hint: 'give it another name',
        })
      }
      own.set(name, factory)
    }
  }
  const registry = new Map([...inTreePlugins, ...own])
  const added = [...(hasDevices ? ['GpuShare'] : []), ...own.keys()]
  const gates = scenario.featureGates
  const parsed = parseConfiguration(value, source.root, {
    placeOf: (path) => source.placeOf(path),
    needsType: source.isFile,
    gates,
    known: new Set(registry.keys()),
  })
  const extenders = await buildExtenders(parsed, scenario.scheduler.extenders, guard)
  const resolved = withoutIgnored(withPlugins(parsed, added), extenders)
  const outlook = {
    seed: scenario.seed,
    typicalPods: wantsTypicalPods(resolved) ? ((await setting.typicalPods?.()) ?? []) : [],
  }
  const { profiles, warnings } = buildProfiles(resolved, { registry, gates, root: source.root, outlook })
  const backoffs = new BackoffObservers()
  const options = configuredOptions(resolved, gates)
  const scheduler = new Scheduler(sim, api, {
    profiles,
    ...options,
    queue: { ...options.queue, backsOff: backoffs.tell },
    tieBreak,
    extenders,
    watchLatency: scenario.controlPlane.schedulerLatency,
    cycleTime: scenario.controlPlane.cycleTime,
    clientLimits: scenario.controlPlane.schedulerLimits,
    usesIndex,
    keepsDetails: scenario.report.nodeDecisions,
  })
  const hasOwnCode = own.size > 0 || scenario.scheduler.extenders.length > 0
  const idle = gatesWithoutEffect(scenario.kubernetesVersion, gates)
  return {
    scheduler,
    backoffs,
    watch: hasOwnCode ? watch : undefined,
    warnings: [
      ...warnings.map(({ path, message }) => `${path} ${message}`),
      ...(isMeasured ? [] : unmeasuredWarnings(profiles)),
      ...idle.map((gate) => `spec.featureGates.${gate} has no effect: nothing simulated depends on it yet`),
    ],
  }
}

/** What to say where no pod runs, so that nobody can measure what nodes use. */
function unmeasuredWarnings(profiles: readonly ProfileDraft[]): readonly string[] {
  const plugins = profiles.flatMap((profile) => profile.plugins)
  const readers = plugins.filter(({ reads }) => reads.some(isMeasuredColumn)).map(({ name }) => name)
  return [...new Set(readers)].map((name) => `${name} reads what nodes use, which is measured in runs only`)
}

/** Whether a plugin measures fragmentation, and its arguments do not say against which pods. */
function wantsTypicalPods({ profiles }: ResolvedConfiguration): boolean {
  return profiles.some(({ points, args }) =>
    FRAGMENTATION_PLUGINS.some((name) => {
      const isThere = Object.values(points).some((names) => names.includes(name))
      const given = args.get(name) as Readonly<Record<string, unknown>> | undefined
      const measures = name === 'FGD' || given?.['deviceChoice'] === 'LeastFragmentation'
      return isThere && measures && given?.['typicalPods'] === undefined
    }),
  )
}
