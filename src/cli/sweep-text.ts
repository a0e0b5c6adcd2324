import { numberText } from '../report/number-text.ts'
import type { MeanInterval } from '../report/statistics.ts'
import { pairedDifference } from '../sweep/metric-samples.ts'
import type { MetricSample } from '../sweep/metric-samples.ts'
import { metricNames, sampleNamed } from '../sweep/sweep-tables.ts'
import type { ComparedScenario } from '../sweep/sweep-tables.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** The means of one scenario for people: a line a metric that some run has a value of. */
export function seedsText(name: string, samples: readonly MetricSample[], runs: number): string {
  const rows = samples.flatMap(({ name: metric, unit, interval }): TextCell[][] => {
    if (interval === undefined) return []
    const { mean, deviation, halfWidth, min, max } = interval
    return [[metric, unit, digits(mean), digits(halfWidth), digits(deviation), digits(min), digits(max)]]
  })
  const heads = ['metric', 'unit', 'mean', '± 95 %', 'deviation', 'min', 'max']
  return `${[`${name}: ${counted(runs)}`, '', ...textTable(heads, rows)].join('\n')}\n`
}

/**
 * Scenarios side by side for people: means with the half of their intervals, and what each differs from the first. A `*` marks
 * differences whose interval does not hold 0.
 */
export function compareText(scenarios: readonly ComparedScenario[], runs: number): string {
  const [first, ...others] = scenarios
  const rows = metricNames(scenarios).flatMap((metric): TextCell[][] => {
    const samples = scenarios.map((scenario) => sampleNamed(scenario.samples, metric))
    if (samples.every((sample) => sample?.interval === undefined)) return []
    const differences = samples.slice(1).flatMap((sample): TextCell[] => {
      const difference = sample === undefined ? undefined : pairedDifference(sample, samples[0])
      return [...meanCells(difference), isClear(difference) ? '*' : '']
    })
    const unit = samples.find((sample) => sample !== undefined)?.unit ?? ''
    return [[metric, unit, ...samples.flatMap((sample) => meanCells(sample?.interval)), ...differences]]
  })
  const heads = [
    'metric',
    'unit',
    ...scenarios.flatMap(({ name }) => [name.split(' '), '±']),
    ...others.flatMap(({ name }) => [[...name.split(' '), `- ${first?.name ?? ''}`], '±', '']),
  ]
  const title = `${scenarios.map(({ name }) => name).join(', ')}: ${counted(runs)} each`
  const note = '* the interval of 95 % of the difference, seed by seed, does not hold 0'
  return `${[title, '', ...textTable(heads, rows), '', note].join('\n')}\n`
}

function counted(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`
}

function meanCells(interval: MeanInterval | undefined): TextCell[] {
  return [digits(interval?.mean), digits(interval?.halfWidth)]
}

function isClear(difference: MeanInterval | undefined): boolean {
  if (difference?.halfWidth === undefined) return false
  return Math.abs(difference.mean) > difference.halfWidth
}

/** Five digits that matter, and whole numbers whole: as a number, so that it is put to the right. */
function digits(value: number | undefined): TextCell {
  if (value === undefined) return '-'
  const rounded = Math.abs(value) >= 1e5 ? Math.round(value) : Number(value.toPrecision(5))
  const text = numberText(rounded)
  return Number(text)
}
