import { afterAll, describe, expect, it } from 'vitest'
import { rmSync } from 'node:fs'

import { fuzzApart } from '../../src/cli/fuzz-apart.ts'
import type { FuzzedSeed } from '../../src/fuzz/fuzz-seed.ts'
import { testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A worker whose seed 5 never ends, and which says nothing of what it is. */
const WORKER = `
const flag = (name) => process.argv[process.argv.indexOf(name) + 1]
const step = Number(flag('--share').split('/')[1])
const end = Number(flag('--seed')) + Number(flag('--seeds'))
for (let seed = Number(flag('--seed')); seed < end; seed += step) {
  if (seed === 5) for (;;);
  require('node:fs').writeSync(1, JSON.stringify({ seed, events: 1, runs: 1, failures: [] }) + '\\n')
}
`

function range(flags: { signal: AbortSignal; silentMs: number; found: FuzzedSeed[] }) {
  const { signal, silentMs, found } = flags
  const take = (seed: FuzzedSeed): void => void found.push(seed)
  return { range: { first: 1, count: 9 }, workers: 2, flags: {}, signal, silentMs, take }
}

describe('workers of their own', () => {
  it('run all seeds, but for one that does not end, which is told of', async () => {
    const found: FuzzedSeed[] = []
    const { signal } = new AbortController()
    const program = [process.execPath, file('worker.cjs', WORKER)]
    await fuzzApart(range({ signal, silentMs: 2000, found }), program)
    expect(found.map(({ seed }) => seed).toSorted((one, other) => one - other)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    const failing = found.filter(({ failures }) => failures.length > 0)
    expect(failing.map(({ seed, failures }) => [seed, failures[0]?.violations[0]?.law])).toEqual([
      [5, 'runs-end'],
    ])
  })

  it('say why they end otherwise', async () => {
    const { signal } = new AbortController()
    const program = [process.execPath, file('broken.cjs', 'console.error("no such thing"); process.exit(7)')]
    await expect(fuzzApart(range({ signal, silentMs: 60_000, found: [] }), program)).rejects.toThrow(
      'a worker ended with 7: no such thing',
    )
  })
})
