import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import { readCheckpoint } from '../run/checkpoint-file.ts'
import type { CheckpointHooks } from '../run/checkpoints.ts'
import { commandWords } from './command-words.ts'

/** Flags of a run that may be gone on with. */
export interface CheckpointFlags {
  readonly checkpoint?: string
  readonly resume?: string
}

/** Of real time, in a microsecond of stowage's own time. */
const NANOSECONDS = 1000n

/** What the flags ask for; undefined when they ask for nothing. Throws `InputError` where there is no checkpoint. */
export function checkpointsOf(
  { checkpoint, resume }: CheckpointFlags,
  argv: readonly string[],
): CheckpointHooks | undefined {
  if (checkpoint === undefined && resume === undefined) return undefined
  const from = resume === undefined ? undefined : readCheckpoint(resume)
  return {
    isDue: checkpoint === undefined ? undefined : everySoOften(checkpoint),
    command: from?.command ?? beginningWords(argv),
    ...(from === undefined ? {} : { from }),
  }
}

/** The words that begin the run of a checkpoint, and go on with it in this directory. */
export function resumingWords(directory: string): readonly string[] {
  return [...readCheckpoint(directory).command, '--resume', directory]
}

/** The command line for a checkpoint: what the run is, and that it leaves checkpoints. */
function beginningWords(argv: readonly string[]): readonly string[] {
  const index = argv.indexOf('--checkpoint')
  const period = index < 0 ? [] : argv.slice(index, index + 2)
  return [...commandWords(argv), ...period]
}

/** Says yes once in each such span of real time: what a checkpoint costs then stays a share of it, whatever the run. */
function everySoOften(text: string): () => boolean {
  const period = parseDuration(text, '--checkpoint')
  if (period === 0)
    throw new InputError({ field: '--checkpoint', message: 'is 0', hint: 'expected more than 0' })
  let last = process.hrtime.bigint()
  return () => {
    const now = process.hrtime.bigint()
    if (now - last < BigInt(period) * NANOSECONDS) return false
    last = now
    return true
  }
}
