import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, stowageApart, testFolder } from './command.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('bench scaling', () => {
  const SIZES = ['--nodes', '10,40', '--at-pods', '400', '--pods', '300,900', '--at-nodes', '10']

  it('replays work of growing size and writes curves with exponents', async () => {
    const out = path.join(folder, 'scaling')
    const { status, out: table, err } = await stowage('bench', 'scaling', ...SIZES, '--out', out)
    expect(status).toBe(0)
    expect(err.trim().split('\n')).toHaveLength(6)
    expect(table).toMatch(/nodes +cpu +nodes\^-?\d\.\d\d {2}\(R² [\d.]+\)/)
    expect(readdirSync(out).sort()).toEqual([
      'scaling-fits.csv',
      'scaling-nodes.svg',
      'scaling-pods.svg',
      'scaling.csv',
    ])
    const rows = readFileSync(path.join(out, 'scaling.csv'), 'utf8').trim().split('\n')
    expect(rows.map((row) => row.split(',').slice(0, 3).join())).toEqual([
      'sweep,nodes,pods',
      'empty,10,100',
      'empty,40,100',
      'nodes,10,400',
      'nodes,40,400',
      'pods,10,300',
      'pods,10,900',
    ])
  })

  it.each([
    [['--nodes', '100,10'], '--nodes: is "100,10" (expected ascending numbers)\n'],
    [['--pods', '10,x'], '--pods: is "x" (expected a whole number from 1 to 1,000,000,000)\n'],
    [['--pods', '50,500'], '--pods: is "50,500" (expected more than 100 each)\n'],
  ])('refuses %j', async (argv, message) => {
    const { status, err } = await stowage('bench', 'scaling', ...argv, '--out', path.join(folder, 'none'))
    expect({ status, err }).toEqual({ status: 2, err: message })
  })
})

describe('bench soak', () => {
  // Run apart: in this process, the memory of the tests around it would be measured, too.
  const SHORT = ['bench', 'soak', '--days', '8', '--nodes', '1', '--shapes', '20', '--quiet'] as const

  it('looks at the memory of every day and plots it', () => {
    const out = path.join(folder, 'soak')
    // Some 1 % on a short soak; resident memory is as the system likes.
    const { status, out: printed } = stowageApart(...SHORT, '--growth-max', '50', '--json', '--out', out)
    expect(status).toBe(0)
    const soak = JSON.parse(printed) as { podsFinished: number; podsSubmitted: number; samples: unknown[] }
    expect(soak.podsFinished).toBe(soak.podsSubmitted)
    expect(soak.podsFinished).toBeGreaterThan(20_000)
    expect(soak.samples.length).toBeGreaterThanOrEqual(7)
    expect(readdirSync(out).sort()).toEqual(['soak.csv', 'soak.svg'])
  })

  it('fails when finished pods are kept', () => {
    const out = path.join(folder, 'kept')
    const { status, err } = stowageApart(...SHORT, '--set', 'spec.behaviour.keepFinished=true', '--out', out)
    expect(status).toBe(1)
    expect(err).toMatch(/failed: live memory grew by [\d.]+ %, more than 5 %/)
  })

  it.each([
    [['--days', '3'], '--days: is "3" (expected a whole number from 8 to 100,000)\n'],
    [['--growth-max', 'x'], '--growth-max: is "x" (expected a percentage)\n'],
  ])('refuses %j', async (argv, message) => {
    const { status, err } = await stowage('bench', 'soak', ...argv, '--out', path.join(folder, 'none'))
    expect({ status, err }).toEqual({ status: 2, err: message })
  })
})
