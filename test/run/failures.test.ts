import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { checkScenario } from '../../src/run/check.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { runInline } from './inline-scenario.ts'

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 12
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: app, image: "web:1", resources: { requests: { cpu: 500m } } }] }
`

/** Six nodes in three zones with these failures, and objects. */
function scenarioWith(failures: string, more = 'until: 1h', objects = WEB): Scenario {
  const directory = temporaryDirectory()
  const template = '{ count: 6, shape: "4:16Gi", zones: [a, b, c], labels: { pool: spot } }'
  const spec = `nodes: [{ template: ${template} }], objects: [objects.yaml], failures: [${failures}], ${more}`
  writeFileSync(path.join(directory, 'objects.yaml'), objects)
  writeFileSync(
    path.join(directory, 'scenario.yaml'),
    `{ apiVersion: stowage.dev/v1alpha1, kind: Scenario, metadata: { name: failures }, spec: { ${spec} } }`,
  )
  return loadScenario({ file: path.join(directory, 'scenario.yaml'), overrides: [] })
}

/** What the failures come to: rows of tables, and warnings. */
async function failed(scenario: Scenario): Promise<{
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly events: readonly Readonly<Record<string, string>>[]
  readonly pods: readonly Readonly<Record<string, string>>[]
  readonly warnings: readonly string[]
}> {
  const directory = temporaryDirectory()
  const { warnings } = await runInline(scenario, directory)
  const table = (name: string): Record<string, string>[] =>
    parseTable(readFileSync(path.join(directory, name), 'utf8'))
  return {
    rows: table('failures.csv'),
    events: table('events.csv'),
    pods: table('pods.csv'),
    warnings,
  }
}

describe('failures of a scenario', () => {
  it('are told with their models, their nodes and their ends', async () => {
    const scenario = scenarioWith(`
      { incident: { name: flood, at: "00:10", for: 5m, hits: { zone: b } } },
      { partition: { at: 20m, for: 3m, zone: a } }`)
    const { rows, warnings } = await failed(scenario)
    const told = rows.map(({ model, node_count, started_s, ended_s }) =>
      [model, node_count, started_s, ended_s].join(' '),
    )
    expect(told).toEqual(['incident 2 600 900', 'partition 2 1200 1380'])
    expect(warnings).toEqual([])
  })

  it('are warned of where they hit nothing, and refused where a node is not there', async () => {
    const scenario = scenarioWith('{ failSlow: { at: 1m, for: 1m, cpu: 0.5, zone: d } }')
    await expect(checkScenario(scenario)).rejects.toThrow(/no node is in a zone d \(there are the zones a, b/)
    const idle = scenarioWith('{ failSlow: { at: 1m, for: 1m, cpu: 0.5, selector: { disk: ssd } } }')
    expect((await checkScenario(idle)).warnings).toEqual([
      'spec.failures[0] has no effect: no node has the labels disk=ssd',
    ])
    const wrong = scenarioWith('{ diskFull: { at: 1m, for: 1m, nodes: [node-1, nod-2] } }')
    await expect(checkScenario(wrong)).rejects.toThrow(/there is no node nod-2/)
  })

  it('of spot instances drain their nodes within the notice, and let new ones take their place', async () => {
    const scenario = scenarioWith(`{ spotInterruption: { at: 10m, selector: { pool: spot }, count: 2,
      notice: 2m, replacement: 5m } }`)
    const { rows, events } = await failed(scenario)
    expect(rows).toMatchObject([
      { model: 'spot-interruption', node_count: '2', started_s: '600', ended_s: '1020' },
    ])
    const told = events.filter(({ kind }) => kind === 'SpotInterruption')
    expect(told.map(({ time_s: at, reason }) => `${at} ${reason}`)).toEqual([
      '600 Notice',
      '600 Notice',
      expect.stringMatching(/^60\d.* Drained$/) as unknown,
      expect.stringMatching(/^60\d.* Drained$/) as unknown,
    ])
    expect(told[2]?.['message']).toBe('2 evicted, 0 still there, 0 refused for a budget')
    expect(rows[0]?.['pods_affected']).toBe('0')
  })

  it('of registries keep pods from starting elsewhere, until they end', async () => {
    const failures = `
      { registryOutage: { at: 5m, for: 20m, registry: docker.io } },
      { nodeCrash: { timeBetweenFailures: 10m, repair: 50m, selector: { topology.kubernetes.io/zone: a } } }`
    const images = 'images: { defaultSize: 100M }, until: 1h'
    const objects = WEB.replace('image: "web:1"', 'image: "web:1", imagePullPolicy: Always')
    const { rows, pods } = await failed(scenarioWith(failures, images, objects))
    const outage = rows.find(({ model }) => model === 'registry-outage')
    expect(outage).toMatchObject({ node_count: '0', started_s: '300', ended_s: '1500' })
    const late = pods.filter((pod) => Number(pod['created_s']) > 0)
    expect(late).toHaveLength(4)
    for (const pod of late) {
      expect(Number(pod['bound_s'])).toBeLessThan(1000)
      expect(Number(pod['running_s'])).toBeGreaterThan(1500)
    }
    const none = await failed(scenarioWith('{ registryOutage: { at: 5m, for: 20m } }'))
    expect(none.warnings).toContain('spec.failures[0] has no effect: without spec.images no image is pulled')
  })

  it('of a cloud with a limit let volumes wait', async () => {
    const claims = Array.from(
      { length: 4 },
      (_, i) => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data-${i} }
spec: { storageClassName: fast, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: db-${i} }
spec:
  containers: [{ name: db, image: "db:1", resources: { requests: { cpu: 100m } } }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: data-${i} } }]
---`,
    ).join('')
    const objects = `${claims}
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: fast }
provisioner: disk.example
volumeBindingMode: Immediate
`
    const { pods } = await failed(scenarioWith('', 'until: 10m, cloud: { qps: 0.05 }', objects))
    expect(pods.map((pod) => pod['bound_s'])).toEqual(['5', '25', '45', '65'])
  })

  it('of the cloud let nodes wait that take the place of others', async () => {
    const spot = 'spotInterruption: { at: 10m, count: 2, notice: 2m, replacement: 5m }'
    const { rows } = await failed(
      scenarioWith(`{ ${spot} }, { cloudThrottling: { at: 5m, for: 40m, qps: 0.005 } }`),
    )
    expect(rows.find(({ model }) => model === 'spot-interruption')?.['ended_s']).toBe('1220')
  })

  it('of a bad version stop its rollout, until it is undone', async () => {
    const bad = (how: string): Scenario =>
      scenarioWith(`{ badRollout: { name: web, at: 10m, ${how}, undoAfter: 20m } }`)
    for (const how of ['crashAfter: 5s, exitCode: 3', 'neverReady: true']) {
      const { rows, events, pods, warnings } = await failed(bad(how))
      expect(rows).toMatchObject([
        { model: 'bad-rollout', node_count: '0', started_s: '600', ended_s: '1800' },
      ])
      expect(events.filter(({ kind }) => kind === 'BadRollout')).toMatchObject([
        { object: 'Deployment default/web', reason: 'Bad', message: 'version 1' },
        { reason: 'Undo', message: 'rolled back' },
      ])
      // 25 % of 12 pods may be unavailable, and there may be as many more: six bad ones. Those that crash are available
      // until they do, so that the rollout goes on over all of them.
      const late = pods.filter((pod) => Number(pod['created_s']) >= 600 && Number(pod['created_s']) < 1800)
      expect(late).toHaveLength(how.startsWith('crash') ? 12 : 6)
      expect(pods.filter(({ outcome }) => outcome === 'Running')).toHaveLength(12)
      expect(events.some(({ kind }) => kind === 'ContainerRestart')).toBe(how.startsWith('crash'))
      expect(warnings).toEqual([])
    }
    const nobody = scenarioWith('{ badRollout: { name: wbe, at: 10m, neverReady: true } }')
    await expect(checkScenario(nobody)).rejects.toThrow(
      'spec.failures[0].badRollout.name: there is no Deployment default/wbe (did you mean default/web?)',
    )
  })

  it('of pods that kill their nodes go from node to node', async () => {
    const objects = WEB.replace('replicas: 12', 'replicas: 1')
    const failures =
      '{ poisonousPod: { podSelector: { app: web }, killsAfter: 2m, repair: 40m, nodesMax: 3 } }'
    const { rows, pods } = await failed(scenarioWith(failures, 'until: 2h', objects))
    expect(rows.map(({ model }) => model)).toEqual(['poisonous-pod', 'poisonous-pod', 'poisonous-pod'])
    expect(new Set(rows.map(({ first_node: node }) => node)).size).toBe(3)
    // About 50 s until the node is Unknown, 5 min until its pods are evicted, 2 min until the next is down.
    const starts = rows.map((row) => Number(row['started_s']))
    for (const index of [1, 2]) {
      const gap = (starts[index] ?? 0) - (starts[index - 1] ?? 0)
      expect(gap).toBeGreaterThan(450)
      expect(gap).toBeLessThan(500)
    }
    expect(pods.filter(({ outcome }) => outcome === 'Running')).toHaveLength(1)
  })

  it('by the clock take nodes in turn, in the windows of a schedule', async () => {
    const failures = `{ maintenance: { schedule: "30 0 * * *", nodesMax: 50%, for: 5m, window: 8m } }`
    const { rows } = await failed(scenarioWith(failures, 'until: 1h'))
    expect(rows.map(({ started_s: at }) => at)).toEqual(['1800', '1800', '1800', '2100', '2100', '2100'])
  })

  it('in a swarm are of many kinds, and the same for a seed', async () => {
    const failures =
      '{ swarm: { timeBetweenFailures: { exponential: { mean: 2m } }, severity: 0.5, until: 100m } }'
    const more = 'until: 4h, images: { defaultSize: 10M }'
    const one = await failed(scenarioWith(failures, more))
    const other = await failed(scenarioWith(failures, more))
    expect(one.rows.length).toBeGreaterThan(30)
    expect(one.rows.every(({ model, ended_s: end }) => model === 'swarm' && end !== '')).toBe(true)
    expect(other).toEqual(one)
    expect(one.pods.filter(({ outcome }) => outcome === 'Running')).toHaveLength(12)
  })
})
