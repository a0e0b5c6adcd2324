import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { parseTable } from '../report/parse-csv.ts'
import { BUILT_COMMAND, stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = Array.from({ length: 30 }, (_, i) => `${i * 60},1800,500,256`)
const TRACE = file('pods.csv', ['arrival_s,duration_s,cpu_milli,mem_mib', ...ROWS].join('\n'))
const NODES = '4x8:16Gi'
const FLAGS = ['--trace', TRACE, '--nodes', NODES] as const

const PLUGIN = file(
  'fullest.ts',
  `import { definePlugin } from 'stowage/plugin'
export const fullest = definePlugin({
  name: 'Fullest', reads: ['podCount'], compile: () => ({}), normalize: 'by-maximum',
  score: (_term, node, nodes) => nodes.podCount(node),
})`,
)

const CONFIG = file(
  'packed.yaml',
  `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - pluginConfig:
      - name: NodeResourcesFit
        args: { scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 1 }] } }
`,
)

const SCENARIO = file(
  'configured.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: configured }
spec:
  nodes: [{ template: { count: 4, shape: '8:16Gi' } }]
  workload: [{ trace: { file: pods.csv, format: csv, scale: 0.8 } }]
  scheduler: { configFile: packed.yaml }
`,
)

let count = 0

interface Comparison {
  readonly seeds: readonly number[]
  readonly scenarios: readonly {
    readonly name: string
    readonly metrics: readonly { readonly name: string; readonly values: readonly number[] }[]
  }[]
}

/** Compares into a directory of its own; the printed JSON. */
async function compared(...words: readonly string[]): Promise<Comparison & { readonly directory: string }> {
  count += 1
  const directory = path.join(folder, `out-${count}`)
  const { status, out, err } = await stowage('compare', ...words, '--json', '--out', directory)
  expect([status, err]).toEqual([0, ''])
  return { ...(JSON.parse(out) as Comparison), directory }
}

describe('the variants of a scenario', () => {
  it('are the scenario as it stands, policies, configurations, plugins and other values', async () => {
    const { scenarios, directory } = await compared(
      ...FLAGS,
      ...['--policies', 'default,MostAllocated', '--try', PLUGIN, '--seeds', '1'],
      ...['--variant', 'two:spec.nodes[0].template.count=2', '--variant', 'two:spec.until=1h'],
      ...['--scheduler-configs', `ours=${CONFIG}`],
    )
    const names = ['default', 'MostAllocated', 'ours', 'default + fullest', 'two']
    expect(scenarios.map(({ name }) => name)).toEqual(names)
    const values = (metric: string): readonly (number | undefined)[] =>
      scenarios.map(({ metrics }) => metrics.find(({ name }) => name === metric)?.values[0])
    const [spread = 0, packed, ours, fullest = 0, two] = values('nodes_in_use_mean')
    expect(ours).toBe(packed)
    expect([packed ?? 9, fullest].every((nodes) => nodes < spread)).toBe(true)
    expect(two).toBeLessThanOrEqual(2)
    expect(values('simulated_s').at(-1)).toBe(3600)
    expect(readdirSync(directory)).toContain('default-+-fullest')
  })

  it('replace what the scenario says of scheduling, whichever way it says it', async () => {
    const { scenarios, seeds } = await compared(
      ...[SCENARIO, '--policies', 'LeastAllocated,MostAllocated', '--seeds', '2', '--no-runs'],
      ...['--baseline', 'MostAllocated', '--variant', 'plain:spec.scheduler.policy=default'],
    )
    expect(seeds).toEqual([1, 2])
    expect(scenarios.map(({ name }) => name)).toEqual([
      'MostAllocated',
      'scenario',
      'LeastAllocated',
      'plain',
    ])
    const used = scenarios.map(
      ({ metrics }) => metrics.find(({ name }) => name === 'nodes_in_use_mean')?.values,
    )
    expect(used[1]).toEqual(used[0])
    expect(used[3]).toEqual(used[2])
    expect(used[3]).not.toEqual(used[0])
  })

  it('of which each seed has other tasks where the scenario takes a share of them', async () => {
    const { scenarios, directory } = await compared(
      SCENARIO,
      '--policies',
      'default',
      '--seeds',
      '3',
      '--no-runs',
    )
    const submitted = scenarios.map(
      ({ metrics }) => metrics.find(({ name }) => name === 'pods_submitted')?.values,
    )
    expect(new Set(submitted[0]).size).toBeGreaterThan(1)
    expect(submitted[1]).toEqual(submitted[0])
    expect(readdirSync(directory).toSorted()).toEqual(['compare.csv', 'compare.html', 'runs.csv'])
  })
})

describe('the files of a comparison', () => {
  it('are tables in the forms asked for and a page, which may be left out', async () => {
    const words = [SCENARIO, '--policies', 'default', '--seeds', '2', '--no-runs'] as const
    const { directory } = await compared(...words, '--tables', 'csv,parquet')
    const forms = ['compare.csv', 'compare.html', 'compare.parquet', 'runs.csv', 'runs.parquet']
    expect(readdirSync(directory).toSorted()).toEqual(forms)
    const page = readFileSync(path.join(directory, 'compare.html'), 'utf8')
    expect(page).toContain('"scenarios":["scenario","default"]')
    expect(page).toContain('"name":"nodes_in_use_mean"')
    const bare = await compared(...words, '--no-html')
    expect(readdirSync(bare.directory).toSorted()).toEqual(['compare.csv', 'runs.csv'])
  })
})

describe('what is printed', () => {
  it('says which came to the same, and no more than that', async () => {
    const out = ['--out', path.join(folder, 'alike'), '--no-runs', '--force'] as const
    const words = ['compare', ...FLAGS, '--seeds', '2', ...out] as const
    const same = await stowage(
      ...words,
      '--policies',
      'MostAllocated',
      '--variant',
      'again:spec.behaviour.keepFinished=false',
    )
    expect(same.out).toContain(
      'default, again: the same in every metric and event, with every seed. What sets them apart changed nothing.',
    )
    const other = await stowage(...words, '--policies', 'MostAllocated')
    expect(other.out).not.toContain('changed nothing')
  })

  it('names the run that fails, and leaves no empty directories', async () => {
    const wrong = file(
      'wrong.ts',
      `import { definePlugin } from 'stowage/plugin'
export default definePlugin({ name: 'Wrong', reads: [], compile: () => ({}), score() { throw new Error('boom') } })`,
    )
    const out = path.join(folder, 'fails')
    const words = [
      'compare',
      ...FLAGS,
      '--seeds',
      '1',
      '--baseline',
      'default + wrong',
      '--out',
      out,
    ] as const
    const { status, err } = await stowage(...words, '--try', wrong)
    expect(status).toBe(2)
    expect(err).toMatch(
      /the run of default \+ wrong with seed 1 failed:\nplugin Wrong: score for pod .*: boom/,
    )
    expect(existsSync(out)).toBe(false)
  })

  it('goes on when a run fails that has not the first seed, and leaves that seed out of all means', async () => {
    const sizes = Array.from({ length: 30 }, (_, i) => `${i * 60},1800,${500 + i},256`)
    const trace = file('sizes.csv', ['arrival_s,duration_s,cpu_milli,mem_mib', ...sizes].join('\n'))
    const picky = file(
      'picky.ts',
      `import { definePlugin } from 'stowage/plugin'
export default definePlugin({
  name: 'Picky', reads: [], score: () => 0,
  compile(pod) { if (pod.requests.cpu === 503) throw new Error('boom'); return {} },
})`,
    )
    const out = path.join(folder, 'goes-on')
    const draws = ['--trace', trace, '--nodes', NODES, '--scale', '0.6', '--seeds', '1..5'] as const
    const words = [...draws, '--try', picky, '--out', out] as const
    const { status, err } = await stowage('compare', ...words, '--no-runs', '--quiet')
    const why = 'plugin Picky: compile for pod default/task-4: boom (at t=00:03:00.000000)'
    expect([status, err]).toEqual([
      1,
      `${[2, 3, 4].map((seed) => `failed: default + picky, seed ${seed}: ${why}\n`).join('')}whose seeds are left out of the means\n`,
    ])
    const failed = [2, 3, 4].map((seed) => `default + picky,${seed},PluginError,${why}\n`).join('')
    expect(readFileSync(path.join(out, 'failed.csv'), 'utf8')).toBe(`scenario,seed,error,message\n${failed}`)
    const runs = parseTable(readFileSync(path.join(out, 'runs.csv'), 'utf8'))
    const seeds = (name: string): Set<string | undefined> =>
      new Set(runs.flatMap((row) => (row['scenario'] === name ? [row['seed']] : [])))
    for (const name of ['default', 'default + picky']) expect(seeds(name)).toEqual(new Set(['1', '5']))
    await stowage('compare', ...draws, '--policies', 'BestFit', '--out', out, '--no-runs', '--force')
    expect(existsSync(path.join(out, 'failed.csv'))).toBe(false)
    const alone = await stowage(
      'run',
      ...draws,
      '--set',
      `spec.scheduler.plugins[0]=${picky}`,
      '--json',
      '--out',
      path.join(folder, 'alone'),
    )
    expect(alone.status).toBe(1)
    expect(JSON.parse(alone.out)).toMatchObject({
      seeds: [1, 5],
      failures: [2, 3, 4].map((seed) => ({ seed, error: 'PluginError', message: why })),
    })
  })

  it('is the main metrics, those asked for, or all; and that seeds change nothing where they do not', async () => {
    const words = ['compare', ...FLAGS, '--policies', 'MostAllocated,LeastAllocated', '--force'] as const
    const out = ['--out', path.join(folder, 'printed'), '--no-runs'] as const
    const main = await stowage(...words, ...out, '--seeds', '2')
    expect(main.out).toMatch(/^default, MostAllocated, LeastAllocated: 2 runs each\n/)
    expect(main.out).toMatch(
      /\n {2}nodes_in_use_mean +nodes +default +\d.* 0 +- +-\n {4,}MostAllocated .* -\d.* 0\n/,
    )
    expect(main.out).toMatch(/\nthe same in every run:\n {2}pods_scheduled 30, /)
    expect(main.out).toContain('Every seed came to the same run')
    expect(main.out).not.toContain('scheduling_attempts')
    const silent = await stowage(...words, ...out, '--seeds', '2', '--quiet')
    expect(silent).toEqual({ status: 0, out: '', err: '' })
    const one = await stowage(...words, ...out, '--metric', 'scheduling_attempts', '--seeds', '1')
    expect(one.out).toContain('the same in every run:\n  scheduling_attempts 30\n')
    expect(one.out).not.toContain('nodes_in_use_mean')
    const all = await stowage(...words, ...out, '--all', '--seeds', '1')
    expect(all.out).toContain('kubelet_refusals 0')
    expect(readFileSync(path.join(folder, 'printed', 'compare.csv'), 'utf8')).toContain(
      'kubelet_refusals,pods',
    )
  })
})

describe('a comparison that is interrupted', () => {
  it('has tables of the seeds that all variants had run by then', async () => {
    const out = path.join(folder, 'interrupted')
    const words = ['compare', SCENARIO, '--policies', 'default', '--seeds', '5000', '--out', out, '--no-runs']
    const child = spawn(process.execPath, [BUILT_COMMAND, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let told = ''
    const status = await new Promise((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        told += text.toString('utf8')
        if (/, seed \d+\n.*, seed \d+\n$/.test(told)) child.kill('SIGINT')
      })
      child.on('exit', resolve)
    })
    expect([status, told]).toEqual([130, expect.stringContaining('interrupted: the means are of the seeds')])
    expect(readFileSync(path.join(out, 'compare.csv'), 'utf8')).toMatch(/^metric,unit,scenario,runs,/)
    const runs = readFileSync(path.join(out, 'runs.csv'), 'utf8')
    for (const name of ['scenario', 'default']) expect(runs).toContain(`\n${name},1,pods_submitted,`)
    expect(existsSync(path.join(out, 'compare.html'))).toBe(true)
  })
})

describe('what is wrong', () => {
  it.each([
    [
      ['--policies', 'MostAlocated'],
      '--policies: there is no policy MostAlocated (did you mean MostAllocated?)',
    ],
    [['--policies', 'BestFit,BestFit'], '--policies: has BestFit twice'],
    [['--variant', 'default:spec.until=1h'], 'two scenarios have the name default'],
    [['--variant', 'small'], '--variant: "small" is no variant'],
    [['--variant', 'small:spec.until=soon'], '--variant small: spec.until: "soon"'],
    [['--policies', 'default', '--variant', 'x:spec.nodez=1'], 'spec.nodez: unknown field'],
    [['--policies', 'MostAllocated', '--baseline', 'Most'], '--baseline: nothing has the name Most'],
    [
      ['--policies', 'MostAllocated', '--metric', 'evicitons'],
      '--metric: there is no metric evicitons (did you mean',
    ],
    [['--policies', 'MostAllocated', '--seed', '3'], '--seed: is not for several runs'],
    [['--try', 'nowhere.ts'], 'nowhere.ts'],
    [['--scheduler-configs', CONFIG, 'nowhere.yaml'], 'nowhere.yaml'],
    [['--scheduler-configs', CONFIG, `packed=${CONFIG}`], 'two scenarios have the name packed'],
    [['--policies', 'default'], 'nothing to compare it with'],
    [[], 'nothing to compare it with'],
  ])('with %j is told before any run', async (words, message) => {
    const out = path.join(folder, 'never')
    const { status, err } = await stowage('compare', ...FLAGS, ...words, '--out', out)
    expect([status, err]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(out)).toBe(false)
  })

  it('with variants of two scenarios is told', async () => {
    const { err } = await stowage('compare', SCENARIO, SCENARIO, '--try', PLUGIN)
    expect(err).toContain('--try: makes variants of one scenario, and there are 2')
  })
})
