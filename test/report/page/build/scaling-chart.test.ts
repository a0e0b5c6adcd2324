import { describe, expect, it } from 'vitest'

import { packChart } from '../../../../src/report/page/build/run-charts.ts'
import { SCALED_WORKLOADS_MAX, scalingChart } from '../../../../src/report/page/build/scaling-chart.ts'
import { unpackColumn } from '../../../../src/report/page/packed-column.ts'
import type { Chart, ChartLines } from '../../../../src/report/page/report-data.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeTable } from './made-run.ts'
import type { MadeRow } from './made-run.ts'

const END = 100

function row(at: number, name: string, counts: readonly number[], namespace = 'shop'): MadeRow {
  const [desired, current, ready] = counts
  return { time_s: at, namespace, kind: 'Deployment', name, desired, current, ready }
}

function nodes(at: number, current: number): MadeRow {
  return { time_s: at, kind: 'Node', current, ready: current }
}

async function chartOf(rows: readonly MadeRow[]): Promise<Chart | undefined> {
  const directory = temporaryDirectory()
  writeTable(directory, 'replicas.csv', rows)
  const chart = await scalingChart(directory, END)
  return chart && packChart(chart)
}

function stepsOf(lines: ChartLines | undefined): readonly (readonly number[])[] {
  if (lines === undefined) return []
  return [lines.time, ...lines.lines.map(({ values }) => values)].map((column) => [...unpackColumn(column)])
}

describe('the scaling chart', () => {
  it('sums what workloads desire and have ready from each change on, and has each for itself', async () => {
    const chart = await chartOf([
      nodes(0, 3),
      row(10, 'web', [2, 2, 0]),
      row(10, 'api', [1, 1, 1]),
      row(20, 'web', [2, 2, 2]),
      row(60, 'web', [0, 0, 0]),
    ])
    expect(chart).toMatchObject({ id: 'scaling', unit: 'count', isStepped: true })
    expect(chart?.lines.map(({ name }) => name)).toEqual(['desired replicas', 'ready replicas'])
    expect(stepsOf(chart)).toEqual([
      [0, 10, 20, 60, 100],
      [0, 3, 3, 1, 1],
      [0, 1, 3, 1, 1],
    ])
    expect(chart?.summary).toBe(
      'desired replicas: 0 to 3, most at 10s; ready replicas: 0 to 3, most at 20s. Fewer were ready than desired for 10s in all, at most 2 fewer, at 10s.',
    )
    expect(chart?.parts?.map(({ name }) => name)).toEqual(['api (Deployment)', 'web (Deployment)'])
    expect(stepsOf(chart?.parts?.[0])).toEqual([
      [0, 10, 100],
      [0, 1, 1],
      [0, 1, 1],
    ])
    expect(chart?.parts?.[0]?.summary).toContain('As many were ready as were desired at all times.')
  })

  it('has the number of nodes where it changes, beside each workload too', async () => {
    const rows = [nodes(0, 3), row(0, 'web', [2, 2, 2]), row(0, 'api', [1, 1, 1]), nodes(50, 4)]
    const chart = await chartOf(rows)
    const expected = [
      [0, 50, 100],
      [3, 4, 4],
    ]
    for (const part of [chart, ...(chart?.parts ?? [])]) {
      const [time, , , count] = stepsOf(part)
      expect([time, count]).toEqual(expected)
    }
    expect(chart?.lines[2]).toMatchObject({ name: 'nodes' })
    expect(chart?.lines[2]).not.toHaveProperty('isHidden')
    // Lines of 3 replicas would lie flat under one of 300 nodes.
    expect((await chartOf([...rows, nodes(60, 300)]))?.lines[2]).toMatchObject({
      name: 'nodes',
      isHidden: true,
    })
  })

  it('tells workloads of several namespaces apart, and offers no choice of one', async () => {
    const both = await chartOf([row(0, 'web', [2, 2, 2]), row(0, 'web', [1, 1, 1], 'test')])
    expect(both?.parts?.map(({ name }) => name)).toEqual(['shop/web (Deployment)', 'test/web (Deployment)'])
    expect(await chartOf([row(0, 'web', [2, 2, 2])])).not.toHaveProperty('parts')
  })

  it('is none of a run without workloads', async () => {
    expect(await chartOf([nodes(0, 3), nodes(9, 4)])).toBeUndefined()
    expect(await scalingChart(temporaryDirectory(), END)).toBeUndefined()
  })

  it('offers the workloads that changed most, and keeps every peak within a bound', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) =>
      row(at / 200, `w${at % 150}`, [at % 7, 0, at === 9999 ? 50 : 0]),
    )
    const chart = await chartOf([...many, row(99.9995, 'w149', [9, 0, 0])])
    expect(chart?.parts).toHaveLength(SCALED_WORKLOADS_MAX)
    expect(chart?.parts?.map(({ name }) => name)).toContain('w149 (Deployment)')
    const [time, , ready] = stepsOf(chart)
    expect(time?.length).toBeLessThanOrEqual(2000)
    expect(Math.max(...(ready ?? []))).toBe(50)
    const points = (chart?.parts ?? []).map((part) => stepsOf(part)[0]?.length ?? 0)
    expect(Math.max(...points)).toBeLessThanOrEqual(400)
  })
})
