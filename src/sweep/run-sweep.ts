import type { ThreadsSetting } from '../threads/run-on-threads.ts'
import type { Journal } from './journal.ts'
import { metricSamples } from './metric-samples.ts'
import type { MetricSample } from './metric-samples.ts'
import { runUnits } from './run-units.ts'
import type { SweepPoint, SweepUnit } from './sweep-definition.ts'

/** How the missing runs of a sweep are made. */
export interface SweepRunSetting extends Pick<
  ThreadsSetting<SweepUnit, unknown>,
  'workers' | 'program' | 'signal'
> {
  /** Runs that failed before are made again. */
  readonly retryFailed: boolean
  readonly onProgress: (unit: SweepUnit, progress: SweepProgress) => void
}

/** How far a sweep is; runs of earlier commands are counted in. */
export interface SweepProgress {
  readonly done: number
  readonly total: number
  readonly failed: number
}

/** A run that failed, and why. */
export interface FailedUnit {
  readonly unit: SweepUnit
  readonly name: string
  readonly message: string
}

/** What a point has come to. */
export interface PointOutcome {
  readonly point: SweepPoint
  /** Of its runs that were done, in order. */
  readonly seeds: readonly number[]
  readonly samples: readonly MetricSample[]
  readonly failures: readonly FailedUnit[]
  /** Whether every seed was done. */
  readonly isWhole: boolean
}

/** The units that have yet to run: each once, although two points may have drawn the same values. */
export function missingUnits(
  points: readonly SweepPoint[],
  { outcomes }: Journal,
  retryFailed: boolean,
): readonly SweepUnit[] {
  const units = new Map(points.flatMap((point) => point.units.map((unit) => [unit.id, unit])))
  return [...units.values()].filter(({ id }) => {
    const known = outcomes.get(id)
    return known === undefined || (retryFailed && 'error' in known)
  })
}

/** Runs what is missing, and writes each outcome into the journal as it comes. A run that fails is one: the others go on. */
export async function runMissing(
  points: readonly SweepPoint[],
  journal: Journal,
  setting: SweepRunSetting,
): Promise<void> {
  const { workers, program, signal } = setting
  const missing = missingUnits(points, journal, setting.retryFailed)
  const ids = new Set(points.flatMap(({ units }) => units.map(({ id }) => id)))
  const before = ids.size - missing.length
  const retried = new Set(missing.map(({ id }) => id))
  const isCounted = (id: string): boolean => ids.has(id) && !retried.has(id)
  let failed = [...journal.outcomes.values()].filter((one) => 'error' in one && isCounted(one.id)).length
  const tell = (unit: SweepUnit, done: number): void => {
    setting.onProgress(unit, { done: before + done, total: ids.size, failed })
  }
  await runUnits(missing, {
    workers,
    program,
    signal,
    onDone: (unit, done, result) => {
      // What a run came to that was ended early is no result.
      if (result.interrupted) return
      journal.append({ id: unit.id, result })
      tell(unit, done)
    },
    onFailed: (unit, done, { name, message }) => {
      journal.append({ id: unit.id, error: { name, message } })
      failed += 1
      tell(unit, done)
    },
  })
}

/** What each point has come to by the journal; the order of its lines has no part in it. */
export function pointOutcomes(points: readonly SweepPoint[], { outcomes }: Journal): readonly PointOutcome[] {
  return points.map((point) => {
    const known = point.units.map((unit) => ({ unit, outcome: outcomes.get(unit.id) }))
    const done = known.flatMap(({ unit, outcome }) => {
      return outcome !== undefined && 'result' in outcome ? [{ seed: unit.seed, result: outcome.result }] : []
    })
    const failures = known.flatMap(({ unit, outcome }) => {
      return outcome !== undefined && 'error' in outcome ? [{ unit, ...outcome.error }] : []
    })
    return {
      point,
      seeds: done.map(({ seed }) => seed),
      samples: metricSamples(done.map(({ result }) => result)),
      failures,
      isWhole: done.length === point.units.length,
    }
  })
}
