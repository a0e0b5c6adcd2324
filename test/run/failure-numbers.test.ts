import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { failureListText, failureText } from '../../src/cli/failure-report.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { runInline } from './inline-scenario.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Row = Readonly<Record<string, string>>

/** What a run left: its tables, and its summary by name. */
interface Outputs {
  readonly directory: string
  readonly table: (name: string) => readonly Row[]
  readonly summary: Readonly<Record<string, number | undefined>>
}

let runs = 0

/** Runs a scenario with these objects and the rest of its spec. */
async function outputsOf(objects: readonly string[], rest: string): Promise<Outputs> {
  runs += 1
  const objectsFile = `objects-${runs}.yaml`
  file(objectsFile, objects.join('\n---\n'))
  const scenario = file(
    `scenario-${runs}.yaml`,
    `{ apiVersion: stowage.dev/v1alpha1, kind: Scenario, metadata: { name: it },
       spec: { objects: [${objectsFile}], ${rest} } }`,
  )
  const out = path.join(folder, `run-${runs}`)
  mkdirSync(out)
  await runInline(loadScenario({ file: scenario, overrides: [] }), out)
  const read = (name: string): string => readFileSync(path.join(out, name), 'utf8')
  const metrics = JSON.parse(read('summary.json')) as readonly { metric: string; value?: number }[]
  const summary = Object.fromEntries(metrics.map(({ metric, value }) => [metric, value]))
  return { directory: out, table: (name) => parseTable(read(name)), summary }
}

/** A workload of pods of one core. */
function workload(kind: string, name: string, replicas: number): string {
  const container = `{ name: c, image: "i:1", resources: { requests: { cpu: "1", memory: 1Gi } } }`
  const template = `{ metadata: { labels: { app: ${name} } }, spec: { containers: [${container}] } }`
  return `{ apiVersion: apps/v1, kind: ${kind}, metadata: { name: ${name} },
    spec: { replicas: ${replicas}, selector: { matchLabels: { app: ${name} } }, template: ${template} } }`
}

const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: crunch }, spec: { template: {
  metadata: { annotations: { stowage.dev/duration: 90m } },
  spec: { restartPolicy: Never, containers: [
    { name: c, image: "i:1", resources: { requests: { cpu: "1", memory: 1Gi } } }] } } } }`

describe('work that pods with containers of their own lose', () => {
  it('counts once, until their machine went down, and is the same in all tables', async () => {
    const { table, summary } = await outputsOf(
      [job],
      `until: 4h, failures: [{ zoneOutage: { at: 30m, for: 45m, selector: { size: large } } }],
       nodes: [{ template: { count: 1, shape: "8:32Gi", namePrefix: large, labels: { size: large } } },
         { template: { count: 1, shape: "2:8Gi", namePrefix: small } }]`,
    )
    const first = table('pods.csv')[0]
    const lost = 30 * 60 - Number(first?.['running_s'])
    expect(lost).toBeGreaterThan(1700)
    expect(Number(table('failures.csv')[0]?.['work_lost_cpu_s'])).toBeCloseTo(lost, 6)
    expect(table('failures.csv')[0]?.['work_redone_cpu_s']).toBe(
      table('failures.csv')[0]?.['work_lost_cpu_s'],
    )
    expect(Number(table('recovery.csv')[0]?.['work_lost_cpu_s'])).toBeCloseTo(lost, 6)
    const crunch = table('workloads.csv').find(({ name }) => name === 'crunch')
    expect(Number(crunch?.['work_lost_cpu_s'])).toBeCloseTo(lost, 6)
    expect(summary['work_lost_cpu_s']).toBeCloseTo(lost, 6)
    expect(summary['work_lost']).toBeCloseTo(lost / (lost + 90 * 60), 6)
  })
})

describe('a failure that lasts while another takes the pods of its node', () => {
  it('is not charged with them', async () => {
    const { table, summary } = await outputsOf(
      [workload('Deployment', 'web', 12)],
      `until: 2h, nodes: [{ template: { count: 6, shape: "8:32Gi", namePrefix: n, zones: [a, b, c] } }],
       failures: [{ failSlow: { at: 5m, for: 80m, nodes: [n-0], cpu: 0.9 } },
         { zoneOutage: { zone: a, at: 60m, for: 10m } }]`,
    )
    const [slow, zone] = table('failures.csv')
    expect(slow).toMatchObject({
      model: 'fail-slow',
      pods_affected: '0',
      detected_s: '',
      first_evicted_s: '',
      last_ready_s: '',
      unavailable_pod_s: '0',
    })
    expect(zone).toMatchObject({ model: 'zone-outage', pods_affected: '4', pods_not_recovered: '0' })
    expect(summary['pods_affected']).toBe(4)
    expect(summary['time_to_detect_s_max']).toBeLessThanOrEqual(55)
  })
})

describe('the report of failures', () => {
  it('names the nodes, says of a partition that the node came back, and leaves out what is 0', async () => {
    const { directory } = await outputsOf(
      [workload('Deployment', 'web', 6), workload('DaemonSet', 'agent', 0).replace('replicas: 0, ', '')],
      `until: 1h, nodes: [{ template: { count: 4, shape: "8:32Gi", namePrefix: n } }],
       failures: [{ partition: { at: 10m, for: 20m, nodes: [n-1, n-2] } }]`,
    )
    expect(await failureListText(directory)).toMatch(/partition +n-1 and 1 more +2 /)
    const text = await failureText(directory, 1)
    expect(text).toMatch(/DaemonSet default\/agent .* return of the node 100 %/)
    expect(text).not.toMatch(/ 0 +0\.0 %/)
  })
})

describe('spot nodes that are taken back', () => {
  it('lose pods from their notice on, and those of DaemonSets wait for another node', async () => {
    const budget = `{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: web },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } } }`
    const { table, summary } = await outputsOf(
      [
        workload('Deployment', 'web', 8),
        workload('DaemonSet', 'agent', 0).replace('replicas: 0, ', ''),
        budget,
      ],
      `until: 1h, nodes: [{ template: { count: 2, shape: "8:32Gi", labels: { pool: spot }, namePrefix: s } },
         { template: { count: 2, shape: "8:32Gi", namePrefix: n } }],
       cloud: { latency: { createInstance: 90s } },
       failures: [{ spotInterruption: { at: 10m, selector: { pool: spot }, notice: 2m, replacement: 3m } }]`,
    )
    const [failure] = table('failures.csv')
    expect(failure).toMatchObject({ started_s: '600', first_evicted_s: '600', pods_affected: '6' })
    const refused = table('events.csv').map(({ message }) =>
      Number(/(\d+) refused/.exec(message ?? '')?.[1] ?? 0),
    )
    const refusals = refused.reduce((sum, count) => sum + count, 0)
    expect(refusals).toBeGreaterThan(0)
    expect(summary['evictions_blocked']).toBe(refusals)
    expect(failure?.['evictions_blocked']).toBe(String(refusals))
    const agents = table('recovery_limits.csv').filter(({ name }) => name === 'agent')
    expect(agents.map(({ cause }) => cause)).not.toContain('controller')
    const repair = agents.find(({ cause }) => cause === 'machine_repair')
    expect(Number(repair?.['unavailable_pod_s'])).toBeGreaterThan(2 * 200)
  })
})

describe('evictions that budgets refuse', () => {
  it('are counted without any failure', async () => {
    const budget = `{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: web },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } } }`
    const { summary } = await outputsOf(
      [workload('Deployment', 'web', 6), budget],
      `until: 1h, nodes: [{ template: { count: 3, shape: "8:32Gi", namePrefix: n } }],
       actions: [{ at: 10m, drain: { node: n-1 } }]`,
    )
    expect(summary['failures']).toBe(0)
    expect(summary['evictions_blocked']).toBeGreaterThan(0)
  })
})

describe('failures of the control plane', () => {
  it('tell until when nobody led or wrote, what waited for that, and what was rolled back', async () => {
    const { table, directory } = await outputsOf(
      [workload('Deployment', 'web', 4)],
      `until: 80m, controlPlane: { apiServers: 3 },
       nodes: [{ template: { count: 4, shape: "8:32Gi", namePrefix: n, zones: [a, b] } }],
       actions: [{ at: 5m, scale: { kind: Deployment, name: web, replicas: 8 } },
         { at: 20m10s, scale: { kind: Deployment, name: web, replicas: 10 } }],
       failures: [{ leaderLoss: { component: kube-scheduler, at: 4m59s, for: 10s } },
         { apiServerOutage: { at: 20m, for: 2m } },
         { etcdDataLoss: { at: 30m, for: 4m, snapshotAge: 15m } },
         { zoneOutage: { zone: a, at: 50m, for: 20m } },
         { leaderLoss: { component: kube-controller-manager, at: 52m, for: 10m } }]`,
    )
    const [scheduler, servers, etcd, zone, manager] = table('failures.csv')
    const times = (kind: string, object: string): readonly number[] =>
      table('events.csv')
        .filter((row) => row['kind'] === kind && row['object'] === object)
        .map(({ time_s }) => Number(time_s))
    const [elected = 0] = times('LeaderElected', 'kube-scheduler')
    const ledAgain = elected - 4 * 60 - 59
    expect(ledAgain).toBeGreaterThan(13)
    expect(Number(scheduler?.['control_plane_s'])).toBeCloseTo(ledAgain, 6)
    // Four pods were made a second after the leader was lost.
    expect(scheduler?.['writes_delayed']).toBe('4')
    expect(Number(scheduler?.['write_delay_s'])).toBeCloseTo(4 * 9, 6)
    // The scaling asked for in its tenth second waited until its end.
    expect(servers).toMatchObject({ writes_delayed: '1', write_delay_s: '110' })
    expect(Number(servers?.['control_plane_s'])).toBeGreaterThan(2 * 60)
    expect(etcd).toMatchObject({ pods_rolled_back: '2', pods_affected: '0' })
    expect(zone).toMatchObject({ control_plane_s: '', control_plane_pod_s: '', pods_rolled_back: '' })
    const waited = table('recovery_limits.csv').filter(({ cause }) => cause === 'control_plane')
    const sum = waited.reduce((all, row) => all + Number(row['unavailable_pod_s']), 0)
    expect(sum).toBeGreaterThan(0)
    expect(Number(manager?.['control_plane_pod_s'])).toBeCloseTo(sum, 6)
    expect(await failureText(directory, 1)).toContain('Nobody led kube-scheduler for 1')
    expect(await failureText(directory, 3)).toContain('did not know, and that are gone: 2.')
    for (const id of [1, 2, 3, 5]) expect(await failureText(directory, id)).not.toContain('Nobody noticed')
  })
})

describe('a bad rollout', () => {
  it('costs its workload what that was short of while the version was out, and restarts', async () => {
    const { table, directory } = await outputsOf(
      [workload('Deployment', 'web', 4)],
      `until: 1h, nodes: [{ template: { count: 2, shape: "8:32Gi" } }],
       failures: [{ badRollout: { name: web, at: 10m, crashAfter: 20s, undoAfter: 15m } },
         { registryOutage: { registry: example, at: 40m, for: 5m } }], images: {}`,
    )
    const [rollout] = table('failures.csv')
    expect(rollout).toMatchObject({ model: 'bad-rollout', control_plane_s: '', pods_affected: '0' })
    const web = table('workloads.csv').find(({ name }) => name === 'web')
    expect(Number(rollout?.['workload_unavailable_pod_s'])).toBeGreaterThan(4 * 10 * 60)
    expect(Number(rollout?.['workload_restarts'])).toBeGreaterThan(4)
    expect(Number(rollout?.['workload_restarts'])).toBeLessThanOrEqual(Number(web?.['restarts']))
    expect(await failureText(directory, 1)).toContain(
      `Restarts of its containers meanwhile: ${rollout?.['workload_restarts']}.`,
    )
    expect(await failureText(directory, 2)).toContain('not counted by failure')
  })
})
