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
