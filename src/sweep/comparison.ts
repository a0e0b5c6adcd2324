import { RandomStreams } from '../base/random.ts'
import { meanInterval } from '../report/statistics.ts'
import type { MeanInterval } from '../report/statistics.ts'
import { differencesOf } from './metric-samples.ts'
import type { MetricSample } from './metric-samples.ts'
import { holmAdjusted, signFlipTest } from './sign-flip-test.ts'

/** The runs of one scenario of a comparison. */
export interface ComparedScenario {
  readonly name: string
  readonly samples: readonly MetricSample[]
}

/** A metric of all scenarios that are compared. */
export interface MetricComparison {
  readonly name: string
  readonly unit: string
  readonly label: string
  /** By scenario, the first is what the others are compared with; undefined for one without the metric. */
  readonly cells: readonly (MetricCell | undefined)[]
}

/** A metric of one scenario over the seeds. */
export interface MetricCell {
  /** By seed. */
  readonly values: readonly (number | undefined)[]
  /** Over the seeds; undefined where there was nothing to measure. */
  readonly interval: MeanInterval | undefined
  /** From the first scenario, seed by seed; undefined for the first. */
  readonly difference: MeanInterval | undefined
  /** Of the sign-flip test of the differences; undefined where they are no sample. */
  readonly pValue: number | undefined
  /** The same by Holm's adjustment over the scenarios that are compared with the first. */
  readonly adjustedPValue: number | undefined
}

/** Compares scenarios with the first of them, metric by metric, in order of the summaries. */
export function compareScenarioSamples(scenarios: readonly ComparedScenario[]): readonly MetricComparison[] {
  // Where there are more seeds than all signs can be tried for; the same table whoever makes it.
  const random = new RandomStreams('comparison')
  const first = byName(scenarios[0])
  const others = scenarios.map(byName)
  const names = new Set(scenarios.flatMap(({ samples }) => samples.map(({ name }) => name)))
  return [...names].map((name) => {
    const samples = others.map((known) => known.get(name))
    const differences = samples.map((sample, index) =>
      sample === undefined || index === 0 ? [] : differencesOf(sample, first.get(name)),
    )
    const pValues = differences.map((list, index) =>
      signFlipTest(list, () => random.stream(`${name}/${scenarios[index]?.name ?? ''}`)),
    )
    const adjusted = holmAdjusted(pValues)
    const [{ unit, label } = { unit: '', label: '' }] = samples.filter((sample) => sample !== undefined)
    const cells = samples.map((sample, index): MetricCell | undefined => {
      if (sample === undefined) return undefined
      return {
        values: sample.values,
        interval: sample.interval,
        difference: meanInterval(differences[index] ?? []),
        pValue: pValues[index],
        adjustedPValue: adjusted[index],
      }
    })
    return { name, unit, label, cells }
  })
}

function byName(scenario: ComparedScenario | undefined): ReadonlyMap<string, MetricSample> {
  return new Map(scenario?.samples.map((sample) => [sample.name, sample]))
}

/** Whether the interval of a difference lies on one side of 0; false for equal differences, which chance has no part in. */
export function isClear(difference: MeanInterval | undefined): boolean {
  const { mean = 0, halfWidth = 0 } = difference ?? {}
  return halfWidth > 0 && Math.abs(mean) > halfWidth
}
