import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { removalOrder } from '../../../src/plan/compaction/removal-order.ts'
import { BUILT_COMMAND, stowage, testFolder } from '../../cli/command.ts'
import { parseTable } from '../../report/parse-csv.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let traces = 0

/** A trace of pods that stay, by cores and GiB. */
function trace(pods: readonly (readonly [number, number])[]): string {
  traces += 1
  const rows = pods.map(([cores, gib]) => `0,,${cores * 1000},${gib * 1024}`)
  return file(`pods-${traces}.csv`, ['arrival_s,duration_s,cpu_milli,mem_mib', ...rows].join('\n'))
}

interface Answer {
  readonly bound: { readonly machines: number }
  readonly optimum?: { readonly cost: number; readonly isProven: boolean }
  readonly copies: number
  readonly pendingMax: number
  readonly trials: readonly {
    readonly machines: number
    readonly bound: number
    readonly pending: number
    readonly message: string
  }[]
  readonly policies: readonly {
    readonly policy: string
    readonly p90: number
    readonly difference?: { readonly mean: number }
  }[]
}

async function compact(...words: readonly string[]): Promise<Answer> {
  const { status, out, err } = await stowage('compact', ...words, '--json', '--quiet')
  expect(err).toBe('')
  expect(status).toBe(0)
  return JSON.parse(out) as Answer
}

describe('stowage compact', () => {
  it('packs pods on the devices of machines and of their clones', async () => {
    const slice = (node: string, count: number): object => ({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: { name: node },
      spec: {
        driver: 'card.example.com',
        nodeName: node,
        pool: { name: node, generation: 1, resourceSliceCount: 1 },
        devices: Array.from({ length: count }, (_, index) => ({ name: `card-${index}` })),
      },
    })
    const deviceClass = {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'DeviceClass',
      metadata: { name: 'card.example.com' },
      spec: { extendedResourceName: 'example.com/card' },
    }
    const cards = { 'example.com/card': '1' }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [{ name: 'main', image: 'a', resources: { requests: cards, limits: cards } }],
          },
        },
      },
    }
    const items = [deviceClass, slice('n-0', 2), slice('n-1', 1), deployment]
    const objects = file('cards.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    const scenario = file(
      'cards.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: [{ template: { count: 2, shape: '4:16Gi', namePrefix: n } }]\n  objects: [${objects}]\n`,
    )
    // Three devices on two machines: five pods need the cell twice; two machines of two, and another.
    const { copies, bound, trials } = await compact(scenario, '--trials', '4')
    expect(copies).toBe(2)
    expect(bound.machines).toBe(3)
    for (const { machines, bound: own } of trials) expect(machines).toBe(own)
  })

  it('finds the machines that pods need which share none', async () => {
    const file = trace(Array.from({ length: 7 }, (): [number, number] => [6, 1]))
    const { trials, bound } = await compact('--trace', file, '--nodes', '20x8:32Gi', '--trials', '3')
    expect(bound.machines).toBe(7)
    expect(trials.map(({ machines, bound: own }) => [machines, own])).toEqual([
      [7, 7],
      [7, 7],
      [7, 7],
    ])
    expect(trials[0]?.message).toMatch(/^0\/6 nodes are available: 6 Insufficient cpu/)
  })

  it('clones a cell that is too small', async () => {
    const file = trace(Array.from({ length: 7 }, (): [number, number] => [6, 1]))
    const { copies, trials } = await compact('--trace', file, '--nodes', '3x8:32Gi', '--trials', '1')
    expect(copies).toBe(3)
    expect(trials[0]?.machines).toBe(7)
  })

  it('needs no fewer machines than the optimum, and that no fewer than the bound, whatever the policy', async () => {
    const sizes = fc.sample(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 12 })), {
        minLength: 6,
        maxLength: 12,
      }),
      { seed: 5, numRuns: 5 },
    )
    for (const pods of sizes) {
      const words = ['--trace', trace(pods), '--nodes', '14x8:16Gi', '--trials', '1', '--optimal']
      const policies = ['default', 'MostAllocated', 'RequestedToCapacityRatio']
      const { bound, optimum, trials } = await compact(...words, '--policies', policies.join(','))
      expect(optimum?.isProven).toBe(true)
      expect(bound.machines).toBeLessThanOrEqual(Math.round(optimum?.cost ?? 0))
      expect(trials).toHaveLength(policies.length)
      for (const { machines } of trials)
        expect(machines).toBeGreaterThanOrEqual(Math.round(optimum?.cost ?? 0))
    }
  })

  it('tells policies apart on the same orders', async () => {
    // Small pods first, spread thin by the default profile: then there is no empty machine for the large ones.
    const pods = [
      ...Array.from({ length: 12 }, (): [number, number] => [1, 1]),
      ...Array.from({ length: 8 }, (): [number, number] => [8, 8]),
    ]
    const words = ['--trace', trace(pods), '--nodes', '40x8:32Gi', '--trials', '2']
    const { policies } = await compact(...words, '--policies', 'default,MostAllocated')
    expect(policies.map(({ policy, p90 }) => [policy, p90])).toEqual([
      ['default', 20],
      ['MostAllocated', 10],
    ])
    expect(policies[1]?.difference?.mean).toBe(-10)
    const { policies: sorted } = await compact(...words, '--order', 'largest', '--policies', 'default')
    expect(sorted[0]?.p90).toBe(10)
  })

  it('lets picky pods be pending, but no others', async () => {
    const pods = [...Array.from({ length: 9 }, (): [number, number] => [4, 1]), [30, 1] as [number, number]]
    const nodes = file(
      'nodes.yaml',
      [...Array.from({ length: 8 }, () => 8), 32]
        .map((cores, index) => node(`node-${index}`, cores))
        .join('---\n'),
    )
    const words = ['--trace', trace(pods), '--nodes', nodes, '--trials', '4']
    const strict = await compact(...words, '--pending', '0')
    const lenient = await compact(...words, '--pending', '10%', '--picky', '1', '--optimal')
    expect(lenient.pendingMax).toBe(1)
    expect(strict.trials.every(({ pending }) => pending === 0)).toBe(true)
    expect(lenient.trials.some(({ pending }) => pending === 1)).toBe(true)
    for (const [index, { machines }] of lenient.trials.entries()) {
      expect(machines).toBeLessThanOrEqual(strict.trials[index]?.machines ?? 0)
      // What is proven of the cell is proven of packings without the picky pod, too.
      expect(machines).toBeGreaterThanOrEqual(Math.round(lenient.optimum?.cost ?? Number.POSITIVE_INFINITY))
      expect(lenient.optimum?.cost).toBeGreaterThanOrEqual(lenient.bound.machines)
    }
  })

  it('counts no picky pod for the bound of the cell', async () => {
    // Nine pods of a machine each, and one that only the larger machine takes, which may be pending.
    const pods: [number, number][] = [...Array.from({ length: 9 }, (): [number, number] => [8, 1]), [9, 1]]
    const nodes = file(
      'one-larger.yaml',
      [...Array.from({ length: 12 }, () => 8), 9].map((cores, at) => node(`n-${at}`, cores)).join('---\n'),
    )
    const words = ['--trace', trace(pods), '--nodes', nodes, '--trials', '6', '--picky', '1']
    const { bound, trials } = await compact(...words, '--pending', '10%')
    expect(bound.machines).toBe(9)
    expect(Math.min(...trials.map(({ machines }) => machines))).toBe(9)
    expect((await compact(...words, '--pending', '0')).bound.machines).toBe(10)
  })

  it('names a pod that no machine takes', async () => {
    const { status, err } = await stowage(
      'compact',
      '--trace',
      trace([[16, 1]]),
      '--nodes',
      '3x8:32Gi',
      '--quiet',
    )
    expect(status).toBe(2)
    expect(err).toMatch(/no machine of the cell takes .*even when it is empty/)
  })

  it('comes to the same in one thread and in two, and writes its tables', { timeout: 60_000 }, () => {
    expect(existsSync(BUILT_COMMAND)).toBe(true)
    const pods = Array.from({ length: 40 }, (_, index): [number, number] => [
      1 + (index % 5),
      1 + (index % 7),
    ])
    const words = ['compact', '--trace', trace(pods), '--nodes', '40x8:16Gi', '--trials', '3']
    const tables = ['1', '2'].map((workers) => {
      const out = path.join(folder, `workers-${workers}`)
      const { status } = spawnSync(
        process.execPath,
        [
          BUILT_COMMAND,
          ...words,
          '--policies',
          'default,MostAllocated',
          '--workers',
          workers,
          '--out',
          out,
          '--quiet',
        ],
        { stdio: 'ignore' },
      )
      expect(status).toBe(0)
      return ['compaction.csv', 'policies.csv', 'compaction.json'].map((name) =>
        readFileSync(path.join(out, name), 'utf8'),
      )
    })
    expect(tables[0]).toEqual(tables[1])
    expect(parseTable(tables[0]?.[0] ?? '')).toHaveLength(6)
  })
})

describe('an order of removal', () => {
  it('is a permutation that follows from the seed and the trial', () => {
    const order = removalOrder(100, '1', 1)
    expect(order.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    )
    expect(removalOrder(100, '1', 1)).toEqual(order)
    expect(removalOrder(100, '1', 2)).not.toEqual(order)
    expect(removalOrder(100, '2', 1)).not.toEqual(order)
  })
})

function node(name: string, cores: number): string {
  const amounts = `{ cpu: '${cores}', memory: 64Gi, pods: '110' }`
  return `apiVersion: v1\nkind: Node\nmetadata: { name: ${name} }\nstatus: { capacity: ${amounts}, allocatable: ${amounts} }\n`
}
