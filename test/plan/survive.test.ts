import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { amountsText } from '../../src/plan/free-room.ts'
import { BUILT_COMMAND, stowage, testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Row {
  readonly [column: string]: string
}

/** A cluster: its nodes, further fields of the spec, and its objects. */
interface Cluster {
  readonly nodes: string
  readonly spec?: string
  readonly objects: readonly object[]
}

let clusters = 0

/** Asks a cluster what it survives; the rows of survive.csv by loss and workload. */
async function ask(
  { nodes, spec = '', objects }: Cluster,
  ...words: readonly string[]
): Promise<{ readonly status: number; readonly rows: readonly Row[] }> {
  clusters += 1
  const manifests = file(
    `objects-${clusters}.yaml`,
    objects.map((one) => JSON.stringify(one)).join('\n---\n'),
  )
  const scenario = file(
    `scenario-${clusters}.yaml`,
    `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: ${nodes}\n  objects: [${manifests}]\n${spec}`,
  )
  const out = `${folder}/out-${clusters}`
  const { status, err } = await stowage('plan', scenario, ...words, '--quiet', '--out', out)
  expect(err).toBe('')
  return { status, rows: parseTable(readFileSync(`${out}/survive.csv`, 'utf8')) as readonly Row[] }
}

function workload(
  kind: 'Deployment' | 'StatefulSet',
  name: string,
  replicas: number,
  pod: Readonly<Record<string, unknown>> = {},
  metadata: object = {},
): object {
  const cpu = String(pod['cpu'] ?? '100m')
  const container = { name: 'c', image: 'c:1', resources: { requests: { cpu, memory: '128Mi' } } }
  const spec = { ...pod, containers: [container] }
  delete (spec as { cpu?: unknown }).cpu
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, ...metadata },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  }
}

const THREE_ZONES = '[{ template: { count: 6, shape: "4:16Gi", zones: [a, b, c] } }]'
const SPREAD = {
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
}
const IN_ZONE_A = { nodeSelector: { 'topology.kubernetes.io/zone': 'a' } }

describe('plan --survive', () => {
  it('follows a loss to the end: detected, evicted, made again, whole', async () => {
    const { status, rows } = await ask(
      { nodes: THREE_ZONES, objects: [workload('Deployment', 'web', 3, SPREAD)] },
      '--survive',
      'zone',
    )
    expect(status).toBe(0)
    expect(rows.map((row) => row['loss'])).toEqual(['zone a', 'zone b', 'zone c'])
    for (const row of rows) {
      expect(row).toMatchObject({
        ready_before: '3',
        lost_replicas: '1',
        least_ready: '2',
        ready_at_horizon: '3',
        verdict: 'keeps',
        reason: '',
      })
      // The node is unknown after 50 s at most, tainted within 20 s, and its pods go 300 s later.
      expect(Number(row['whole_after_s'])).toBeGreaterThan(340)
      expect(Number(row['whole_after_s'])).toBeLessThan(400)
      expect(row['unavailability_replica_s']).toBe(row['whole_after_s'])
    }
  })

  it.each([
    ['a budget', [], { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }, 'budget web', '3'],
    [
      'the annotation',
      [],
      { metadata: { annotations: { 'stowage.dev/min-available': '67%' } } },
      'annotation',
      '3',
    ],
    ['the flag', ['--min-available', '3'], undefined, 'flag', '3'],
    ['nobody', [], undefined, 'default', '1'],
  ])('takes what is wanted from %s', async (_, words, by, wantedBy, wanted) => {
    const isBudget = by !== undefined && 'kind' in by
    const selector = { matchLabels: { app: 'web' } }
    const objects = [
      workload('Deployment', 'web', 3, SPREAD, isBudget ? {} : by?.metadata),
      ...(isBudget ? [{ ...by, metadata: { name: 'web' }, spec: { maxUnavailable: 0, selector } }] : []),
    ]
    const { status, rows } = await ask({ nodes: THREE_ZONES, objects }, '--survive', 'zone', ...words)
    expect(rows[0]).toMatchObject({ wanted_by: wantedBy, wanted_ready: wanted })
    const isTooFew = wanted === '3'
    expect(rows[0]?.['verdict']).toBe(isTooFew ? 'dips' : 'keeps')
    expect(rows[0]?.['reason']).toBe(isTooFew ? '1 of 3 replicas were there: 2 left, 3 wanted' : '')
    expect(status).toBe(isTooFew ? 1 : 0)
  })

  it.each<[string, Cluster, readonly string[], string]>([
    [
      'too little room, and how much is missing',
      { nodes: THREE_ZONES, objects: [workload('Deployment', 'web', 6, { cpu: '3' })] },
      ['zone'],
      '2 without a node: 4 of 4 nodes left: not enough room (node-1 lacks 2 cpu (asks 3, 1 of 4 free))',
    ],
    [
      'all replicas in one zone',
      { nodes: THREE_ZONES, objects: [workload('Deployment', 'web', 2, IN_ZONE_A)] },
      ['zone'],
      "all 2 replicas were there; 2 without a node: 4 of 4 nodes left: node selector or affinity (node-1 node(s) didn't match Pod's node affinity/selector)",
    ],
    [
      'a required anti-affinity',
      {
        nodes: THREE_ZONES,
        objects: [
          workload('Deployment', 'web', 3, {
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [
                  {
                    topologyKey: 'topology.kubernetes.io/zone',
                    labelSelector: { matchLabels: { app: 'web' } },
                  },
                ],
              },
            },
          }),
        ],
      },
      ['zone'],
      "1 without a node: 4 of 4 nodes left: pod affinity or anti-affinity (node-1 node(s) didn't match pod anti-affinity rules); pods on lost nodes count there until they are gone: 1",
    ],
    [
      'a quota, as long as it counts pods that are being deleted',
      {
        nodes: THREE_ZONES,
        objects: [
          { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '3' } } },
          workload('Deployment', 'web', 3, SPREAD),
        ],
      },
      ['zone', '--horizon', '6m'],
      'exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3',
    ],
    [
      'pods of a StatefulSet whose node is not gone',
      { nodes: THREE_ZONES, objects: [workload('StatefulSet', 'web', 3, SPREAD)] },
      ['zone'],
      '1 on a lost node: a StatefulSet makes a pod again only when the old one is gone',
    ],
    [
      'a single zone, whose loss evicts nothing',
      {
        nodes: '[{ template: { count: 4, shape: "4:16Gi", zones: [a] } }]',
        objects: [workload('Deployment', 'web', 2)],
      },
      ['zone'],
      'all 2 replicas were there; 2 not evicted: no node is left, and with all zones down nothing is evicted',
    ],
    [
      'a zone that is partly down, and small',
      {
        nodes: '[{ template: { count: 4, shape: "4:16Gi", zones: [a] } }]',
        objects: [workload('Deployment', 'web', 4, { cpu: '3' })],
      },
      ['node:3'],
      '3 not evicted: their zone is partly down and small, and nothing in it is evicted',
    ],
    [
      'pods that tolerate lost nodes',
      {
        nodes: THREE_ZONES,
        objects: [
          workload('Deployment', 'web', 3, {
            ...SPREAD,
            tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }],
          }),
        ],
      },
      ['zone'],
      '1 not evicted: they tolerate unreachable nodes for longer',
    ],
    [
      'a pod that nobody makes again',
      {
        nodes: '[{ template: { count: 2, shape: "4:16Gi", zones: [a, b] } }]',
        objects: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'web' },
            spec: { containers: [{ name: 'c', image: 'c:1' }] },
          },
        ],
      },
      ['zone'],
      'its only replica was there; nothing makes it again',
    ],
  ])('says what is in the way: %s', async (_, cluster, words, reason) => {
    const { status, rows } = await ask(cluster, '--survive', ...words)
    expect(status).toBe(1)
    expect(rows.filter(({ verdict }) => verdict === 'breaks')[0]?.['reason']).toContain(reason)
  })

  it('tries all sets of nodes where they are few, else the worst and some by chance, the same each time', async () => {
    const cluster = { nodes: THREE_ZONES, objects: [workload('Deployment', 'web', 3, { cpu: '3' })] }
    const lossesOf = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { rows } = await ask(cluster, '--survive', 'node:2', ...words)
      return rows.map((row) => row['loss'] ?? '')
    }
    expect(await lossesOf()).toHaveLength(15)
    const few = await lossesOf('--tries', '4')
    expect(new Set(few).size).toBe(4)
    expect(await lossesOf('--tries', '4')).toEqual(few)
    expect(await lossesOf('--tries', '4', '--seed', '2')).not.toEqual(few)
  })

  it('prints each workload after its worst loss, the worst losses, and which one is worst', async () => {
    const example = path.join(PROJECT_ROOT, 'docs/examples/survive.yaml')
    const printed = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await stowage('plan', example, '--survive', 'node:2', ...words)).out.trimEnd().split('\n')
    const lines = await printed()
    const everything = await printed('--all')
    const lossesIn = (text: readonly string[]): number =>
      text.filter((line) => line.startsWith('node-')).length
    expect([lossesIn(lines), lossesIn(everything)]).toEqual([10, 15])
    const omitted = lines.at(-3)
    expect(omitted).toMatch(/^\d+ more in which something breaks or dips(, \d+ in which all .*)?: see --all$/)
    expect(everything.slice(-2)).toEqual(lines.slice(-2))
    expect(everything.slice(0, 9)).toEqual(lines.slice(0, 9))
    const { outcomes } = (
      JSON.parse((await stowage('plan', example, '--survive', 'node:2', '--json')).out) as [
        {
          outcomes: readonly {
            loss: string
            workloads: readonly { name: string; leastReady: number; verdict: string }[]
          }[]
        },
      ]
    )[0]
    for (const name of ['admin', 'batch', 'cache', 'web', 'db']) {
      const of = outcomes.flatMap(({ workloads }) => workloads.filter((one) => one.name === name))
      const verdict =
        ['breaks', 'dips', 'keeps'].find((one) => of.some((found) => found.verdict === one)) ?? ''
      const least = Math.min(
        ...of.filter((one) => one.verdict === verdict).map(({ leastReady }) => leastReady),
      )
      const row =
        lines
          .find((line) => line.includes(`default/${name} `))
          ?.trim()
          .split(/\s{2,}/) ?? []
      expect([row[3], row[6]]).toEqual([String(least), verdict])
    }
    const breaksOf = (loss: string): number =>
      outcomes.find((one) => one.loss === loss)?.workloads.filter(({ verdict }) => verdict === 'breaks')
        .length ?? 0
    const [, worst = ''] = /^worst loss: (.*?): /.exec(lines.at(-1) ?? '') ?? []
    expect(breaksOf(worst)).toBe(Math.max(...outcomes.map(({ loss }) => breaksOf(loss))))
  })

  it('writes memory as Gi where there is one, and names the worst loss where all is kept', async () => {
    const scenario = file(
      'kept.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: [{ template: { count: 3, shape: "4:275201Mi" } }]\n`,
    )
    const { out, status } = await stowage('plan', scenario, '--survive', 'node')
    expect(out.trimEnd().split('\n').slice(-2)).toEqual([
      '0 of 0 workloads keep what they want',
      'worst loss: node-0: none of 0 workloads breaks or dips',
    ])
    expect(status).toBe(0)
    expect(amountsText({ cpu: 1500, memory: 275_201 * 2 ** 20 })).toBe('1500m cpu, 268.8Gi memory')
    expect(amountsText({ cpu: 2000, memory: 640 * 2 ** 20 })).toBe('2 cpu, 640Mi memory')
  })

  it('shares the losses among processes, and says the same', () => {
    const example = path.join(PROJECT_ROOT, 'docs/examples/survive.yaml')
    const words = [BUILT_COMMAND, 'plan', example, '--survive', 'node:2', '--survive', 'zone', '--json']
    const answer = (...more: readonly string[]): string =>
      spawnSync(process.execPath, [...words, ...more], { encoding: 'utf8' }).stdout
    const alone = answer()
    expect((JSON.parse(alone) as readonly { readonly tried: number }[]).map(({ tried }) => tried)).toEqual([
      15, 3,
    ])
    expect(answer('--jobs', '4')).toBe(alone)
  })

  it('loses the nodes at an instant, and looks as far as it is told', async () => {
    const cluster = { nodes: THREE_ZONES, objects: [workload('Deployment', 'web', 3, SPREAD)] }
    const { rows } = await ask(cluster, '--survive', 'zone', '--at', '1m', '--horizon', '2m')
    for (const row of rows) {
      expect(row).toMatchObject({ ready_at_horizon: '2', verdict: 'breaks', unavailability_replica_s: '120' })
      expect(row['reason']).toMatch(/^1 on a lost node|^1 not evicted: /)
    }
  })

  it.each([
    [[], 'there is nothing to plan (give --survive zone, --survive node:2, or --shapes m5.large)\n'],
    [
      ['--survive', 'node:0'],
      '--survive: "node:0" is no loss (the count must be a whole number from 1 to 1,000)',
    ],
    [['--survive', 'node:9'], '--survive node:9: there are 6 of them (ask for fewer)\n'],
    [['--survive', 'rack'], '--survive rack: no node has the label topology.kubernetes.io/rack or'],
    [['--survive', 'zone', '--min-available', 'most'], '--min-available: "most" is no number of replicas'],
  ])('refuses what it cannot answer: %j', async (words, message) => {
    const scenario = file(
      'refused.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: ${THREE_ZONES}\n`,
    )
    const { status, err } = await stowage('plan', scenario, ...words)
    expect(status).toBe(2)
    expect(err).toContain(message)
  })
})
