import path from 'node:path'

import { CostMeter } from '../benchmark/cost-meter.ts'
import { costCsv, costRows } from '../benchmark/cost-report.ts'
import { flameGraph } from '../benchmark/flame-graph.ts'
import { writeOutput } from '../report/output-file.ts'
import { COST_FILES } from './cost-files.ts'
import type { CommandIo } from './io.ts'
import { processMeters } from './process-meters.ts'
import { textTable } from './text-table.ts'

/** Measures where a run spends real time, from now on; `finish` says it, and writes it beside the reports. */
export function startRunCost(): {
  finish(directory: string, name: string, out: CommandIo['stdout']): void
} {
  const meter = new CostMeter(processMeters.cpuSeconds)
  return {
    finish(directory, name, out) {
      const report = meter.stop()
      const title = `${name}: ${report.mainSeconds.toFixed(2)} CPU seconds of the main thread`
      writeOutput(path.join(directory, COST_FILES.table), costCsv(report))
      writeOutput(path.join(directory, COST_FILES.flame), flameGraph(report.calls, title, report.mainSeconds))
      const table = textTable(['COMPONENT', 'PART', 'CPU S', 'SHARE'], costRows(report))
      out.write(`\nreal time (${report.samples} samples of ${report.cpuSeconds.toFixed(2)} CPU seconds):\n`)
      out.write(`${table.join('\n')}\n`)
    },
  }
}
