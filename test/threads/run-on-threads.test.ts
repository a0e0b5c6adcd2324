import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { runOnThreads } from '../../src/threads/run-on-threads.ts'
import type { ThreadsSetting } from '../../src/threads/run-on-threads.ts'
import type { ThreadTask } from '../../src/threads/thread-task.ts'

interface Setup {
  readonly factor: number
}

/** Numbers times the factor; those below 0 throw. */
const products: ThreadTask<Setup, number, number> = {
  name: 'products',
  start:
    ({ factor }) =>
    async (unit) => {
      if (unit < 0) throw new Error(`${unit} is below 0`)
      return unit * factor
    },
}

/** The same as a program of its own, as far as a thread of ours answers; it does not live through a 0. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { task, setup } = workerData
parentPort.on('message', ({ unit }) => {
  if (unit === 0) process.exit(7)
  if (unit < 0) {
    const message = task + ': ' + unit + ' is below 0'
    parentPort.postMessage({ error: { name: 'Error', message, stack: '', problems: [] } })
  } else parentPort.postMessage({ result: unit * setup.factor })
})
`

function programFile(): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'threads-')), 'program.cjs')
  writeFileSync(file, PROGRAM)
  return file
}

async function run(
  units: readonly number[],
  setting: Partial<ThreadsSetting<number, number>>,
): Promise<readonly (number | undefined)[]> {
  return runOnThreads({ task: products, setup: { factor: 3 } }, units, {
    workers: 2,
    program: undefined,
    signal: new AbortController().signal,
    ...setting,
  })
}

describe.each([
  ['this thread', undefined],
  ['threads', programFile()],
])('units done in %s', (_, program) => {
  it('come back in their order', async () => {
    expect(await run([5, 1, 4, 2], { program })).toEqual([15, 3, 12, 6])
  })

  it('end with the first error', async () => {
    await expect(run([5, -1, 4], { program })).rejects.toThrow('-1 is below 0')
  })

  it('go on where failed ones are asked for', async () => {
    const failed: number[] = []
    const results = await run([5, -1, 4], { program, onFailed: (unit) => failed.push(unit) })
    expect(results).toEqual([15, undefined, 12])
    expect(failed).toEqual([-1])
  })

  it('are not begun once the signal has come', async () => {
    const stop = new AbortController()
    const results = await run([1, 2, 3], {
      program,
      workers: 1,
      signal: stop.signal,
      onDone: () => stop.abort(),
    })
    expect(results).toEqual([3, undefined, undefined])
  })

  it('do not take an error of who is told for one of theirs', async () => {
    const failed: number[] = []
    const onDone = (): void => {
      throw new Error('the disk is full')
    }
    const told = run([1, 2], { program, onDone, onFailed: (unit) => failed.push(unit) })
    await expect(told).rejects.toThrow('the disk is full')
    expect(failed).toEqual([])
  })
})

describe('a thread that dies', () => {
  it('is replaced, and told as the failure of its unit', async () => {
    const failed: string[] = []
    const results = await run([0, 1, 0, 2], {
      program: programFile(),
      workers: 1,
      onFailed: (unit, _, error) => failed.push(`${unit}: ${String(error)}`),
    })
    expect(results).toEqual([undefined, 3, undefined, 6])
    expect(failed).toEqual([
      '0: Error: a thread of products ended with 7',
      '0: Error: a thread of products ended with 7',
    ])
  })
})
