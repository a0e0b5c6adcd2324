import type { Chart } from '../report-data.ts'
import { packChart, timeCharts } from './run-charts.ts'
import type { TimeChart } from './run-charts.ts'

/** Lines of a comparison: a chart for each, with a line a scenario. */
const COMPARED: readonly (readonly [chart: Chart['id'], line: string])[] = [
  ['utilisation', 'CPU requested'],
  ['utilisation', 'memory requested'],
  ['utilisation', 'GPU requested'],
  ['pods', 'pending'],
  ['pods', 'running'],
  ['evictions', 'evictions'],
  ['nodes', 'in use'],
  ['packing', 'CPU stranded'],
  ['packing', 'GPU fragmented'],
]

/** Runs whose tables are read for the mean of a scenario at most: its first seeds. */
const SEEDS_MAX = 10

/** A scenario and the directories of its runs. */
export interface ScenarioRuns {
  readonly name: string
  readonly directories: readonly string[]
}

/** A chart for each measure that some scenario has: the mean of its runs over time, a line a scenario. */
export async function comparedCharts(scenarios: readonly ScenarioRuns[]): Promise<readonly Chart[]> {
  const charts = await Promise.all(
    scenarios.map(({ directories }) => Promise.all(directories.slice(0, SEEDS_MAX).map(timeCharts))),
  )
  return COMPARED.flatMap(([id, line]): Chart[] => {
    const ofScenarios = charts.map((runs) => runs.flatMap((run) => lineOf(run, id, line)))
    const model = ofScenarios.flat()[0]
    if (model === undefined) return []
    const time = Float64Array.from(new Set(ofScenarios.flat().flatMap((one) => [...one.time]))).sort()
    const lines = scenarios.flatMap(({ name }, index) => {
      const runs = ofScenarios[index] ?? []
      return runs.length === 0 ? [] : [{ name, values: meanOver(time, runs) }]
    })
    const { title, unit } = model
    return [packChart({ id, title: `${title}: ${line}`, unit, time, lines })]
  })
}

interface RunLine extends Pick<TimeChart, 'title' | 'unit' | 'time'> {
  readonly values: ArrayLike<number>
}

function lineOf(charts: readonly TimeChart[], id: Chart['id'], name: string): RunLine[] {
  const chart = charts.find((one) => one.id === id)
  const line = chart?.lines.find((one) => one.name === name)
  if (chart === undefined || line === undefined) return []
  const { title, unit, time } = chart
  return [{ title, unit, time, values: line.values }]
}

/** The mean of the runs that last to an instant, each with its value of the interval that the instant is in. */
function meanOver(time: Float64Array, runs: readonly RunLine[]): Float64Array {
  const rows = runs.map(() => 0)
  return time.map((at) => {
    let [sum, count] = [0, 0]
    for (const [index, run] of runs.entries()) {
      let row = rows[index] ?? 0
      while (row < run.time.length && (run.time[row] ?? 0) < at) row += 1
      rows[index] = row
      const value = run.values[row] ?? Number.NaN
      if (Number.isNaN(value)) continue
      sum += value
      count += 1
    }
    return count === 0 ? Number.NaN : sum / count
  })
}
