import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import type { FuzzedSeed } from '../fuzz/fuzz-seed.ts'
import type { FuzzFlags, SeedRange } from './fuzz.ts'
import { EXIT } from './io.ts'

/** Seeds to be run by processes of their own. */
export interface SharedFuzz {
  readonly range: SeedRange
  readonly workers: number
  readonly flags: Pick<FuzzFlags, 'faults'>
  readonly signal: AbortSignal
  /** Hears of each seed as it is done, in no stated order. */
  readonly take: (seed: FuzzedSeed) => void
}

/** Runs seeds in processes of their own, each every so many-th seed. Those that the signal ends early give what they have. */
export async function fuzzApart(shared: SharedFuzz, program: readonly string[]): Promise<void> {
  const shares = Array.from({ length: shared.workers }, (_, index) => `${index}/${shared.workers}`)
  await Promise.all(shares.map((share) => fuzzShare(shared, share, program)))
}

function fuzzShare(
  { range, flags, signal, take }: SharedFuzz,
  share: string,
  [command = '', ...program]: readonly string[],
): Promise<void> {
  const words = ['fuzz', '--seeds', String(range.count), '--seed', String(range.first), '--share', share]
  if (flags.faults !== undefined) words.push(flags.faults ? '--faults' : '--no-faults')
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    const stop = (): void => {
      child.kill('SIGTERM')
    }
    signal.addEventListener('abort', stop, { once: true })
    let problems = ''
    child.stderr.on('data', (part: Buffer) => (problems += part.toString('utf8')))
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => take(JSON.parse(line) as FuzzedSeed))
    const read = new Promise<void>((done) => lines.on('close', done))
    child.on('error', reject)
    child.on('close', (status) => {
      signal.removeEventListener('abort', stop)
      void read.then(() => {
        if (status === EXIT.done || signal.aborted) resolve()
        else reject(new Error(`a worker ended with ${status}: ${problems.trim()}`))
      })
    })
  })
}
