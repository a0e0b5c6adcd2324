import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { Journal } from '../../src/sweep/journal.ts'
import { PointFiles } from '../../src/sweep/point-files.ts'
import { scenarioOfUnit } from '../../src/sweep/run-unit.ts'
import { sweepPoints } from '../../src/sweep/sweep-definition.ts'
import type { SweepDefinition } from '../../src/sweep/sweep-definition.ts'
import { parseTable } from '../report/parse-csv.ts'
import { BUILT_COMMAND, stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = Array.from({ length: 40 }, (_, i) => `${i * 30},1800,900,256`)
file('pods.csv', ['arrival_s,duration_s,cpu_milli,mem_mib', ...ROWS].join('\n'))
const SCENARIO = file(
  'small.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: small }
spec:
  until: 3h
  nodes: [{ template: { count: 4, shape: '8:16Gi', pricePerHour: 0.5 } }]
  workload: [{ trace: { file: pods.csv, format: csv, scale: 0.9 } }]
`,
)
const COUNT = 'spec.nodes[0].template.count'
const GRID = ['--grid', `${COUNT}=1,2,4`, '--grid', 'spec.scheduler.policy=default,MostAllocated'] as const
const TABLES = ['points.csv', 'runs.csv', 'failed.csv', 'pareto.csv'] as const

const built = (...words: readonly string[]): string =>
  execFileSync(process.execPath, [BUILT_COMMAND, 'sweep', ...words], { encoding: 'utf8', stdio: 'pipe' })

let count = 0
const newDirectory = (): string => path.join(folder, `out-${(count += 1)}`)
const tables = (directory: string): readonly string[] =>
  TABLES.map((name) => readFileSync(path.join(directory, name), 'utf8'))
const rows = (directory: string, name: string): readonly Readonly<Record<string, string>>[] =>
  parseTable(readFileSync(path.join(directory, name), 'utf8'))
const journalLines = (directory: string): number => {
  const journal = path.join(directory, 'journal.jsonl')
  return existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0
}

describe('stowage sweep', () => {
  it('runs every point with every seed, and tells which are worth having', async () => {
    const out = newDirectory()
    const { status, out: text } = await stowage('sweep', SCENARIO, ...GRID, '--seeds', '2', '--out', out)
    expect(status).toBe(0)
    expect(text).toMatch(/^small: 6 points, 12 runs of 12\n/)
    const points = rows(out, 'points.csv')
    expect(
      points.map((row) => [row['point'], row[COUNT], row['spec.scheduler.policy'], row['runs']]),
    ).toEqual(
      ['1', '2', '4'].flatMap((nodes, index) => [
        [String(2 * index + 1), nodes, 'default', '2'],
        [String(2 * index + 2), nodes, 'MostAllocated', '2'],
      ]),
    )
    // Three hours of so many nodes at a half each.
    expect(points.map((row) => row['cost_mean'])).toEqual(['1.5', '1.5', '3', '3', '6', '6'])
    const pareto = rows(out, 'pareto.csv')
    expect(pareto.filter((row) => row['on_front'] === 'true').length).toBeGreaterThan(1)
    expect(Number(pareto[0]?.['pending_area_pod_s_mean'])).toBeGreaterThan(0)
    const page = readFileSync(path.join(out, 'sweep.html'), 'utf8')
    expect(page).toContain('"pareto":{"x":{"metric":"cost"')
    expect(page).toContain('"label":"4: count 2, policy MostAllocated"')
    const single = path.join(folder, 'single')
    const words = [
      '--set',
      `${COUNT}=2`,
      '--policy',
      'MostAllocated',
      '--seed',
      '2',
      '--out',
      single,
    ] as const
    await stowage('run', SCENARIO, ...words, '--quiet')
    const own = rows(single, 'summary.csv').map(({ metric, value }) => [metric, value])
    const swept = rows(out, 'runs.csv').filter((row) => row['point'] === '4' && row['seed'] === '2')
    expect(swept.map(({ metric, value }) => [metric, value])).toEqual(own)
  })

  it('leaves the same tables with any number of threads', () => {
    const [one, four] = [newDirectory(), newDirectory()]
    const words = [SCENARIO, ...GRID, '--seeds', '2', '--quiet'] as const
    built(...words, '--workers', '1', '--out', one)
    built(...words, '--workers', '4', '--out', four)
    expect(tables(four)).toEqual(tables(one))
  })

  it('draws points from a seed of their own', async () => {
    const draw = async (...words: readonly string[]): Promise<readonly (string | undefined)[]> => {
      const out = newDirectory()
      const flags = ['--range', `${COUNT}=1..8`, '--seeds', '1', '--quiet', '--out', out] as const
      expect((await stowage('sweep', SCENARIO, ...flags, ...words)).status).toBe(0)
      return rows(out, 'points.csv').map((row) => row[COUNT])
    }
    const latin = await draw('--latin', '8')
    expect(latin.toSorted((one, other) => Number(one) - Number(other))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
    ])
    expect(await draw('--latin', '8')).toEqual(latin)
    expect(await draw('--latin', '8', '--seed', '2')).not.toEqual(latin)
    // The same integers drawn twice are one run.
    expect(await draw('--random', '12')).toHaveLength(12)
  })
})

describe('a sweep that ended early', () => {
  const words = [
    SCENARIO,
    '--grid',
    `${COUNT}=1,2,3,4,5,6,7,8`,
    '--seeds',
    '6',
    '--quiet',
    '--workers',
    '2',
  ] as const

  it('goes on after kill -9 with what is missing, to the same bytes', async () => {
    const whole = newDirectory()
    built(...words, '--out', whole)
    const broken = newDirectory()
    const child = spawn(process.execPath, [BUILT_COMMAND, 'sweep', ...words, '--out', broken], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => {
      child.on('exit', (_, signal) => resolve(signal))
    })
    while (journalLines(broken) < 5 && child.exitCode === null) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
    }
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    const before = journalLines(broken)
    expect(before).toBeLessThan(48)
    // What a kill in the middle of a write leaves.
    appendFileSync(path.join(broken, 'journal.jsonl'), '{"id":"0123","resu')
    built('--resume', broken, '--quiet', '--workers', '3')
    expect(tables(broken)).toEqual(tables(whole))
    expect(journalLines(broken)).toBe(48)
  })

  it('has valid tables of what was done when it is interrupted, and goes on by the same command', async () => {
    const out = newDirectory()
    const child = spawn(process.execPath, [BUILT_COMMAND, 'sweep', ...words, '--out', out], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => {
      child.on('exit', resolve)
    })
    while (journalLines(out) < 3 && child.exitCode === null) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
    }
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    const done = rows(out, 'points.csv').reduce((sum, row) => sum + Number(row['runs']), 0)
    expect(done).toBe(journalLines(out))
    expect(done).toBeLessThan(48)
    built(...words, '--out', out)
    expect(rows(out, 'points.csv').every((row) => row['runs'] === '6')).toBe(true)
  })

  it('goes on in its own directory alone', async () => {
    const out = newDirectory()
    const sweep = (...more: readonly string[]): ReturnType<typeof stowage> =>
      stowage('sweep', SCENARIO, '--grid', `${COUNT}=1,2`, '--seeds', '1', '--out', out, '--quiet', ...more)
    expect((await sweep()).status).toBe(0)
    expect((await sweep('--metric', 'cost')).status).toBe(0)
    expect(readFileSync(path.join(out, 'points.csv'), 'utf8')).toMatch(
      /,runs,failed,cost_mean,cost_low,cost_high\n/,
    )
    for (const [words, difference] of [
      [['--seeds', '2'], 'it has other seeds'],
      [['--set', 'spec.until=2h'], 'it has other scenario or its flags'],
      [['--grid', 'spec.seed=1'], 'it has other parameters'],
    ] as const) {
      const { status, err } = await sweep(...words)
      expect([status, err]).toEqual([2, expect.stringContaining(`holds another sweep (${difference};`)])
    }
    expect((await sweep('--seeds', '2', '--force')).status).toBe(0)
    expect(journalLines(out)).toBe(4)
    const other = newDirectory()
    mkdirSync(other)
    writeFileSync(path.join(other, 'mine.txt'), 'mine')
    const taken = await stowage('sweep', SCENARIO, ...GRID, '--out', other)
    expect([taken.status, taken.err]).toEqual([2, expect.stringContaining('holds no sweep')])
    const none = await stowage('sweep', '--resume', other)
    expect([none.status, none.err]).toEqual([2, expect.stringContaining('sweep.json: is not there')])
  })
})

describe('a point that fails', () => {
  const plugin = (name: string, body: string): string =>
    file(
      `${name}.ts`,
      `import { definePlugin } from 'stowage/plugin'
export const plugin = definePlugin({ name: '${name}', reads: [], compile: () => ({}), score: () => { ${body} } })`,
    )

  it('is told with its reason, the others go on, and it is run again when asked', () => {
    plugin('Good', 'return 1')
    plugin('Thrower', "throw new Error('no luck')")
    plugin('Crasher', 'process.exit(7)')
    const out = newDirectory()
    const flags = [
      SCENARIO,
      ...['--grid', 'spec.scheduler.plugins=[Missing.ts],[Thrower.ts],[Good.ts],[Crasher.ts]'],
      ...['--seeds', '2', '--workers', '2', '--out', out],
    ] as const
    const run = (...words: readonly string[]): { readonly status: number; readonly err: string } => {
      try {
        built(...words)
        return { status: 0, err: '' }
      } catch (error) {
        const { status, stderr } = error as { readonly status: number; readonly stderr: string }
        return { status, err: stderr }
      }
    }
    const { status, err } = run(...flags)
    expect(status).toBe(1)
    expect(err).toMatch(/failed: point 2, seed 1: plugin Thrower: score .*no luck/)
    const failed = rows(out, 'failed.csv')
    expect(failed.map((row) => [row['point'], row['seed'], row['error']])).toEqual([
      ['1', '1', 'InputError'],
      ['1', '2', 'InputError'],
      ['2', '1', 'PluginError'],
      ['2', '2', 'PluginError'],
      ['4', '1', 'Error'],
      ['4', '2', 'Error'],
    ])
    expect(failed[4]?.['message']).toContain('a thread of sweep-runs ended with 7')
    expect(failed[0]?.['message']).toContain('Missing.ts')
    expect(rows(out, 'points.csv').map((row) => [row['runs'], row['failed']])).toEqual([
      ['0', '2'],
      ['0', '2'],
      ['2', '0'],
      ['0', '2'],
    ])
    expect(rows(out, 'pareto.csv').map((row) => row['point'])).toEqual(['3'])
    const again = journalLines(out)
    expect(run(...flags).status).toBe(1)
    expect(journalLines(out)).toBe(again)
    plugin('Missing', 'return 2')
    expect(run('--resume', out, '--retry-failed').status).toBe(1)
    expect(journalLines(out)).toBe(again + 6)
    expect(rows(out, 'failed.csv').map((row) => row['point'])).toEqual(['2', '2', '4', '4'])
  })

  it('ends the sweep before any run when all are wrong in the same way', async () => {
    const out = newDirectory()
    const wrong = await stowage('sweep', SCENARIO, '--grid', 'spec.nodes[0].template.cuont=1,2', '--out', out)
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('template.cuont')])
    expect(existsSync(out)).toBe(false)
  })
})

describe('a Sweep file', () => {
  const sweepFile = (spec: string): string =>
    file(
      'sweep.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Sweep\nmetadata: { name: sizes }\nspec:\n${spec}`,
    )

  it('says what flags say', async () => {
    const sweep = sweepFile(`  scenario: small.yaml
  set: [spec.until=2h]
  method: latin
  points: 4
  seeds: [3, 5]
  parameters:
    - { path: '${COUNT}', values: [2, 4] }
    - { path: 'spec.workload[0].trace.timeScale', range: { from: 0.5, to: 2, scale: log } }
  metrics: [cost, simulated_s]
  pareto: [{ metric: cost }, { metric: pods_scheduled }]
`)
    const [byFile, byFlags] = [newDirectory(), newDirectory()]
    expect((await stowage('sweep', sweep, '--quiet', '--out', byFile)).status).toBe(0)
    const flags = [
      ...['--set', 'spec.until=2h', '--latin', '4', '--seeds', '3,5', '--grid', `${COUNT}=2,4`],
      ...[
        '--range',
        'spec.workload[0].trace.timeScale=log:0.5..2',
        '--metric',
        'cost',
        '--metric',
        'simulated_s',
      ],
      ...['--pareto', 'cost:less,pods_scheduled:more', '--quiet', '--out', byFlags],
    ] as const
    expect((await stowage('sweep', SCENARIO, ...flags)).status).toBe(0)
    expect(tables(byFile)).toEqual(tables(byFlags))
    expect(rows(byFile, 'points.csv')[0]).toMatchObject({ simulated_s_mean: '7200', runs: '2' })
  })

  it.each([
    ['  scenario: small.yaml\n  parameters: []', ':6:15: spec.parameters: [] has too few entries'],
    [
      '  scenario: small.yaml\n  parameter: []',
      ':6:14: spec.parameter: unknown field (did you mean parameters?)',
    ],
    [
      '  scenario: small.yaml\n  parameters: [{ path: a }]',
      ':6:16: spec.parameters[0]: expected values or a range',
    ],
    [
      '  scenario: small.yaml\n  parameters: [{ path: a, range: { from: 3, to: 1 } }]',
      ':6:16: spec.parameters[0].range: the range from 3 to 1 is empty',
    ],
    [
      '  scenario: small.yaml\n  parameters: [{ path: a, values: [1] }]\n  metrics: [coast]',
      ':7:13: spec.metrics[0]: there is no metric coast (did you mean cost?)',
    ],
  ])('with something wrong is told with line and field: %s', async (spec, message) => {
    const { status, err } = await stowage('sweep', sweepFile(spec))
    expect([status, err]).toEqual([2, expect.stringContaining(`sweep.yaml${message}`)])
  })
})

describe('what is wrong on the command line', () => {
  it.each([
    [[], 'there is nothing to vary'],
    [['--range', 'spec.seed=1..3'], '--range spec.seed: a grid is of values, and this is a range'],
    [['--range', 'spec.seed=1..3', '--latin', '0'], '--latin: is "0"'],
    [['--grid', 'spec.seed=1', '--latin', '2', '--random', '2'], '--latin: excludes --random'],
    [['--grid', 'spec.seed=1', '--range', 'spec.seed=1..2', '--latin', '2'], 'spec.seed is varied twice'],
    [['--grid', 'spec.seed=1,2,1'], '--grid spec.seed: has 1 twice'],
    [['--grid', 'spec.seed=1', '--pareto', 'cost:best'], '--pareto: "cost:best" is no metric'],
    [['--grid', 'spec.seed=1', '--pareto', 'coast'], '--pareto: there is no metric coast'],
    [['--grid', 'spec.seed=1', '--seeds', 'x'], '--seeds: is "x"'],
    [['--range', 'spec.seed=1..9', '--random', '100000', '--seeds', '11'], 'are too many runs'],
  ])('%j is told', async (words, message) => {
    const out = path.join(folder, 'never')
    const { status, err } = await stowage('sweep', SCENARIO, ...words, '--out', out)
    expect([status, err]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(out)).toBe(false)
  })
})

describe('the units of a sweep', () => {
  const definition: SweepDefinition = {
    name: 'small',
    base: { file: SCENARIO, raw: undefined, overrides: ['spec.until=1h'], flags: [] },
    parameters: [
      { path: COUNT, source: '--grid', domain: { values: [1, 2] } },
      { path: 'spec.scheduler.policy', source: '--grid', domain: { values: ['default'] } },
    ],
    draws: { method: 'grid', count: 0, seed: '1' },
    seeds: [1, 2],
    metrics: undefined,
    pareto: undefined,
  }

  it('are plain records with stable ids, that mean the same after a journey as text', () => {
    const units = sweepPoints(definition, '1', new PointFiles(definition.base)).flatMap(
      (point) => point.units,
    )
    expect(units.map(({ id }) => id)).toEqual(
      sweepPoints(definition, '1', new PointFiles(definition.base)).flatMap((point) =>
        point.units.map(({ id }) => id),
      ),
    )
    expect(new Set(units.map(({ id }) => id)).size).toBe(4)
    for (const unit of units) {
      const again = JSON.parse(JSON.stringify(unit)) as typeof unit
      expect(again).toEqual(unit)
      expect(scenarioOfUnit(again).digest).toBe(scenarioOfUnit(unit).digest)
    }
    // Another sweep with the same run in it has it under the same name.
    const more = { ...definition, seeds: [2, 3] }
    const shared = sweepPoints(more, '1', new PointFiles(more.base)).flatMap((point) =>
      point.units.map(({ id }) => id),
    )
    expect(shared.filter((id) => units.some((unit) => unit.id === id))).toHaveLength(2)
  })

  it('have a journal whose later lines count, and that is refused when it is none', () => {
    const directory = newDirectory()
    mkdirSync(directory)
    const unlocked = (): void => undefined
    const journal = new Journal(directory, unlocked)
    journal.append({ id: 'a', error: { name: 'Error', message: 'no luck' } })
    journal.append({ id: 'a', result: { metrics: [], warnings: [], interrupted: false, eventDigest: '' } })
    journal.close()
    expect(new Journal(directory, unlocked).outcomes.get('a')).toHaveProperty('result')
    appendFileSync(path.join(directory, 'journal.jsonl'), 'torn\n{"id":"b"')
    expect(() => new Journal(directory, unlocked)).toThrow(InputError)
    expect(() => new Journal(directory, unlocked)).toThrow('journal.jsonl:3: is no line of a journal')
  })
})
