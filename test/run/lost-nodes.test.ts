import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { loadScenario } from '../../src/scenario/load.ts'
import { parseTable } from '../report/parse-csv.ts'
import { runInline } from './inline-scenario.ts'

const OBJECTS = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 1
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      nodeSelector: { pool: db }
      containers: [{ name: db, image: "db:1", resources: { requests: { cpu: "3" } } }]
`

const folder = mkdtempSync(path.join(tmpdir(), 'stowage-lost-nodes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let runs = 0

interface Lost {
  /** Pods of the StatefulSet as `node created running finished outcome`. */
  readonly pods: readonly string[]
  /** Events of a kind as `second object reason`. */
  readonly events: (kind: string) => readonly string[]
}

/** One pod on the first of two nodes that it may be on, of six, with what fails, what is done and what else is set. */
async function lose(failures: string, more = ''): Promise<Lost> {
  runs += 1
  const directory = path.join(folder, String(runs))
  const file = path.join(folder, `${runs}.yaml`)
  writeFileSync(path.join(folder, 'objects.yaml'), OBJECTS)
  writeFileSync(
    file,
    `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: lost }
spec:
  until: 1h
  nodes:
    - { template: { count: 2, shape: "4:16Gi", namePrefix: db, labels: { pool: db } } }
    - { template: { count: 4, shape: "4:16Gi", namePrefix: other } }
  objects: [objects.yaml]
  behaviour: { startup: 0s }
  failures: [${failures}]
${more}`,
  )
  await runInline(loadScenario({ file, overrides: [] }), directory)
  const table = (name: string): readonly Record<string, string>[] =>
    parseTable(readFileSync(path.join(directory, name), 'utf8'))
  return {
    pods: table('pods.csv').map(
      ({ node, created_s, running_s, finished_s, outcome }) =>
        `${node} ${created_s} ${running_s} ${finished_s} ${outcome}`,
    ),
    events: (kind) =>
      table('events.csv')
        .filter((row) => row['kind'] === kind)
        .map((row) => `${row['time_s']} ${row['object']} ${row['reason']}`),
  }
}

const DOWN = (span: string): string => `{ incident: { at: 5m, for: ${span}, hits: { nodes: [db-0] } } }`

describe("a StatefulSet's pod on a node that is lost", () => {
  it('goes on, not another one, when the node is back before its time is over', async () => {
    const { pods, events } = await lose(DOWN('5m'))
    expect(events('TaintEviction')).toEqual([])
    expect(pods).toEqual(['db-0 0 0  Running'])
  })

  it('stays Terminating until the node is back, whose kubelet ends it; then there is another one', async () => {
    const { pods, events } = await lose(DOWN('20m'))
    const [evicted = ''] = events('TaintEviction')
    const evictedAt = Number(evicted.split(' ')[0])
    expect(evictedAt).toBeGreaterThanOrEqual(300 + 40 + 5 + 300)
    expect(evictedAt).toBeLessThanOrEqual(300 + 55 + 5 + 300)
    expect(pods.length).toBe(2)
    expect(pods[1]).toMatch(/^db-\d 1500 1500 /)
  })

  it('is collected 40 s after a look has found its Node deleted', async () => {
    const { pods } = await lose(DOWN('50m'), '  actions: [{ at: 1210s, delete: { kind: Node, name: db-0 } }]')
    expect(pods).toEqual(['db-0 0 0 1260 Failed', 'db-1 1260 1260  Running'])
  })

  it('is where another machine joins when its own is replaced', async () => {
    const { pods, events } = await lose(DOWN('50m'), '  repair: { joinTime: 100s }')
    const steps = events('Repair')
    const at = Number((steps[0] ?? '').split(' ')[0])
    // Unknown 40 to 55 s after the fault, and five minutes more.
    expect(at).toBeGreaterThanOrEqual(640)
    expect(at).toBeLessThanOrEqual(655)
    expect(steps).toEqual([`${at} db-0 unhealthy`, `${at} db-0 deleted`])
    expect(events('NodeAdded')).toEqual([`${at + 100} db-0-r1 `])
    const collectedAt = Math.ceil(at / 20) * 20 + 40
    expect(pods).toEqual([`db-0 0 0 ${collectedAt} Failed`, `db-1 ${collectedAt} ${collectedAt}  Running`])
  })

  it('is where another machine joins whose Node the cloud deleted', async () => {
    const spot = '{ spotInterruption: { at: 5m, selector: { pool: db }, notice: 0s } }'
    const { events } = await lose(spot, '  repair: { joinTime: 100s }')
    const deleted = events('NodeDeleted').map((line) => Number(line.split(' ')[0]))
    expect(deleted.length).toBe(2)
    // Not Ready 40 to 55 s after it fell silent, and a look of the cloud's every 5 s.
    expect(Math.max(...deleted)).toBeLessThanOrEqual(300 + 55 + 5 + 1)
    const names = events('NodeDeleted').map((line) => line.split(' ')[1])
    expect(events('Repair')).toEqual(
      names.flatMap((name, index) => [
        `${deleted[index]} ${name} unhealthy`,
        `${deleted[index]} ${name} deleted`,
      ]),
    )
    expect(events('NodeAdded')).toEqual(
      names.map((name, index) => `${(deleted[index] ?? 0) + 100} ${name}-r1 `),
    )
  })

  it('is where no second machine joins when the cloud replaces its own', async () => {
    const spot = '{ spotInterruption: { at: 5m, selector: { pool: db }, notice: 0s, replacement: 10m } }'
    const { events } = await lose(spot, '  repair: { joinTime: 100s }')
    expect(events('Repair')).toEqual([])
    expect(events('NodeAdded')).toEqual(['900.000001 db-0-r1 ', '900.000001 db-1-r1 '])
  })

  it.each([
    ['zoneOutage', '{ zoneOutage: { selector: { pool: db }, at: 5m, for: 40m } }'],
    ['incident', '{ incident: { at: 5m, for: 40m, hits: { selector: { pool: db } } } }'],
    ['partition', '{ partition: { at: 5m, for: 40m, selector: { pool: db } } }'],
    ['domainOutage', '{ domainOutage: { domain: pool, timeBetweenFailures: 5m, repair: 40m } }'],
  ])('is where no other machine joins before a %s of its whole place is over', async (_, failure) => {
    const { events } = await lose(failure, '  repair: { joinTime: 100s }')
    const deleted = events('Repair').filter((line) => /^[67]\d\d(\.\d+)? .*deleted$/.test(line))
    expect(deleted.length).toBe(2)
    expect(events('NodeAdded')).toEqual(['2700 db-0-r1 ', '2700 db-1-r1 '])
  })

  it('is where another machine joins at once when a part of its place failed', async () => {
    const part = '{ incident: { at: 5m, for: 40m, hits: { selector: { pool: db }, count: 1 } } }'
    const { events } = await lose(part, '  repair: { joinTime: 100s }')
    expect(events('NodeAdded').length).toBe(1)
    expect(Number(events('NodeAdded')[0]?.split(' ')[0])).toBeLessThan(800)
  })

  it('goes down with its place when it took the place of another there', async () => {
    const { events } = await lose(
      '{ spotInterruption: { at: 1m, selector: { pool: db }, notice: 0s, replacement: 2m } }, { zoneOutage: { selector: { pool: db }, at: 10m, for: 2m } }',
    )
    expect(events('MachineDown')).toContain('600 db-0-r1 zone-outage/2')
    expect(events('MachineUp')).toContain('720 db-0-r1 zone-outage/2')
  })

  it('says nothing more once its machine is gone', async () => {
    const { events } = await lose(
      '{ partition: { at: 5m, for: 40m, nodes: [db-0] } }',
      '  repair: { joinTime: 100s }',
    )
    expect(events('MachineCutOff')).toEqual(['300 db-0 partition/1'])
    expect(events('MachineDown').length).toBe(1)
    expect(events('MachineReachable')).toEqual([])
  })

  it('is evicted later when a new leader begins anew', async () => {
    const before = await lose(DOWN('50m'))
    const after = await lose(
      `${DOWN('50m')}, { leaderLoss: { component: kube-controller-manager, at: 8m, for: 10s } }`,
    )
    const [first, second] = [before, after].map(({ events }) =>
      Number((events('TaintEviction')[0] ?? '').split(' ')[0]),
    ) as [number, number]
    expect(first).toBeLessThanOrEqual(660)
    // The next process has seen no renewal for 15 s at one of its looks, up to 4.4 s apart; then 300 s count from the new taint.
    expect(second).toBeGreaterThanOrEqual(480 + 13 + 300)
    expect(second).toBeLessThanOrEqual(480 + 10 + 15 + 5 + 300)
  })
})
