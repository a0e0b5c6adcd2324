import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from '../../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Sixteen pods of a core, and one that wants a machine of sixteen for itself. */
const TRACE = file(
  'pods.csv',
  [
    'arrival_s,duration_s,cpu_milli,mem_mib',
    ...Array.from({ length: 16 }, () => '0,,1000,1'),
    '1,,16000,1',
  ].join('\n'),
)

async function machinesOf(policy: string, use: string): Promise<number | undefined> {
  const words = [
    '--trace',
    TRACE,
    '--nodes',
    '20x16:64Gi',
    '--policies',
    policy,
    '--trials',
    '1',
    '--json',
    '--quiet',
  ]
  const { status, out } = await stowage('compact', ...words, '--set', `spec.behaviour.cpuUse=${use}`)
  expect(status).toBe(0)
  const answer = JSON.parse(out) as { readonly trials: readonly { readonly machines?: number }[] }
  return answer.trials[0]?.machines
}

describe('load-aware policies in a compaction', () => {
  it('pack by what placed pods use: few use little, and all lie on one machine', async () => {
    // A quarter of sixteen cores is below the target of 40 %.
    expect(await machinesOf('TargetLoadPacking', '0.25')).toBe(2)
  })

  it('spread sooner when pods use what they ask for', async () => {
    // Beyond 40 % the emptier of two machines above the target is preferred, as long as there is one.
    expect(await machinesOf('TargetLoadPacking', '1')).toBeGreaterThan(3)
  })

  it('spread by load and its variation', async () => {
    const varies = '{ uniform: { low: 0.1, high: 0.9 } }'
    expect(await machinesOf('LoadVariationRiskBalancing', varies)).toBe(17)
  })
})
