import type { ReplayedParts } from '../../run/run.ts'
import type { Tell } from './violation.ts'

/** What a report says at the end of a run: it can be made, and its numbers are numbers. Nothing can be recorded afterwards. */
export function checkReport({ sim, recorder }: ReplayedParts, tell: Tell): void {
  const { metrics } = recorder.finish({
    command: [],
    seed: sim.random.seed,
    versions: {},
    digests: {},
    interrupted: false,
    warnings: [],
  })
  for (const { name, value } of metrics) {
    if (value === undefined) continue
    if (!Number.isFinite(value) || value < 0) tell('reports-are-sound', `${name} is ${value}`)
  }
}
