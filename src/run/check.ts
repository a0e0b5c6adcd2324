import { ApiServer } from '../cluster/api-server.ts'
import { disabledPodFields } from '../cluster/admission-stages/disabled-pod-fields.ts'
import { defaultAdmission } from '../cluster/admission-stages/index.ts'
import { Simulation } from '../engine/simulation.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { idleActions, manifestsToApply } from './actions/check-actions.ts'
import { checkFailures } from './failures/check-failures.ts'
import { traceOf } from './failures/replay-failure-trace.ts'
import { buildNodes } from './build-nodes.ts'
import { evictionThresholds } from './node-pressure.ts'
import { buildScheduler } from './build-scheduler.ts'
import { loadObjects } from './load-objects.ts'
import { NamespacePolicies, withPolicies } from './namespace-policies.ts'
import { openTraces } from './open-traces.ts'
import { latestEnd } from './run-end.ts'

/** What checking a scenario without running it found. */
export interface ScenarioCheck {
  readonly nodes: number
  /** Objects of manifests at the start. */
  readonly objects: number
  readonly warnings: readonly string[]
}

/**
 * Builds the cluster and the scheduler of a scenario and looks at the first rows of its traces; runs nothing.
 *
 * Throws `InputError` for whatever a run would refuse before it starts.
 */
export async function checkScenario(scenario: Scenario): Promise<ScenarioCheck> {
  const sim = new Simulation({ seed: scenario.seed })
  const api = new ApiServer(sim, [
    ...disabledPodFields(scenario.featureGates),
    ...withPolicies(defaultAdmission, scenario.admission),
  ])
  const policies = new NamespacePolicies(sim, api)
  const nodes = buildNodes(api, scenario.nodes, evictionThresholds(scenario.eviction))
  let objects = 0
  const warnings = [
    ...loadObjects(api, scenario.objects, scenario.featureGates, (kind) => {
      objects += 1
      policies.objectCreated(kind)
    }),
  ]
  const built = await buildScheduler(sim, api, scenario, { hasDevices: false })
  for (const trace of openTraces(scenario, nodes, sim.random)) await trace.checkStart()
  for (const source of scenario.failures) {
    if (source.kind === 'trace') traceOf(source)
  }
  const idle = [...checkFailures(api, scenario)]
  const manifests = manifestsToApply(api, scenario.actions)
  const kinds = new Set([...manifests.values()].flat().map(({ kind = '' }) => kind))
  for (const kind of api.kinds) if (api.collection(kind).size > 0) kinds.add(kind)
  idle.push(...latestEnd(scenario.until, kinds).warnings)
  idle.push(...idleActions(api, scenario.actions, manifests), ...lateActions(scenario))
  return { nodes: nodes.length, objects, warnings: [...warnings, ...built.warnings, ...idle] }
}

/** Actions that come after the end of the run, as far as it is said: a line. */
function lateActions({ actions, until }: Scenario): readonly string[] {
  const late = actions.filter(({ at }) => until !== undefined && at > until).length
  return late === 0 ? [] : [`${late} of the actions come after the end of the run`]
}
