import { measure } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'
import { decisionCases } from './decision.ts'
import { deviceCases } from './devices.ts'
import { engineCases } from './engine.ts'
import { failureRows } from './failures.ts'
import { alibabaRows, goalRows } from './goals.ts'
import { growthRows } from './growth.ts'
import { pluginRows } from './plugins.ts'
import { queueCases } from './queue.ts'
import { replayRows } from './replay.ts'

/** A bench, by the name that the command line gives it. */
export interface Suite {
  rows(): Promise<readonly BenchRow[]>
  /** Whether it runs only when it is named: it takes minutes. */
  readonly isLong: boolean
}

/** All benches, a file a question. */
export const SUITES: Readonly<Record<string, Suite>> = {
  engine: { rows: () => measure(engineCases()), isLong: false },
  queue: { rows: () => measure(queueCases()), isLong: false },
  decision: { rows: () => measure(decisionCases()), isLong: false },
  devices: { rows: () => measure(deviceCases()), isLong: false },
  plugins: { rows: pluginRows, isLong: false },
  replay: { rows: replayRows, isLong: false },
  growth: { rows: growthRows, isLong: true },
  failures: { rows: failureRows, isLong: true },
  goals: { rows: goalRows, isLong: true },
  alibaba: { rows: alibabaRows, isLong: true },
}
