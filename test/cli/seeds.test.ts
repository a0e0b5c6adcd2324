import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { seedsOf } from '../../src/cli/sweep-flags.ts'
import type { RunUnit } from '../../src/sweep/run-unit.ts'
import { scenarioOfUnit } from '../../src/sweep/run-unit.ts'
import { packedError, unpackedError } from '../../src/threads/thread-error.ts'
import { InputError } from '../../src/base/errors.ts'
import { BUILT_COMMAND, stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = Array.from({ length: 30 }, (_, i) => `${i * 60},1800,500,256`)
const TRACE = file('pods.csv', ['arrival_s,duration_s,cpu_milli,mem_mib', ...ROWS].join('\n'))

function scenario(name: string, scheduler: string): string {
  return file(
    `${name}.yaml`,
    `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: ${name} }
spec:
  until: 6h
  nodes: [{ template: { count: 4, shape: '8:16Gi' } }]
  workload: [{ trace: { file: ${TRACE}, format: csv } }]
  failures:
    - nodeCrash: { timeBetweenFailures: { exponential: { mean: 1h } }, repair: { constant: 10m } }
${scheduler}`,
  )
}

const SPREAD = scenario('spread', '')
const PACKED = scenario(
  'packed',
  `  scheduler:
    config:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      profiles:
        - pluginConfig:
            - name: NodeResourcesFit
              args:
                scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 1 }] }
`,
)

interface Output {
  readonly seeds: readonly number[]
  readonly metrics: readonly { readonly name: string; readonly values: readonly number[] }[]
}

describe('seeds', () => {
  it('are a number of them, a range or a list', () => {
    expect(seedsOf('3')).toEqual([1, 2, 3])
    expect(seedsOf('5..7')).toEqual([5, 6, 7])
    expect(seedsOf('9,1..2')).toEqual([9, 1, 2])
    for (const wrong of ['0', 'x', '1..', '3..1', '1,1', '1..2..3', '1e3']) {
      expect(() => seedsOf(wrong), wrong).toThrow(InputError)
    }
  })
})

describe('stowage run --seeds', () => {
  it('has for each seed what a run with it has, in its own directory and in the tables', async () => {
    const out = path.join(folder, 'three')
    const { status, out: text } = await stowage('run', SPREAD, '--seeds', '2..4', '--out', out, '--json')
    expect(status).toBe(0)
    const { seeds, metrics } = JSON.parse(text) as Output
    expect(seeds).toEqual([2, 3, 4])
    expect(readdirSync(out).toSorted()).toEqual(['runs.csv', 'seed-2', 'seed-3', 'seed-4', 'seeds.csv'])
    const single = path.join(folder, 'single')
    await stowage('run', SPREAD, '--seed', '3', '--out', single, '--quiet')
    for (const name of ['summary.csv', 'pods.csv', 'failures.csv', 'timeseries.csv']) {
      const own = readFileSync(path.join(out, 'seed-3', name), 'utf8')
      expect(own).toBe(readFileSync(path.join(single, name), 'utf8'))
    }
    const lost = metrics.find(({ name }) => name === 'work_lost_cpu_s')?.values ?? []
    expect(new Set(lost).size).toBe(3)
    const summary = readFileSync(path.join(single, 'summary.csv'), 'utf8')
    expect(summary).toContain(`work_lost_cpu_s,${Number((lost[1] ?? 0).toFixed(6))},cpu_s`)
    expect(readFileSync(path.join(out, 'seeds.csv'), 'utf8')).toContain('\nfailures,count,3,')
  })

  it('leaves the tables alone without --out, and keeps what is there', async () => {
    const directory = path.join(folder, 'tables')
    const set = ['--set', `spec.report.directory=${directory}`] as const
    const { out } = await stowage('run', SPREAD, '--seeds', '2', ...set)
    expect(readdirSync(directory).toSorted()).toEqual(['runs.csv', 'seeds.csv'])
    expect(out).toMatch(/^spread: 2 runs\n/)
    expect(out).toMatch(/\n {2}failures +count +[\d.]+/)
    const again = await stowage('run', SPREAD, '--seeds', '2', ...set)
    expect([again.status, again.err]).toEqual([2, expect.stringContaining('exists already')])
  })

  it('refuses flags that are for one run, and tells what is wrong before any run', async () => {
    const { err } = await stowage('run', SPREAD, '--seeds', '2', '--seed', '7')
    expect(err).toContain('--seed: means nothing together with --seeds')
    const out = path.join(folder, 'never')
    const wrong = await stowage('run', SPREAD, '--seeds', '2', '--set', 'spec.until=soon', '--out', out)
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('--set spec.until: "soon"')])
    expect(existsSync(out)).toBe(false)
  })
})

describe('stowage compare', () => {
  it('tells the differences from the first scenario, seed by seed', async () => {
    const out = path.join(folder, 'compared')
    const { status, out: text } = await stowage('compare', SPREAD, PACKED, '--seeds', '3', '--out', out)
    expect(status).toBe(0)
    expect(text).toMatch(/^spread, packed: 3 runs each\n/)
    expect(text).toMatch(/\n {2}nodes_in_use_mean .*-\d.* \*\n/)
    expect(readdirSync(out).toSorted()).toEqual([
      'compare.csv',
      'compare.html',
      'packed',
      'runs.csv',
      'spread',
    ])
    const rows = readFileSync(path.join(out, 'compare.csv'), 'utf8').split('\n')
    const cells = rows.find((row) => row.startsWith('nodes_in_use_mean,nodes,packed,'))?.split(',') ?? []
    // The last are difference_high, p_value and p_adjusted; three runs cannot say less than a quarter.
    expect(Number(cells.at(-3))).toBeLessThan(0)
    expect(cells.slice(-2)).toEqual(['0.25', '0.25'])
    const same = rows.find((row) => row.startsWith('failures,count,packed,'))?.split(',') ?? []
    // The nodes crash at the same instants in both.
    expect(same.slice(-5)).toEqual(['0', '0', '0', '', ''])
  })

  it('needs two scenarios, with names of their own', async () => {
    expect((await stowage('compare', SPREAD)).err).toContain('there is one scenario')
    expect((await stowage('compare', SPREAD, SPREAD)).err).toContain('two scenarios have the name spread')
  })
})

describe('the runs of a sweep', () => {
  const run = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [BUILT_COMMAND, ...words], { encoding: 'utf8', stdio: 'pipe' })

  it('come to the same on threads as in one', async () => {
    const [threads, here] = [path.join(folder, 'threads'), path.join(folder, 'here')]
    const words = ['compare', SPREAD, PACKED, '--seeds', '3', '--json'] as const
    const text = run(...words, '--out', threads, '--workers', '2')
    expect((await stowage(...words, '--out', here)).out).toBe(text)
    for (const name of ['compare.csv', 'runs.csv', 'packed/seed-3/pods.csv', 'spread/seed-1/events.csv']) {
      expect(readFileSync(path.join(threads, name), 'utf8')).toBe(readFileSync(path.join(here, name), 'utf8'))
    }
  })

  it('tell on threads what is wrong, as one run does', () => {
    const flags = ['--set', 'spec.workload[0].trace.file=none.csv', '--seeds', '2', '--force'] as const
    expect(() => run('run', SPREAD, ...flags, '--out', path.join(folder, 'wrong'))).toThrow(
      'none.csv: cannot be read',
    )
  })

  it('are plain data that mean the same after a journey as text', () => {
    const unit: RunUnit = {
      file: SPREAD,
      raw: undefined,
      overrides: ['spec.until=1h'],
      flags: [['spec.until', '--until']],
      seed: 7,
      directory: undefined,
      command: [],
      version: '',
    }
    const again = JSON.parse(JSON.stringify(unit)) as RunUnit
    expect(scenarioOfUnit(again).digest).toBe(scenarioOfUnit(unit).digest)
    expect(scenarioOfUnit(again)).toMatchObject({ seed: '7', until: 3_600_000_000 })
    const error = new InputError({ file: 'a', line: 3, message: 'is wrong', hint: 'right it' })
    const unpacked = unpackedError(structuredClone(packedError(error)))
    expect(unpacked).toBeInstanceOf(InputError)
    expect(unpacked.message).toBe('a:3: is wrong (right it)')
    expect(unpackedError(packedError(new RangeError('far'))).name).toBe('RangeError')
  })
})
