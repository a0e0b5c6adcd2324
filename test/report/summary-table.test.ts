import { expect, it } from 'vitest'
import type { Metric } from '../../src/report/metric.ts'
import { summaryJson } from '../../src/report/summary-json.ts'
import { summaryTable } from '../../src/report/summary-table.ts'
import type { Summary } from '../../src/report/summary.ts'

function metric(
  section: Metric['section'],
  label: string,
  part: { statistic?: string; unit?: Metric['unit']; value: number | undefined },
): Metric {
  const { statistic = '', unit = 'count', value } = part
  return { name: `${label}_${statistic}`.replaceAll(' ', '_'), section, label, statistic, unit, value }
}

const SUMMARY: Summary = {
  metrics: [
    metric('Run', 'simulated time', { unit: 's', value: 93_784.5 }),
    metric('Pods', 'submitted', { unit: 'pods', value: 1_234_567 }),
    metric('Pods', 'bound, mean', { unit: 'pods', value: 1234.5678 }),
    metric('Scheduling', 'created to bound', { statistic: 'p50', unit: 's', value: 0.000_25 }),
    metric('Scheduling', 'created to bound', { statistic: 'max', unit: 's', value: 12.345_678 }),
    metric('Scheduling', 'bound to running', { statistic: 'p50', unit: 's', value: 300 }),
    metric('Scheduling', 'bound to running', { statistic: 'max', unit: 's', value: undefined }),
    metric('Scheduling', 'time spent pending', { unit: 'pod_s', value: 98_765 }),
    metric('Packing', 'gpu fragmented', { unit: 'share', value: undefined }),
    metric('Recovery', 'work lost', { unit: 'cpu_s', value: 0 }),
    metric('Recovery', 'availability', { unit: 'share', value: 0.998_765 }),
  ],
}

const TABLE = `\
Run
  simulated time      1d2h3m5s

Pods
  submitted           1,234,567
  bound, mean          1,234.57

Scheduling
  created to bound    p50 0.00025s  max 12.346s
  bound to running          p50 5m        max -
  time spent pending  98,765 pod s

Recovery
  work lost           0 cpu s
  availability        99.88 %
`

it('prints sections of aligned lines, and leaves out what was not measured', () => {
  const text = summaryTable(SUMMARY, { colour: false })
  expect(text).toBe(TABLE)
})

it('marks headings and labels only when asked for colour', () => {
  const plain = summaryTable(SUMMARY, { colour: false })
  const coloured = summaryTable(SUMMARY, { colour: true })
  expect(plain).not.toContain('\u001b')
  expect(coloured).toContain('\u001b[1mRun\u001b[22m')
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
})

it('writes JSON that is read back in the same order, null for no value', () => {
  const read = JSON.parse(summaryJson(SUMMARY)) as { metric: string; value: number | null; unit: string }[]
  expect(read.map(({ metric: name, value, unit }) => [name, value, unit])).toEqual(
    SUMMARY.metrics.map(({ name, value, unit }) => [name, roundedTo6(value) ?? null, unit]),
  )
})

function roundedTo6(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(6))
}
