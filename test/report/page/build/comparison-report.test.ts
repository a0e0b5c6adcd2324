import { expect, it } from 'vitest'

import { comparisonReport } from '../../../../src/report/page/build/comparison-report.ts'
import { unpackColumn } from '../../../../src/report/page/packed-column.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeMadeRun, writeTable } from './made-run.ts'

const wait = (
  values: readonly (number | undefined)[],
): { name: string; label: string; unit: string; values: typeof values } => ({
  name: 'wait',
  label: 'wait',
  unit: 's',
  values,
})

it('gives means with 95 % intervals, and differences seed by seed', async () => {
  const { comparison, runs } = await comparisonReport({
    title: 'two',
    version: '1',
    seeds: [1, 2],
    scenarios: [
      { name: 'first', samples: [wait([1, 3])], directories: [] },
      { name: 'second', samples: [wait([2, 4]), { ...wait([undefined, 5]), name: 'own' }], directories: [] },
    ],
  })
  expect(runs).toEqual([])
  const [metric, own] = comparison?.metrics ?? []
  // Student's t with one degree of freedom at 97.5 % is 12.7062; the deviation of 1 and 3 is the root of 2.
  expect(metric?.cells[0]).toEqual({
    mean: 2,
    low: expect.closeTo(2 - 12.7062, 3),
    high: expect.closeTo(2 + 12.7062, 3),
  })
  expect(metric?.cells[1]).toMatchObject({ mean: 3, difference: 1, differenceLow: 1, differenceHigh: 1 })
  // One value says nothing of chance.
  expect(own?.cells).toEqual([{}, { mean: 5 }])
})

it('draws the mean of the runs that last, a line a scenario, and shows the first run of each', async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()]
  for (const directory of [one, other]) writeMadeRun(directory)
  writeTable(other, 'timeseries.csv', [
    { time_s: 50, interval_s: 50, cpu_requested_share: 0.75, pending_pods: 3, nodes: 2 },
  ])
  const { comparison, runs } = await comparisonReport({
    title: 'two',
    version: '1',
    seeds: [1, 2],
    scenarios: [
      { name: 'both', samples: [], directories: [one, other] },
      { name: 'last', samples: [], directories: [other] },
    ],
  })
  const chart = comparison?.charts[0]
  expect([chart?.title, chart?.lines.map(({ name }) => name)]).toEqual([
    'Utilisation: CPU requested',
    ['both', 'last'],
  ])
  expect(chart?.lines.map(({ values }) => [...unpackColumn(values)])).toEqual([
    [0.5, 0.5],
    [0.75, Number.NaN],
  ])
  expect(runs.map(({ name, player }) => [name, player?.podCount])).toEqual([
    ['both', 4],
    ['last', 4],
  ])
})
