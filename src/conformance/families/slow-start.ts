import { startSlowly } from '../../controllers/slow-start.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly count: number
  readonly initialBatchSize: number
  /** The first call that fails, as all after it do; -1 for none. */
  readonly failFromCall: number
}

/** Batches of calls that double until one fails. */
export const slowStart = logicFamily('slow-start', ({ count, initialBatchSize, failFromCall }: Input) => {
  let calls = 0
  let result = {}
  startSlowly({
    count,
    initialBatchSize,
    call: (settled) => {
      const fails = failFromCall >= 0 && calls >= failFromCall
      calls += 1
      settled(fails ? 'refused' : undefined)
    },
    done: (successes, error) => {
      result = { calls, successes, error: error !== undefined }
    },
  })
  return result
})
