import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, describe, expect, it } from 'vitest'

import type { Placement } from '../../src/run/snapshot/schedule-snapshot.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SPEC = 'containers: [{ name: c, image: x, resources: { requests: { cpu: 500m } } }]'

/** A workload of one kind with a template; `spec` are further fields. */
function workload(kind: string, spec: string, template = SPEC): string {
  const apiVersion = { Job: 'batch/v1', ReplicationController: 'v1' }[kind] ?? 'apps/v1'
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: w, namespace: shop }
spec: { ${spec} template: { metadata: { labels: { app: w } }, spec: { ${template} } } }\n`
}

async function placements(...argv: readonly string[]): Promise<readonly Placement[]> {
  const { out, err } = await stowage('schedule', ...argv, '--json')
  expect(err).toBe('')
  return (JSON.parse(out) as { pods: Placement[] }).pods
}

describe('workloads give their pods', () => {
  it.each([
    ['Deployment', 'replicas: 3,', [/^shop\/w-[b-z0-9]{6,10}-[b-z0-9]{5}$/, 3]],
    ['Deployment', '', [/^shop\/w-[b-z0-9]{6,10}-[b-z0-9]{5}$/, 1]],
    ['ReplicaSet', 'replicas: 2,', [/^shop\/w-[b-z0-9]{5}$/, 2]],
    ['ReplicationController', 'replicas: 2,', [/^shop\/w-[b-z0-9]{5}$/, 2]],
    ['StatefulSet', 'replicas: 2,', [/^shop\/w-[01]$/, 2]],
    ['StatefulSet', 'replicas: 2, ordinals: { start: 5 },', [/^shop\/w-[56]$/, 2]],
    ['Job', 'parallelism: 4, completions: 3,', [/^shop\/w-[b-z0-9]{5}$/, 3]],
    ['Job', 'parallelism: 2, completionMode: Indexed, completions: 2,', [/^shop\/w-[01]-[b-z0-9]{5}$/, 2]],
    ['Job', 'suspend: true,', [/never/, 0]],
    ['DaemonSet', '', [/^shop\/w-[b-z0-9]{5}$/, 3]],
  ] as const)('%s { %s }', async (kind, spec, [name, count]) => {
    const pods = await placements('--nodes', '3x4:8Gi', '--pods', file('w.yaml', workload(kind, spec)))
    expect(pods).toHaveLength(count)
    expect(new Set(pods.map(({ pod }) => pod)).size).toBe(count)
    for (const { pod, outcome } of pods) {
      expect(pod).toMatch(name)
      expect(outcome).toBe('bound')
    }
  })

  it('says so, and gives many different names', async () => {
    const many = file('many.yaml', workload('Deployment', 'replicas: 3000,', 'containers: [{ name: c }]'))
    const { out } = await stowage('schedule', '--nodes', '30x4:8Gi', '--pods', many)
    expect(out).toContain('Deployment shop/w: 3000 pods made from its template, as its controller would\n')
    expect(out).toContain('3000 of 3000 pods have a node')
  })

  it('a DaemonSet goes to the nodes that it selects and tolerates, one pod each', async () => {
    const nodes = ['a', 'b', 'c', 'd'].map((name) => {
      const taints = name === 'c' ? 'taints: [{ key: k, effect: NoSchedule }]' : ''
      const cordoned = name === 'd' ? 'unschedulable: true' : ''
      return `apiVersion: v1\nkind: Node\nmetadata: { name: ${name}, labels: { is: ${name} } }
spec: { ${taints}${cordoned} }\nstatus: { allocatable: { cpu: 4, memory: 8Gi, pods: 9 } }\n`
    })
    const selects = `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution:
      { nodeSelectorTerms: [{ matchExpressions: [{ key: is, operator: NotIn, values: [b] }] }] } } },`
    const set = workload('DaemonSet', '', `${selects} ${SPEC}`)
    const pods = await placements(file('nodes.yaml', nodes.join('---\n')), '--pods', file('ds.yaml', set))
    expect(pods.map(({ node }) => node)).toEqual(['a', 'd'])
  })

  it('does not expand what a live cluster has expanded, but what is to be added', async () => {
    const live = workload('Deployment', 'replicas: 2,').replace('name: w,', 'name: w, uid: abc,')
    const place = file('live.yaml', live)
    expect(await placements(place, '--nodes', '1x4:8Gi')).toHaveLength(0)
    expect(await placements('--pods', place, '--nodes', '1x4:8Gi')).toHaveLength(2)
  })
})

describe('input', () => {
  const node = (name: string): string =>
    `{ apiVersion: v1, kind: Node, metadata: { name: ${name} }, status: { allocatable: { cpu: 2, memory: 4Gi, pods: 9 } } }`
  const pod = (name: string, more = ''): string =>
    `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: { ${more} containers: [{ name: c, resources: { requests: { cpu: 1 } } }] } }`

  it('takes directories, Lists, gzip and JSON', async () => {
    const place = path.join(folder, 'dump')
    mkdirSync(place)
    file('dump/nodes.yaml.gz', gzipSync(`kind: NodeList\nitems: [${node('n1').replace('kind: Node, ', '')}]`))
    const busy = { metadata: { name: 'busy' }, spec: { nodeName: 'n1', containers: [{ name: 'c' }] } }
    file(
      'dump/pods.json',
      JSON.stringify({
        kind: 'PodList',
        items: [busy, { ...busy, metadata: { name: 'done' }, status: { phase: 'Succeeded' } }],
      }),
    )
    file('dump/more.yaml', `kind: List\nitems: [${pod('a')}, ${pod('b')}, ${pod('c')}]`)
    file('dump/README.txt', 'not a manifest')
    const found = await placements(place)
    expect(found.map(({ outcome }) => outcome)).toEqual(['bound', 'bound', 'pending'])
    expect(found[2]?.message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    )
  })

  it('asks an extender', async () => {
    const extender = file(
      'last.ts',
      "export const last = { name: 'last', filter: (_pod, nodes) => ({ nodeNames: [nodes.at(-1).metadata.name] }) }\n",
    )
    const pod = file('one.yaml', `kind: Pod\napiVersion: v1\nmetadata: { name: one }\nspec: { ${SPEC} }\n`)
    expect(await placements('--nodes', '3x4:8Gi', '--pods', pod, '--extender', extender)).toMatchObject([
      { node: 'node-2', outcome: 'bound' },
    ])
  })

  it('takes an export of kube-scheduler-simulator with its configuration', async () => {
    const exported = {
      nodes: [{ metadata: { name: 'n1' }, status: { allocatable: { cpu: '2', memory: '4Gi', pods: '9' } } }],
      pods: [
        {
          metadata: { name: 'p', namespace: 'default' },
          spec: { schedulerName: 'mine', containers: [{ name: 'c' }] },
        },
      ],
      pvs: null,
      schedulerConfig: { profiles: [{ schedulerName: 'mine' }] },
    }
    const place = file('export.json', JSON.stringify(exported))
    expect(await placements(place)).toMatchObject([{ pod: 'default/p', outcome: 'bound', node: 'n1' }])
    const other = file(
      'config.yaml',
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n',
    )
    expect(await placements(place, '--scheduler-config', other)).toMatchObject([
      { outcome: 'ignored', message: 'no scheduler is named mine: known are default-scheduler' },
    ])
  })

  it('admits pods as the API server does', async () => {
    const classes =
      '{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: high }, value: 100 }'
    const pods = [
      pod('low'),
      pod('low2'),
      pod('low3'),
      pod('high', 'priorityClassName: high,'),
      pod('none', 'priorityClassName: none,'),
      pod('gated', 'schedulingGates: [{ name: g }],'),
    ]
    const place = file('admit.yaml', `kind: List\nitems: [${[node('n1'), classes, ...pods].join(', ')}]`)
    const found = new Map((await placements(place)).map((one) => [one.pod, one]))
    expect(found.get('default/high')).toMatchObject({ outcome: 'bound', victims: [] })
    expect(found.get('default/low3')?.outcome).toBe('pending')
    expect(found.get('default/none')).toMatchObject({
      outcome: 'refused',
      message: 'no PriorityClass with name none was found',
    })
    expect(found.get('default/gated')).toMatchObject({
      outcome: 'gated',
      message: 'waiting for scheduling gates: [g]',
    })
  })

  it('makes room by preemption, and binds when the victims have gone', async () => {
    const low = pod('low', 'nodeName: n1, priority: 0,').replace('name: low', 'name: low, uid: x')
    const other = low.replace('low, uid', 'other, uid')
    const high = pod('high', 'priority: 5,').replace('name: high', 'name: high, uid: y')
    const place = file('preempt.yaml', `kind: List\nitems: [${[node('n1'), low, other, high].join(', ')}]`)
    const [found] = await placements(place)
    expect(found).toMatchObject({ outcome: 'bound', node: 'n1', attempts: 2, boundAfter: 30_000_000 })
    expect(found?.victims).toHaveLength(1)
  })

  it.each([
    [['--nodes', '2x4:8Gi', '--pods', 'none.yaml'], 'none.yaml: cannot be read'],
    [[file('nodeless.yaml', pod('a'))], 'there are no nodes in the snapshot'],
    [[file('broken.yaml', 'a: [')], 'broken.yaml:'],
    [
      [file('untexted.yaml', node('n'))],
      'Node: metadata.name: is false, which is no text (put it in quotes)',
    ],
    [[file('kindless.yaml', 'a: 1')], 'kindless.yaml: document 1: kind: is missing'],
    [
      [file('twice.yaml', `${node('n1')}\n---\n${node('n1').replace('cpu: 2', 'cpu: 3')}`)],
      'Node n1: is there twice, with different contents',
    ],
    [
      ['--nodes', '1x1:1Gi', '--pods', file('amount.yaml', pod('a').replace('cpu: 1', 'cpu: much'))],
      'amount.yaml: Pod default/a: container c: requests.cpu: "much" is no quantity',
    ],
    [
      ['--nodes', '1x1:1Gi', '--pods', file('empty.yaml', '{ kind: Pod, metadata: { name: a }, spec: {} }')],
      'empty.yaml: Pod default/a: spec.containers: is missing',
    ],
    [['--nodes', '1x1:1Gi', '--scheduler-config', file('plain.yaml', 'kind: Pod')], 'kind'],
  ])('%j is refused with status 2', async (argv, message) => {
    const { status, err } = await stowage('schedule', ...argv)
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
    expect(status).toBe(2)
  })

  it('fails on pending pods when asked to, writes CSV, and is quiet', async () => {
    const place = file('big.yaml', pod('big').replace('cpu: 1', 'cpu: 9'))
    const out = path.join(folder, 'placements.csv')
    const argv = ['schedule', '--nodes', '2x4:8Gi', '--pods', place, '--quiet', '--out', out] as const
    expect(await stowage(...argv)).toEqual({ status: 0, out: '', err: '' })
    expect(readFileSync(out, 'utf8').split('\n')[1]).toMatch(/^default\/big,pending,,,,0,2,\d,,"?0\/2 nodes/)
    expect((await stowage(...argv)).status).toBe(2)
    expect((await stowage(...argv, '--force', '--fail-on', 'pending')).status).toBe(1)
    expect(existsSync(`${out}.partial`)).toBe(false)
  })
})
