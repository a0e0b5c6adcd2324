import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { loadScenario } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Value } from './draws.ts'

/** A row of stowage's own trace format, by column. */
export type TaskRow = Readonly<Record<(typeof TASK_COLUMNS)[number], number | string>>

/** Columns of the traces that come with random scenarios. */
export const TASK_COLUMNS = [
  'arrival_s',
  'duration_s',
  'cpu_milli',
  'memory_mib',
  'name',
  'count',
  'priority',
] as const

/**
 * A generated scenario in parts that can be left out one by one: what a failing one is made smaller by.
 */
export interface FuzzCase {
  readonly name: string
  readonly seed: number | string
  /** End of the run, in seconds. */
  readonly until: number
  /** Items of `spec.nodes`. */
  readonly nodes: readonly Value[]
  /** Items of `spec.objects`, written out. */
  readonly objects: readonly Value[]
  /** Items of `spec.actions`. */
  readonly actions: readonly Value[]
  /** Items of `spec.failures`. */
  readonly failures: readonly Value[]
  /** Rows of a trace, in order of arrival. */
  readonly tasks: readonly TaskRow[]
  /** Further fields of `spec`. */
  readonly settings: Value
}

/** Name of the trace that lies beside a scenario file. */
export function traceName({ name }: Pick<FuzzCase, 'name'>): string {
  return `${name}-tasks.csv`
}

/** The case as a scenario file has it; `trace` is the path of its trace, where it has tasks. */
export function rawScenario(fuzzCase: FuzzCase, trace: string): Value {
  const { name, seed, until, nodes, objects, actions, failures, tasks, settings } = fuzzCase
  return {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name },
    spec: {
      seed,
      until: `${until}s`,
      nodes,
      ...settings,
      ...(objects.length === 0 ? {} : { objects }),
      ...(actions.length === 0 ? {} : { actions }),
      ...(failures.length === 0 ? {} : { failures }),
      ...(tasks.length === 0 ? {} : { workload: [{ trace: { file: trace, format: 'csv' } }] }),
    },
  }
}

/** The tasks of a case as a trace. */
export function traceText(tasks: readonly TaskRow[]): string {
  const rows = tasks.map((task) => TASK_COLUMNS.map((column) => task[column]).join())
  return `${[TASK_COLUMNS.join(), ...rows].join('\n')}\n`
}

/** The scenario of a case; a trace that it needs is written into the folder. */
export function scenarioOfCase(fuzzCase: FuzzCase, folder: string): Scenario {
  const trace = path.resolve(folder, traceName(fuzzCase))
  if (fuzzCase.tasks.length > 0) writeFileSync(trace, traceText(fuzzCase.tasks))
  return loadScenario({ raw: rawScenario(fuzzCase, trace), overrides: [] })
}
