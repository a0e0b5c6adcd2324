import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { assert } from '../base/assert.ts'
import { metricValue } from '../report/summary.ts'
import { runScenario } from '../run/run.ts'
import type { RunProgress } from '../run/play.ts'
import type { RunResult } from '../run/run.ts'
import { loadScenario } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { CostMeter } from './cost-meter.ts'
import type { CostReport } from './cost-meter.ts'
import { COMPONENTS } from './cost-place.ts'
import type { Component } from './cost-place.ts'
import type { ProcessMeters } from './process-meters.ts'
import { ReplayWork, WORK_NODE } from './replay-work.ts'
import { workReader } from './work-reader.ts'

/** What is replayed, on what. */
export interface ReplaySetting {
  readonly nodes: number
  readonly pods: number
  /** Different sizes of pods; undefined: nearly every pod another one. */
  readonly shapes: number | undefined
  readonly seed: number
  /** A trace in stowage's own CSV instead of generated work. */
  readonly trace?: string | undefined
  /** KubeSchedulerConfiguration file. */
  readonly schedulerConfig?: string | undefined
  /** Overrides of scenario fields, `path=value`. */
  readonly overrides?: readonly string[]
}

/** How a replay is run. */
export interface ReplayHooks {
  readonly meters: ProcessMeters
  /** Directory that keeps the reports; undefined: they are written all the same, and taken away. */
  readonly directory?: string | undefined
  /** Whether to measure what each component costs. */
  readonly measuresCost: boolean
  readonly version: string
  readonly signal: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
}

/** What a replay came to. Times and memory are of the whole process from its start to the end of the replay. */
export interface ReplayFigures {
  readonly nodes: number
  readonly pods: number
  readonly shapes: number | 'all'
  readonly seed: number
  readonly trace: string | null
  /** User and system time, all threads. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakRssBytes: number
  readonly podsSubmitted: number
  readonly podsBound: number
  readonly podsFinished: number
  /** Scheduling attempts. */
  readonly decisions: number
  readonly events: number
  readonly simulatedSeconds: number
  readonly decisionsPerCpuSecond: number
  readonly podsPerCpuSecond: number
  readonly eventsPerCpuSecond: number
  /** CPU seconds by component, and of the start of the program; they add up to `cpuSeconds`. Null: not measured. */
  readonly phases: Readonly<Record<Component | 'startup', number>> | null
  /** Hash of all events: equal for equal work. */
  readonly eventDigest: string
}

/** A replay that was measured. */
export interface Replay {
  readonly figures: ReplayFigures
  readonly cost: CostReport | undefined
  readonly result: RunResult
}

/**
 * Replays work with everything that a run has: arrivals, decisions, binding, kubelets, ends, metrics, and all reports with
 * the row a pod written to disk.
 */
export async function runReplay(setting: ReplaySetting, hooks: ReplayHooks): Promise<Replay> {
  const { meters } = hooks
  const scenario = replayScenario(setting)
  const kept = hooks.directory
  const directory = kept ?? mkdtempSync(path.join(tmpdir(), 'stowage-replay-'))
  try {
    const startupSeconds = meters.cpuSeconds()
    const meter = hooks.measuresCost ? new CostMeter(meters.cpuSeconds) : undefined
    const result = await runScenario(scenario, {
      directory,
      command: ['bench', 'replay'],
      version: hooks.version,
      signal: hooks.signal,
      work: workOf(setting),
      ...(hooks.onProgress === undefined ? {} : { onProgress: hooks.onProgress }),
    })
    const cost = meter?.stop()
    return { figures: figuresOf(setting, result, { cost, startupSeconds }, meters), cost, result }
  } finally {
    if (kept === undefined) rmSync(directory, { recursive: true, force: true })
  }
}

/** The cluster of a replay, and its trace where it has one. */
export function replayScenario(setting: ReplaySetting): Scenario {
  const { cpuMilli, memoryGib, pods } = WORK_NODE
  const { nodes, trace, schedulerConfig } = setting
  return loadScenario({
    raw: {
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: 'replay' },
      spec: {
        seed: setting.seed,
        nodes: [{ template: { count: nodes, shape: `${cpuMilli / 1000}:${memoryGib}Gi:${pods}` } }],
        ...(schedulerConfig === undefined ? {} : { scheduler: { configFile: schedulerConfig } }),
        ...(trace === undefined ? {} : { workload: [{ trace: { file: trace, format: 'csv' } }] }),
      },
    },
    overrides: setting.overrides ?? [],
  })
}

/** The generated work of a setting; none where it has a trace. */
export function workOf(setting: ReplaySetting): ReturnType<typeof workReader>[] {
  return setting.trace === undefined ? [workReader(new ReplayWork(setting), setting.pods)] : []
}

function figuresOf(
  setting: ReplaySetting,
  result: RunResult,
  measured: { readonly cost: CostReport | undefined; readonly startupSeconds: number },
  meters: ProcessMeters,
): ReplayFigures {
  const cpuSeconds = meters.cpuSeconds()
  const count = (name: string): number => {
    const value = metricValue(result.summary, name)
    assert(value !== undefined, () => `a summary without ${name}`)
    return value
  }
  const podsFinished = count('pods_succeeded')
  const decisions = count('scheduling_attempts')
  return {
    nodes: setting.nodes,
    pods: setting.pods,
    shapes: setting.shapes ?? 'all',
    seed: setting.seed,
    trace: setting.trace ?? null,
    cpuSeconds,
    wallSeconds: meters.wallSeconds(),
    peakRssBytes: meters.peakRssBytes(),
    podsSubmitted: count('pods_submitted'),
    podsBound: count('pods_scheduled'),
    podsFinished,
    decisions,
    events: result.events,
    simulatedSeconds: count('simulated_s'),
    decisionsPerCpuSecond: decisions / cpuSeconds,
    podsPerCpuSecond: podsFinished / cpuSeconds,
    eventsPerCpuSecond: result.events / cpuSeconds,
    phases: measured.cost === undefined ? null : phasesOf(measured.cost, measured.startupSeconds, cpuSeconds),
    eventDigest: result.eventDigest,
  }
}

function phasesOf(
  cost: CostReport,
  startupSeconds: number,
  cpuSeconds: number,
): Readonly<Record<Component | 'startup', number>> {
  const phases = Object.fromEntries(COMPONENTS.map((name) => [name, cost.components.get(name) ?? 0]))
  // Reading the samples comes after their end, and is no component's.
  const rest = cpuSeconds - startupSeconds - cost.cpuSeconds
  phases['other'] = (phases['other'] ?? 0) + rest
  return { ...(phases as Record<Component, number>), startup: startupSeconds }
}
