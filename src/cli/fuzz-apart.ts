import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import { HANGS } from '../fuzz/fuzz-seed.ts'
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
  /** A worker that says nothing for so long hangs; 5 minutes by default, in milliseconds. */
  readonly silentMs?: number
}

/** How long a worker has to end the event that it is in when it is told to end, in milliseconds. */
const STOP_MS = 10_000

/** How a worker ended: with all its seeds, or within one that it did not come out of. */
type WorkerEnd = { readonly hangsAt: number } | undefined

/**
 * Runs seeds in processes of their own, each every so many-th seed. Those that the signal ends early give what they have. A seed whose
 * run does not end is told of, and its worker is replaced by one for the seeds after it.
 */
export async function fuzzApart(shared: SharedFuzz, program: readonly string[]): Promise<void> {
  const { range, workers } = shared
  const end = range.first + range.count
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      let first = range.first + index
      while (first < end && !shared.signal.aborted) {
        const worker = await runWorker(shared, { first, count: end - first }, program)
        if (worker === undefined) return
        shared.take(hangingSeed(worker.hangsAt))
        first = worker.hangsAt + workers
      }
    }),
  )
}

function hangingSeed(seed: number): FuzzedSeed {
  const violations = [{ law: HANGS, at: 0, message: 'a run of it does not end' }]
  return { seed, events: 0, runs: 0, failures: [{ pass: 'with faults', violations }] }
}

function runWorker(
  { workers, flags, signal, take, silentMs = 300_000 }: SharedFuzz,
  { first, count }: SeedRange,
  [command = '', ...program]: readonly string[],
): Promise<WorkerEnd> {
  const words = ['fuzz', '--seeds', String(count), '--seed', String(first), '--share', `0/${workers}`]
  if (flags.faults !== undefined) words.push(flags.faults ? '--faults' : '--no-faults')
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    let next = first
    let isSilent = false
    const watch = (): NodeJS.Timeout =>
      setTimeout(() => {
        isSilent = true
        child.kill('SIGKILL')
      }, silentMs)
    let watchdog = watch()
    const stop = (): void => {
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref()
    }
    signal.addEventListener('abort', stop, { once: true })
    let problems = ''
    child.stderr.on('data', (part: Buffer) => (problems += part.toString('utf8')))
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      clearTimeout(watchdog)
      watchdog = watch()
      next += workers
      take(JSON.parse(line) as FuzzedSeed)
    })
    const read = new Promise<void>((done) => lines.on('close', done))
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(watchdog)
      signal.removeEventListener('abort', stop)
      void read.then(() => {
        if (isSilent) resolve({ hangsAt: next })
        else if (status === EXIT.done || signal.aborted) resolve(undefined)
        else reject(new Error(`a worker ended with ${status}: ${problems.trim()}`))
      })
    })
  })
}
