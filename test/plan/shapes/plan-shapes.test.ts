import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { parseObjective } from '../../../src/plan/shapes/objective.ts'
import { stowage, testFolder } from '../../cli/command.ts'
import { parseTable } from '../../report/parse-csv.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CATALOGUE = file(
  'catalogue.csv',
  [
    'instance_type,family,vcpu,memory_mib,gpu_count,architecture,pods,price_usd_per_hour',
    'small,a,4,16384,0,amd64,110,1',
    'large,a,16,65536,0,amd64,110,3.6',
    'arm,b,4,16384,0,arm64,110,0.5',
  ].join('\n'),
)

let traces = 0

/** A trace by rows of arrival, duration (empty for ever), cores and GiB. */
function trace(rows: readonly string[]): string {
  traces += 1
  const text = rows.map((row) => {
    const [arrival, duration, cores, gib] = row.split(' ')
    return `${arrival},${duration === '-' ? '' : duration},${Number(cores) * 1000},${Number(gib) * 1024}`
  })
  return file(`pods-${traces}.csv`, ['arrival_s,duration_s,cpu_milli,mem_mib', ...text].join('\n'))
}

interface Mix {
  readonly mix: readonly { readonly shape: { readonly name: string }; readonly count: number }[]
  readonly hourly: number
  readonly holds: boolean
  readonly verdicts: readonly {
    readonly objective: string
    readonly holds: boolean
    readonly evidence: string
  }[]
}

interface Answer {
  readonly best?: Mix
  readonly smaller: readonly Mix[]
  readonly bound?: number
  readonly unplaceable?: string
}

async function plan(
  ...words: readonly string[]
): Promise<{ readonly status: number; readonly answer: Answer }> {
  const { status, out, err } = await stowage('plan', '--catalogue', CATALOGUE, ...words, '--json', '--quiet')
  expect(err).toBe('')
  return { status, answer: JSON.parse(out) as Answer }
}

function counts(mix: Mix | undefined): readonly (readonly [string, number])[] {
  return (mix?.mix ?? []).map(({ shape, count }) => [shape.name, count])
}

describe('stowage plan with shapes', () => {
  it('finds the least count, and says what one less fails at', async () => {
    // Nine pods of 3 cores: a small node has one each.
    const file = trace(Array.from({ length: 9 }, () => '0 - 3 1'))
    const { status, answer } = await plan('--trace', file, '--shapes', 'small')
    expect(status).toBe(0)
    expect(counts(answer.best)).toEqual([['small', 9]])
    expect(answer.best?.hourly).toBe(9)
    expect(answer.bound).toBe(9)
    expect(answer.smaller.map((mix) => [counts(mix), mix.holds])).toEqual([[[['small', 8]], false]])
    expect(answer.smaller[0]?.verdicts[0]?.evidence).toMatch(
      /8 of 9 pods had a node when .* found none: 0\/8 nodes are available: 8 Insufficient cpu/,
    )
  })

  it('holds back what is reserved, and pods beyond the most', async () => {
    const file = trace(Array.from({ length: 6 }, () => '0 - 2 1'))
    expect(counts((await plan('--trace', file, '--shapes', 'small')).answer.best)).toEqual([['small', 3]])
    const reserved = await plan('--trace', file, '--shapes', 'small', '--reserved', 'cpu=500m,memory=1Gi')
    expect(counts(reserved.answer.best)).toEqual([['small', 6]])
    const few = await plan('--trace', file, '--shapes', 'large', '--max-pods', '2')
    expect(counts(few.answer.best)).toEqual([['large', 3]])
  })

  it('finds the cheapest shape, and a mix that is cheaper than any of them alone', async () => {
    // Sixteen cores go on one large node; the rest of 4 is cheaper on a small one.
    const file = trace([...Array.from({ length: 4 }, () => '0 - 4 4'), '0 - 4 4'])
    const alone = await plan('--trace', file, '--shapes', 'small,large')
    expect(counts(alone.answer.best)).toEqual([['small', 5]])
    const mixed = await plan(
      '--trace',
      file,
      '--shapes',
      'small,large',
      '--mix',
      '2',
      '--set',
      'spec.scheduler.policy=MostAllocated',
    )
    expect(mixed.answer.best?.hourly).toBeCloseTo(4.6, 6)
    expect(new Set(counts(mixed.answer.best).map(([name]) => name))).toEqual(new Set(['small', 'large']))
    expect(mixed.answer.bound).toBeCloseTo(4.6, 3)
    expect(mixed.answer.smaller.every(({ holds }) => !holds)).toBe(true)
  })

  it('names a pod that no shape takes, and ends with 1', async () => {
    const { status, answer } = await plan('--trace', trace(['0 - 32 1']), '--arch', 'amd64')
    expect(status).toBe(1)
    expect(answer.best).toBeUndefined()
    expect(answer.unplaceable).toMatch(/cpu 32, memory 1.0Gi/)
  })

  it('says when it is not the amounts that keep a pod off', async () => {
    const pod = { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'main', image: 'a' }] }
    const objects = file(
      'picky.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'picky' }, spec: pod }),
    )
    const scenario = file(
      'picky.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: [{ template: { count: 1, shape: '4:16Gi' } }]\n  objects: [${objects}]\n`,
    )
    const { answer } = await plan(scenario, '--shapes', 'small')
    expect(answer.unplaceable).toMatch(/^picky \(.*\): its nodeSelector, node affinity or GPUs keep it off/)
  })

  it('ends with 1 where the most nodes are too few', async () => {
    const file = trace(Array.from({ length: 9 }, () => '0 - 3 1'))
    const { status, answer } = await plan('--trace', file, '--shapes', 'small', '--max-nodes', '5')
    expect(status).toBe(1)
    expect(answer.best).toBeUndefined()
    const { out } = await stowage(
      ...['plan', '--catalogue', CATALOGUE, '--trace', file, '--shapes', 'small', '--max-nodes', '5'],
    )
    expect(out).toMatch(/nothing up to 5 nodes meets the objectives\nsmall: it is proven that it needs more/)
  })

  it('says what the most nodes fail at, and which pod no shape takes, where waits are asked for', async () => {
    const words = ['plan', '--catalogue', CATALOGUE, '--trace', trace(['0 - 32 1']), '--shapes', 'small']
    const out4 = path.join(folder, 'vain')
    const { status, out } = await stowage(
      ...[...words, '--max-nodes', '4', '--objective', 'max-pending<5m', '--out', out4],
    )
    const rows = parseTable(readFileSync(path.join(out4, 'plan.csv'), 'utf8'))
    expect(rows.map(({ role, shape, count }) => [role, shape, count])).toEqual([['most-nodes', 'small', '4']])
    expect(status).toBe(1)
    expect(out).toMatch(/no shape takes the pod task-1 \(cpu 32/)
    expect(out).toMatch(/4 small fails max-pending<5m:\n {2}given up after/)
  })

  it('keeps waits short by playing the trace', async () => {
    // Six pods of a minute come at once; two nodes run two at a time: the last two wait for two minutes.
    const file = trace(Array.from({ length: 6 }, () => '0 60 3 1'))
    const quick = await plan('--trace', file, '--shapes', 'small', '--objective', 'max-pending<10s')
    expect(counts(quick.answer.best)).toEqual([['small', 6]])
    const slow = await plan('--trace', file, '--shapes', 'small', '--objective', 'max-pending<100s')
    expect(counts(slow.answer.best)).toEqual([['small', 3]])
    expect(slow.answer.smaller[0]?.verdicts[0]?.evidence).toMatch(
      /given up after .*: more than the 0 pods that may had waited 1m40s or longer/,
    )
    expect(slow.answer.bound).toBeUndefined()
  })

  it('survives the loss of a zone', { timeout: 60_000 }, async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              { name: 'main', image: 'web', resources: { requests: { cpu: '3', memory: '1Gi' } } },
            ],
          },
        },
      },
    }
    const manifests = file('web.yaml', JSON.stringify(deployment))
    const scenario = file(
      'web-scenario.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: [{ template: { count: 1, shape: '4:16Gi' } }]\n  objects: [${manifests}]\n`,
    )
    const words = [scenario, '--shapes', 'small', '--zones', '2', '--max-nodes', '12']
    const alone = await plan(...words)
    expect(counts(alone.answer.best)).toEqual([['small', 4]])
    const both = await plan(...words, '--objective', 'all-scheduled', '--objective', 'survive:zone')
    // Four nodes are to be left when one of two zones is lost.
    expect(counts(both.answer.best)).toEqual([['small', 8]])
    expect(both.answer.best?.verdicts.map(({ objective }) => objective)).toEqual([
      'all-scheduled',
      'survive:zone',
    ])
    expect(both.answer.smaller[0]?.verdicts.at(-1)?.evidence).toMatch(
      /without zone .*, Deployment default\/web breaks/,
    )
  })

  it('writes its tables', async () => {
    const file = trace(Array.from({ length: 3 }, () => '0 - 3 1'))
    const out = path.join(folder, 'out')
    await plan('--trace', file, '--shapes', 'small', '--out', out)
    const rows = parseTable(readFileSync(path.join(out, 'plan.csv'), 'utf8'))
    expect(rows.map(({ role, shape, count }) => [role, shape, count])).toEqual([
      ['answer', 'small', '3'],
      ['next-smaller', 'small', '2'],
      ['one-shape', 'small', '3'],
    ])
    expect(Number(rows[0]?.['cost_usd_per_month'])).toBe(3 * 730)
  })
})

describe('an objective', () => {
  it('is read from its words', () => {
    expect(parseObjective('p99-pending<60s')).toMatchObject({
      kind: 'pending',
      quantile: 0.99,
      below: 60_000_000,
    })
    expect(parseObjective('max-pending<5m')).toMatchObject({ quantile: 1 })
    expect(parseObjective('survive:node:2')).toMatchObject({ kind: 'survive' })
    expect(() => parseObjective('fast')).toThrow(/"fast" is no objective/)
    expect(() => parseObjective('p99-pending<60')).toThrow(/the time has no unit/)
    expect(() => parseObjective('all-schedule')).toThrow(/did you mean all-scheduled/)
    expect(() => parseObjective('p0-pending<60s')).toThrow(/a share of 0 % asks nothing/)
    expect(() => parseObjective('max-pending<0s')).toThrow(/no pod waits less than no time/)
  })
})
