import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { Explanation } from '../../src/run/explain/explanation.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CLUSTER = ['docs/examples/cluster.yaml', '--pods', 'docs/examples/web.yaml'] as const

async function explain(...argv: readonly string[]): Promise<Explanation> {
  const { out, err } = await stowage('explain', ...argv, '--json')
  expect(err).toBe('')
  return JSON.parse(out) as Explanation
}

describe('a pod of a snapshot', () => {
  it('that fits: totals, ranks and parts add up', async () => {
    const found = await explain('probe', '-n', 'shop', ...CLUSTER)
    expect(found).toMatchObject({ outcome: 'fits', basis: 'decision', node: 'node-3', ties: ['node-3'] })
    expect(found.feasible.map(({ node }) => node)).toEqual(['node-3', 'node-2'])
    const [best] = found.feasible
    for (const { total, behind, scores } of found.feasible) {
      expect(scores.reduce((sum, one) => sum + one.weighted, 0)).toBe(total)
      expect(behind).toBe((best?.total ?? 0) - (total ?? 0))
      for (const { normalized, weight, weighted } of scores) expect(weighted).toBe(normalized * weight)
    }
    expect(found.rejected.map(({ node, plugin }) => [node, plugin])).toEqual([
      ['node-1', 'NodeResourcesFit'],
      ['gpu-1', 'TaintToleration'],
      ['old-1', 'NodeUnschedulable'],
    ])
  })

  it('that does not: exact amounts, the nearest first, every obstacle', async () => {
    const found = await explain('shop/search', ...CLUSTER)
    expect(found.outcome).toBe('unschedulable')
    const [nearest] = found.rejected
    expect(nearest).toMatchObject({
      node: 'node-3',
      obstacles: [
        { missing: [{ resource: 'cpu', asked: 8000, free: 7750, allocatable: 8000, missing: 250 }] },
      ],
      preemption: { candidate: false, reasons: ['No preemption victims found for incoming pod'] },
    })
    expect(found.changes[1]).toEqual({
      text: 'tolerate nvidia.com/gpu=present:NoSchedule, or take the taint off',
      opens: ['gpu-1'],
      alsoNeededOn: [],
    })
    const cordoned = found.rejected.find(({ node }) => node === 'old-1')
    expect(cordoned?.obstacles.map(({ plugin }) => plugin)).toEqual([
      'NodeUnschedulable',
      'TaintToleration',
      'NodeResourcesFit',
    ])
  })

  it('that preempted: the cluster before, candidates and victims', async () => {
    const found = await explain('web-0', '-n', 'shop', ...CLUSTER)
    expect(found.decisions.map(({ outcome }) => outcome)).toEqual(['nominated', 'bound'])
    expect(found.preemption).toMatchObject({ nominatedNode: 'node-1', victims: ['batch/report'] })
    const candidates = found.rejected.filter(({ preemption }) => preemption?.candidate === true)
    expect(candidates.map(({ node }) => node)).toEqual(['node-1'])
  })

  it('in its turn, or alone', async () => {
    const place = file('two.yaml', twoPods())
    expect((await explain('second', '--nodes', '1x2:4Gi', '--pods', place)).outcome).toBe('unschedulable')
    expect((await explain('second', '--nodes', '1x2:4Gi', '--pods', place, '--alone')).outcome).toBe('fits')
  })

  it('that has a node is explained as if it had none', async () => {
    const found = await explain('shop/cache', 'docs/examples/cluster.yaml')
    expect(found).toMatchObject({ outcome: 'fits', node: 'node-3' })
    expect(found.notes).toEqual(['it is on node-2, and is explained as if it were not'])
  })

  it('bounds its tables', async () => {
    const place = file('none.yaml', twoPods().replaceAll('cpu: 2', 'cpu: 9'))
    const argv = ['explain', 'first', '--nodes', '30x2:4Gi', '--pods', place]
    const lines = async (...more: readonly string[]): Promise<number> => {
      const { out } = await stowage(...argv, ...more)
      return out.split('\n').filter((line) => /^ {2}node-\d+ +Unschedulable/.test(line)).length
    }
    expect(await lines()).toBe(10)
    expect(await lines('--nodes', '4')).toBe(4)
    expect(await lines('--all')).toBe(30)
  })

  it.each([
    [
      'ports',
      'hostNetwork: true, containers: [{ name: c, ports: [{ containerPort: 80 }] }]',
      'free host port 80/TCP',
    ],
    [
      'spread',
      `topologySpreadConstraints: [{ topologyKey: rack, maxSkew: 1, whenUnsatisfiable: DoNotSchedule,
        labelSelector: { matchLabels: { a: b } } }], containers: [{ name: c }]`,
      'the node needs the label rack',
    ],
    [
      'affinity',
      `affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/hostname,
        labelSelector: { matchLabels: { a: b } } }] } }, containers: [{ name: c }]`,
      "relax the pod's required pod affinity (kubernetes.io/hostname)",
    ],
    [
      'anti-affinity',
      `affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/hostname,
        labelSelector: {} }] } }, containers: [{ name: c }]`,
      "relax the pod's required anti-affinity (kubernetes.io/hostname)",
    ],
    ['labels', 'nodeSelector: { disk: tape }, containers: [{ name: c }]', 'the node needs disk=tape'],
    [
      'expressions',
      `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms:
        [{ matchExpressions: [{ key: cores, operator: Gt, values: ["8"] }, { key: kubernetes.io/os, operator: Exists }] }] } } },
        containers: [{ name: c }]`,
      'the node needs cores > 8, or drop it',
    ],
    [
      'pods',
      'containers: [{ name: c, resources: { requests: { memory: 9Gi } } }]',
      'lacks room for 1 pods (holds 1 of 1) and lacks 5Gi memory (asks 9Gi, the whole node has 4Gi)',
    ],
  ])('says what would change it: %s', async (_, spec, text) => {
    const pods = `apiVersion: v1\nkind: Pod\nmetadata: { name: there, uid: x }
spec: { nodeName: node-0, priority: 0, hostNetwork: true, containers: [{ name: c, ports: [{ containerPort: 80, hostPort: 80 }] }] }
---\napiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { ${spec} }\n`
    const found = await explain('p', '--nodes', '1x2:4Gi:1', '--pods', file('change.yaml', pods))
    expect(found.changes.map((change) => change.text).join('\n')).toContain(text)
  })
})

function twoPods(): string {
  const spec = '{ containers: [{ name: c, resources: { requests: { cpu: 2 } } }] }'
  return ['first', 'second']
    .map((name) => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: ${spec}\n`)
    .join('---\n')
}

describe('a moment of a run', () => {
  const RUN = 'docs/examples/run.yaml'

  it('a pod that is pending then is explained as the cluster stands then', async () => {
    const found = await explain('third', RUN, '--at', '30m')
    expect(found).toMatchObject({ outcome: 'unschedulable', basis: 'as-it-stands', at: 1800 })
    expect(found.changes.map(({ text }) => text)).toEqual([
      'node-0 lacks 1 cpu (asks 2, 1 of 4 free)',
      'node-1 lacks 1 cpu (asks 2, 1 of 4 free)',
    ])
  })

  it('a bound pod is explained by its decision, and what has become of it', async () => {
    const found = await explain('fifth', RUN, '--at', '2h31m')
    expect(found).toMatchObject({ outcome: 'fits', basis: 'decision', at: 8950, node: 'node-1' })
    expect(found.notes).toEqual(['at 2h31m it has left the cluster'])
    expect((await explain('first', RUN)).feasible).toHaveLength(2)
  })

  it('a pod that preempted is explained before it did', async () => {
    const found = await explain('urgent', RUN)
    expect(found.preemption).toMatchObject({ nominatedNode: 'node-1', victims: ['default/fifth'] })
    expect(found.rejected.map(({ preemption }) => preemption?.candidate)).toEqual([true, true])
  })

  it('takes a trace on nodes, and twice the same', async () => {
    const argv = ['third', '--trace', 'docs/examples/queue.csv', '--nodes', '2x4:8Gi', '--at', '30m'] as const
    expect(await explain(...argv)).toEqual(await explain(...argv))
    expect((await explain(...argv)).outcome).toBe('unschedulable')
  })

  it('agrees with the run, whose search is sampled and whose decisions are the fast ones', async () => {
    const rows = Array.from({ length: 400 }, (_, index) => {
      return `${index},100000,${500 + ((index * 37) % 11) * 300},${256 + ((index * 53) % 7) * 512},p-${index}`
    })
    const trace = file('many.csv', `arrival_s,duration_s,cpu_milli,memory_mib,name\n${rows.join('\n')}\n`)
    const argv = ['--trace', trace, '--format', 'csv', '--nodes', '150x8:16Gi']
    const out = path.join(folder, 'run')
    await stowage('run', ...argv, '--until', '10m', '--out', out, '--quiet')
    const [header = '', ...pods] = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
    const column = (name: string): number => header.split(',').indexOf(name)
    for (const index of [0, 57, 201, 399]) {
      const cells = pods.map((line) => line.split(',')).find((row) => row[column('name')] === `p-${index}`)
      const found = await explain(`p-${index}`, ...argv)
      expect(found.node).toBe(cells?.[column('node')])
      expect(found.ties).toContain(found.node)
      expect(found.notLookedAt).toBeGreaterThan(0)
      expect(found.feasible.length + found.rejected.length + found.notLookedAt).toBe(150)
    }
  })
})

describe('bad input', () => {
  it.each([
    [['web-9', '-n', 'shop', ...CLUSTER], 'there is no pod shop/web-9 (did you mean shop/web-0'],
    [['shop/web-0', '-n', 'batch', ...CLUSTER], '--namespace: is batch, and the pod is shop/web-0'],
    [
      ['thirt', 'docs/examples/run.yaml', '--at', '1m'],
      'there is no pod default/thirt at 1m (did you mean default/third',
    ],
    [['third', 'docs/examples/run.yaml', '--at', 'noon'], '"noon" is no duration'],
    [['web-0', ...CLUSTER, '--at', '1m'], '--at: a snapshot has one moment only'],
    [['web-0'], 'there is nothing to look the pod up in'],
    [['web-0', 'none.yaml'], 'none.yaml: cannot be read'],
    [['web-0', '-n', 'shop', 'docs/examples/web.yaml'], 'there are no nodes in the snapshot'],
    [[], "missing required argument 'pod'"],
  ])('%j', async (argv, message) => {
    const { status, err } = await stowage('explain', ...argv)
    expect(err).toContain(message)
    expect(status).toBe(2)
  })
})
