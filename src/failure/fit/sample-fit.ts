import { assert } from '../../base/assert.ts'
import { fitFamilies } from './families.ts'
import type { FittedFamily } from './families.ts'
import type { FamilyName } from './family-names.ts'
import { goodnessOf } from './goodness.ts'
import type { Goodness } from './goodness.ts'

/** One family fitted to a sample. */
export type FamilyFit = FittedFamily & Goodness

/** What a sample of spans looks like, and the distributions fitted to it. In the unit of the sample. */
export interface SampleFit {
  readonly count: number
  /** Spans of no length: left out of the fits, but not of mean and median. */
  readonly zeros: number
  /** Undefined for an empty sample. */
  readonly mean: number | undefined
  readonly median: number | undefined
  readonly deviation: number | undefined
  /** In the order of their names; empty when no two spans differ. */
  readonly families: readonly FamilyFit[]
  /** The one with the smallest AIC. */
  readonly best: FamilyName | undefined
}

/** Fits every family to the spans above 0 of a sample; spans below 0 are a broken promise. */
export function fitSample(spans: readonly number[]): SampleFit {
  const sorted = Float64Array.from(spans).sort()
  const zeros = sorted.findIndex((span) => span > 0)
  assert((sorted[0] ?? 0) >= 0, 'a span is below 0')
  const count = sorted.length
  const mean = count === 0 ? undefined : sorted.reduce((sum, span) => sum + span, 0) / count
  const positive = zeros < 0 ? [] : [...sorted.subarray(zeros)]
  const families = fitFamilies(positive).map((family) => ({ ...family, ...goodnessOf(family, positive) }))
  const best = families.toSorted((one, other) => one.aic - other.aic)[0]
  return {
    count,
    zeros: zeros < 0 ? count : zeros,
    mean,
    median: medianOf(sorted),
    deviation: mean === undefined ? undefined : deviationOf(sorted, mean),
    families,
    best: best?.name,
  }
}

/** The fit of a family, the best one by default; undefined when nothing could be fitted. */
export function familyOf(fit: SampleFit, name: FamilyName | undefined = fit.best): FamilyFit | undefined {
  return fit.families.find((family) => family.name === name)
}

function medianOf(sorted: Float64Array): number | undefined {
  const middle = sorted.length / 2
  if (sorted.length === 0) return undefined
  const upper = sorted[Math.floor(middle)] ?? 0
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper
}

/** Of a sample: over its count less one; 0 for a single value. */
function deviationOf(sorted: Float64Array, mean: number): number {
  if (sorted.length < 2) return 0
  const squares = sorted.reduce((sum, span) => sum + (span - mean) ** 2, 0)
  return Math.sqrt(squares / (sorted.length - 1))
}
