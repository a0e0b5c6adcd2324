import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { loadScenario } from '../../src/scenario/load.ts'
import { testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { runInline } from './inline-scenario.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pods of a workload: one core each. */
function template(app: string, extra = ''): string {
  const container = `{ name: c, image: "${app}:1", resources: { requests: { cpu: "1", memory: 1Gi } } }`
  return `{ metadata: { labels: { app: ${app} } }, spec: { ${extra} containers: [${container}] } }`
}

function workload(kind: string, app: string, replicas: number, extra = ''): string {
  const spec = `replicas: ${replicas}, selector: { matchLabels: { app: ${app} } }, template: ${template(app, extra)}`
  return `{ apiVersion: apps/v1, kind: ${kind}, metadata: { name: ${app} }, spec: { ${spec} } }`
}

/** What a scenario came to: its only failure, and seconds by cause. */
interface Recovery {
  readonly failure: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, number>>
}

let runs = 0

/** Runs a cluster of three zones with two nodes of four cores each, with these objects and the rest of its spec. */
async function recover(objects: readonly string[], rest: string, nodes = 6): Promise<Recovery> {
  runs += 1
  const objectsFile = `objects-${runs}.yaml`
  file(objectsFile, objects.join('\n---\n'))
  const pool = `{ template: { count: ${nodes}, shape: "4:16Gi", zones: [a, b, c] } }`
  const spec = `nodes: [${pool}], objects: [${objectsFile}], ${rest}`
  const scenario = file(
    `scenario-${runs}.yaml`,
    `{ apiVersion: stowage.dev/v1alpha1, kind: Scenario, metadata: { name: it }, spec: { ${spec} } }`,
  )
  const out = path.join(folder, `run-${runs}`)
  mkdirSync(out)
  await runInline(loadScenario({ file: scenario, overrides: [] }), out)
  const table = (name: string): Record<string, string>[] =>
    parseTable(readFileSync(path.join(out, name), 'utf8'))
  const [failure = {}] = table('failures.csv')
  const limits: Record<string, number> = {}
  let sum = 0
  for (const row of table('recovery_limits.csv').filter((one) => one['failure'] === '1')) {
    const micros = Math.round(Number(row['unavailable_pod_s']) * 1e6)
    limits[row['cause'] ?? ''] = (limits[row['cause'] ?? ''] ?? 0) + micros / 1e6
    sum += micros
  }
  expect(sum).toBe(Math.round(Number(failure['unavailable_pod_s']) * 1e6))
  return { failure, limits }
}

/** The first zone is down from the tenth minute on, for a time. */
function zoneDown(span: string): string {
  return `{ zoneOutage: { zone: a, at: 10m, for: ${span} } }`
}

describe('what a recovery waited for', () => {
  it('is detection, the eviction rate and the toleration where there is room', async () => {
    const { failure, limits } = await recover(
      [workload('Deployment', 'web', 6)],
      `until: 1h, failures: [${zoneDown('2h')}]`,
    )
    expect(failure).toMatchObject({ pods_not_recovered: '0', limited_by: 'toleration' })
    const lost = Number(failure['pods_affected'])
    expect(lost).toBeGreaterThan(1)
    expect(limits['toleration']).toBe(300 * lost)
    expect(Object.keys(limits)).toEqual(['detection', 'taint_queue', 'toleration', 'container_start'])
  })

  it('is the machine where all zones are down: then nobody is evicted', async () => {
    const { failure, limits } = await recover(
      [workload('Deployment', 'web', 4)],
      'until: 1h, failures: [{ incident: { at: 10m, for: 20m } }]',
    )
    expect(failure).toMatchObject({ pods_affected: '4', pods_not_recovered: '0', first_evicted_s: '' })
    expect(limits['machine_repair']).toBe(4 * 20 * 60)
    expect(failure['limited_by']).toBe('machine_repair')
  })

  it('is the eviction rate as long as that is 0', async () => {
    const { failure, limits } = await recover(
      [workload('Deployment', 'web', 4)],
      'until: 1h, failures: [{ incident: { at: 10m, for: 2h } }]',
    )
    expect(failure).toMatchObject({ pods_not_recovered: '4', limited_by: 'taint_queue', ended_s: '' })
    expect((limits['detection'] ?? 0) + (limits['taint_queue'] ?? 0)).toBe(4 * 50 * 60)
  })

  it('is room where the rest of the cluster is full', async () => {
    const { failure, limits } = await recover(
      [workload('Deployment', 'web', 22)],
      `until: 2h, failures: [${zoneDown('1h')}]`,
    )
    expect(failure).toMatchObject({ pods_not_recovered: '0', limited_by: 'capacity' })
    expect(limits['capacity']).toBeGreaterThan(10_000)
    expect(Number(failure['pending_peak'])).toBe(6)
    expect(Number(failure['pending_pod_s'])).toBe(limits['capacity'])
  })

  it('is a place where it may go at all for pods that are bound to the zone', async () => {
    const { limits } = await recover(
      [workload('Deployment', 'web', 2, 'nodeSelector: { topology.kubernetes.io/zone: a },')],
      `until: 2h, failures: [${zoneDown('1h')}]`,
    )
    expect(limits['constraints']).toBeGreaterThan(2 * 50 * 60)
  })

  it('is the termination of a pod of a StatefulSet, which is made again when it is gone', async () => {
    const { failure, limits } = await recover(
      [workload('StatefulSet', 'db', 6)],
      `until: 2h, failures: [${zoneDown('1h')}]`,
    )
    expect(failure).toMatchObject({ pods_not_recovered: '0', limited_by: 'termination' })
    expect(limits['termination']).toBeGreaterThan(0)
  })

  it('is the image where nodes have to get it, and the registry where that does not answer', async () => {
    const images = 'images: { bandwidth: 1M, latency: 0s, sizes: { "web:1": 60M } }'
    const placed =
      'affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [' +
      '{ topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: web } } }] } },'
    const { limits } = await recover(
      [workload('Deployment', 'web', 4, placed)],
      `until: 1h, ${images}, failures: [${zoneDown('2h')}]`,
    )
    expect(limits['image_pull']).toBeGreaterThanOrEqual(60)
    const refused = await recover(
      [workload('Deployment', 'web', 4, placed)],
      `until: 1h, images: { bandwidth: 1M, latency: 0s, sizes: { "web:1": 60M },
        unavailable: [{ image: "web:1", from: 10m }] }, failures: [${zoneDown('2h')}]`,
    )
    expect(refused.failure).toMatchObject({ limited_by: 'image_pull' })
    expect(Number(refused.failure['pods_not_recovered'])).toBeGreaterThan(0)
  })

  it('is readiness for pods that take long to be ready', async () => {
    const { limits, failure } = await recover(
      [
        workload('Deployment', 'web', 3).replace(
          'image: "web:1"',
          'image: "web:1", readinessProbe: { httpGet: { path: /, port: 80 } }',
        ),
      ],
      `until: 1h, behaviour: { rules: [{ selector: { matchLabels: { app: web } }, timeToReady: 20m }] },
        failures: [{ incident: { at: 25m, for: 2h, hits: { zone: a } } }]`,
    )
    expect(failure['limited_by']).toBe('readiness')
    expect(limits['readiness']).toBeGreaterThanOrEqual(20 * 60)
  })

  it('loses the work of a Job, and does it again', async () => {
    const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: sum },
      spec: { completions: 6, parallelism: 6, template: ${template('sum', 'restartPolicy: Never,')} } }`
    const rules = (more: string): string =>
      `behaviour: { rules: [{ selector: { matchLabels: { app: sum } }, duration: 1h${more} }] }`
    const { failure } = await recover([job], `until: 3h, ${rules('')}, failures: [${zoneDown('2h')}]`)
    const lost = Number(failure['pods_affected'])
    // They ran from the second second on.
    expect(Number(failure['work_lost_cpu_s'])).toBe(lost * 598)
    expect(failure['work_redone_cpu_s']).toBe(failure['work_lost_cpu_s'])
    const kept = await recover(
      [job],
      `until: 3h, ${rules(', checkpointInterval: 100s')}, failures: [${zoneDown('2h')}]`,
    )
    expect(Number(kept.failure['work_lost_cpu_s'])).toBe(lost * 98)
  })

  it('is the control plane while that is down', async () => {
    const { limits } = await recover(
      [workload('Deployment', 'web', 6)],
      `until: 2h, failures: [${zoneDown('2h')}, { apiServerOutage: { at: 14m, for: 20m } }]`,
    )
    expect(limits['control_plane']).toBeGreaterThan(600)
  })
})

describe('a partition', () => {
  it('loses pods as the control plane gives their nodes up, and splits a StatefulSet', async () => {
    const { failure, limits } = await recover(
      [workload('StatefulSet', 'db', 6), workload('Deployment', 'web', 6)],
      `until: 2h, failures: [{ partition: { zone: a, at: 10m, for: 30m } }]`,
    )
    expect(failure).toMatchObject({ effect: 'cutOff', pods_not_recovered: '0' })
    expect(Number(failure['pods_affected'])).toBe(4)
    expect(limits['detection']).toBeUndefined()
  })
})
