import type { BenchRow } from './bench-row.ts'

/** A figure over all rounds. */
export interface SummaryRow extends BenchRow {
  /** Value of each round; `value` is their median. */
  readonly rounds: readonly number[]
  /** How far the rounds are apart: greatest less least, over the median, in percent. */
  readonly noisePercent: number
}

/** The result of some rounds, as it is kept. */
export interface BenchSummary {
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number }
  readonly rows: readonly SummaryRow[]
}

const NAME_WIDTH = 66
/** Ratios within this are no difference, whatever the rounds say. */
const NOISE_MIN_PERCENT = 2

/** Puts the rows of equal name of all rounds together: medians, and how far they are apart. */
export function summaryOf(
  rounds: readonly (readonly BenchRow[])[],
  machine: BenchSummary['machine'],
): BenchSummary {
  const rows = (rounds[0] ?? []).map((first): SummaryRow => {
    const all = rounds.flatMap((round) => round.filter(({ name }) => name === first.name))
    const values = all.map(({ value }) => value)
    const ratios = all.flatMap(({ against }) => (against === undefined ? [] : [against.ratio]))
    const value = medianOf(values)
    return {
      ...first,
      value,
      marginPercent: medianOf(all.map(({ marginPercent }) => marginPercent)),
      ...(first.against === undefined
        ? {}
        : { against: { name: first.against.name, ratio: medianOf(ratios) } }),
      rounds: values,
      noisePercent: (100 * (Math.max(...values) - Math.min(...values))) / value,
    }
  })
  return { machine, rows }
}

/**
 * A line a figure: value, noise, the ratio to what it is measured against, whether a goal is reached, and with a base the ratio
 * to its figure (above 1 is better), with `~` where it is within the noise of either.
 */
export function tableOf(summary: BenchSummary, base?: BenchSummary): string[] {
  const { machine, rows } = summary
  const head = `${''.padEnd(NAME_WIDTH)} ${'MEDIAN'.padStart(12)} ${'UNIT'.padEnd(12)} ${'NOISE'.padStart(7)}  RATIO`
  return [
    `Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`,
    head,
    ...rows.map((row) => {
      const before = base?.rows.find(({ name }) => name === row.name)
      const cells = [
        row.name.padEnd(NAME_WIDTH),
        numberText(row.value).padStart(12),
        row.unit.padEnd(12),
        row.rounds.length < 2 ? '      -' : `${row.noisePercent.toFixed(1)} %`.padStart(7),
        row.against === undefined
          ? ''
          : ` ${row.against.ratio.toFixed(2)}x the ${lastPart(row.against.name)}`,
        goalText(row),
        before === undefined ? '' : ` ${comparison(row, before)}`,
      ]
      return cells.join(' ').trimEnd()
    }),
  ]
}

/** How often as good a figure is as before. */
export function comparison(row: SummaryRow, before: SummaryRow): string {
  const ratio = row.isHigherBetter ? row.value / before.value : before.value / row.value
  const noise = Math.max(row.noisePercent, before.noisePercent, NOISE_MIN_PERCENT)
  return `${Math.abs(ratio - 1) * 100 <= noise ? '~' : ''}${ratio.toFixed(2)}x the base`
}

function goalText({ wanted, value, isHigherBetter }: SummaryRow): string {
  if (wanted === undefined) return ''
  const reaches = (mark: number): boolean => (isHigherBetter ? value >= mark : value <= mark)
  const { atLeast, goal } = wanted
  if (reaches(goal)) return ` goal reached (${numberText(goal)})`
  const missing = reaches(atLeast) ? 'at least' : 'MISSED'
  return ` ${missing} (${numberText(atLeast)}; goal ${numberText(goal)})`
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(', ') + 2)
}

function numberText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
