import { isClear } from '../sweep/comparison.ts'
import type { MetricCell, MetricComparison } from '../sweep/comparison.ts'
import { counted, digits, meanCells } from './sweep-text.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** A comparison as it is printed. */
export interface ComparisonText {
  /** Of the scenarios, the one that others are compared with first. */
  readonly names: readonly string[]
  readonly metrics: readonly MetricComparison[]
  /** Seeds of each. */
  readonly runs: number
  /** Whether every seed of each scenario came to the same run. */
  readonly isSameEverySeed: boolean
  /** Those that came to the same with every seed. */
  readonly alike: readonly (readonly string[])[]
}

/** Below this after Holm's adjustment, a difference is marked twice. */
const SIGNIFICANT = 0.05
/** Characters of a line at most. */
const WIDTH = 110

/**
 * Scenarios side by side for people: means with the half of their intervals, and what each differs from the first. Metrics that
 * are the same in every run are told on one line.
 */
export function compareText(comparison: ComparisonText): string {
  const { names, metrics, runs } = comparison
  const title = `${names.join(', ')}: ${counted(runs)} each`
  const [first = ''] = names
  const same = metrics.filter(isSameInAll)
  const shown = metrics.filter((metric) => !isSameInAll(metric) && hasValues(metric))
  const tables =
    shown.length === 0
      ? []
      : ['', ...(names.length === 2 ? besideText(names, shown) : belowText(names, shown))]
  return `${[title, ...tables, ...sameText(same), '', ...notes(comparison, first)].join('\n')}\n`
}

/** Two scenarios: a line a metric. */
function besideText(
  [first = '', second = '']: readonly string[],
  metrics: readonly MetricComparison[],
): readonly string[] {
  const rows = metrics.map(({ name, unit, cells }): TextCell[] => {
    const difference = cells[1]?.difference
    const means = [0, 1].flatMap((index) => meanCells(cells[index]?.interval))
    return [name, unit, ...means, ...meanCells(difference), mark(cells[1])]
  })
  const minus = [...second.split(' '), `- ${first}`]
  return textTable(['metric', 'unit', first.split(' '), '±', second.split(' '), '±', minus, '±', ''], rows)
}

/** More scenarios: a block a metric, with a line a scenario. */
function belowText(names: readonly string[], metrics: readonly MetricComparison[]): readonly string[] {
  const [first = ''] = names
  const rows = metrics.flatMap(({ name, unit, cells }): TextCell[][] =>
    cells.map((cell, index): TextCell[] => {
      const head = index === 0 ? [name, unit] : ['', '']
      return [
        ...head,
        names[index] ?? '',
        ...meanCells(cell?.interval),
        ...meanCells(cell?.difference),
        mark(cell),
      ]
    }),
  )
  return textTable(['metric', 'unit', 'scenario', 'mean', '±', `- ${first}`, '±', ''], rows)
}

function mark(cell: MetricCell | undefined): string {
  if (cell === undefined || !isClear(cell.difference)) return ''
  return (cell.adjustedPValue ?? 1) < SIGNIFICANT ? '**' : '*'
}

function hasValues({ cells }: MetricComparison): boolean {
  return cells.some((cell) => cell?.interval !== undefined)
}

function isSameInAll({ cells }: MetricComparison): boolean {
  const [first] = cells[0]?.values ?? []
  return first !== undefined && cells.every((cell) => cell?.values.every((value) => value === first) === true)
}

function sameText(same: readonly MetricComparison[]): readonly string[] {
  if (same.length === 0) return []
  const texts = same.map(({ name, cells }) => `${name} ${digits(cells[0]?.values[0])}`)
  return ['', 'the same in every run:', ...wrapped(texts)]
}

/** Texts one after another, as many on a line as it holds. */
function wrapped(texts: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const text of texts) {
    const line = `${lines.at(-1) ?? ''}, ${text}`
    if (lines.length > 0 && line.length <= WIDTH) lines[lines.length - 1] = line
    else lines.push(`  ${text}`)
  }
  return lines
}

function notes(comparison: ComparisonText, first: string): readonly string[] {
  const alike = comparison.alike.map(
    (group) =>
      `${group.join(', ')}: the same in every metric and event, with every seed. What sets them apart changed nothing.`,
  )
  return [...alike, ...notesOnChance(comparison, first)]
}

function notesOnChance({ names, runs, isSameEverySeed }: ComparisonText, first: string): readonly string[] {
  if (isSameEverySeed && runs > 1) {
    return [
      'Every seed came to the same run: nothing here is drawn by chance, so differences are exact and say nothing of',
      'other workloads. --scale 0.9 has each seed take another nine tenths of the tasks.',
    ]
  }
  if (runs === 0) return ['No seed had been run by all of them.']
  if (runs < 2) return ['One run each says nothing of chance: --seeds 10 does.']
  const marks = [
    `* the interval of 95 % of the difference from ${first}, seed by seed, does not hold 0`,
    '** and so says a sign-flip test, at 5 % over all scenarios together (Holm)',
  ]
  const least = 2 ** (1 - runs) * (names.length - 1)
  const tooFew = `(${counted(runs)} are too few for that: from ${seedsNeeded(names.length)} seeds on)`
  return least < SIGNIFICANT ? marks : [marks[0] ?? '', `${marks[1] ?? ''} ${tooFew}`]
}

/** Seeds from which on the sign-flip test can say something of this many scenarios. */
function seedsNeeded(scenarios: number): number {
  return Math.floor(1 + Math.log2((scenarios - 1) / SIGNIFICANT)) + 1
}
