import { csvText } from '../report/csv.ts'
import type { CostReport } from './cost-meter.ts'

/** Parts shown to people; the CSV has all. */
const SHOWN_PARTS = 30

/** Rows for people: component, part, CPU seconds, share of all; components dearest first, a total line each. */
export function costRows(report: CostReport): (readonly string[])[] {
  const components = [...report.components].toSorted(([, one], [, other]) => other - one)
  const shown = new Set(report.parts.slice(0, SHOWN_PARTS))
  return components
    .filter(([, seconds]) => seconds > 0)
    .flatMap(([component, seconds]) => [
      [component, '', ...amounts(seconds, report)],
      ...report.parts
        .filter((part) => part.component === component && shown.has(part))
        .map((part) => ['', part.part, ...amounts(part.cpuSeconds, report)]),
    ])
}

/** cost.csv: a row a part, dearest first. */
export function costCsv(report: CostReport): string {
  const rows = report.parts.map(({ component, part, cpuSeconds }) => [
    component,
    part,
    cpuSeconds,
    report.cpuSeconds === 0 ? 0 : cpuSeconds / report.cpuSeconds,
  ])
  return csvText([['component', 'part', 'cpu_s', 'share'], ...rows])
}

function amounts(seconds: number, report: CostReport): readonly [string, string] {
  const share = report.cpuSeconds === 0 ? 0 : seconds / report.cpuSeconds
  return [seconds.toFixed(3), `${(share * 100).toFixed(1)} %`]
}
