import { existsSync } from 'node:fs'

import { InputError } from '../base/errors.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { disabledPodFields } from '../cluster/admission-stages/disabled-pod-fields.ts'
import { defaultAdmission } from '../cluster/admission-stages/index.ts'
import { Simulation } from '../engine/simulation.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { buildNodes } from './build-nodes.ts'
import { buildScheduler } from './build-scheduler.ts'
import { loadObjects } from './load-objects.ts'

/** What checking a scenario without running it found. */
export interface ScenarioCheck {
  readonly nodes: number
  readonly warnings: readonly string[]
}

/**
 * Builds the cluster and the scheduler of a scenario and looks whether its traces are there; runs nothing.
 *
 * Throws `InputError` for whatever a run would refuse before it starts.
 */
export async function checkScenario(scenario: Scenario): Promise<ScenarioCheck> {
  const sim = new Simulation({ seed: scenario.seed })
  const api = new ApiServer(sim, [...disabledPodFields(scenario.featureGates), ...defaultAdmission])
  const nodes = buildNodes(api, scenario.nodes)
  const warnings = [...loadObjects(api, scenario.objects, scenario.featureGates)]
  const built = await buildScheduler(sim, api, scenario, { hasDevices: false })
  const failureTraces = scenario.failures.flatMap((source) => (source.kind === 'trace' ? [source] : []))
  for (const { file } of [...scenario.workload, ...failureTraces]) {
    if (!existsSync(file))
      throw new InputError({ file, message: 'cannot be read', hint: 'is the path right?' })
  }
  return { nodes: nodes.length, warnings: [...warnings, ...built.warnings] }
}
