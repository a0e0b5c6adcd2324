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

/** What the failures come to: rows of failures.csv and events.csv, and warnings. */
async function failed(scenario: Scenario): Promise<{
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly events: readonly Readonly<Record<string, string>>[]
  readonly warnings: readonly string[]
}> {
  const directory = temporaryDirectory()
  const { warnings } = await runInline(scenario, directory)
  const table = (name: string): Record<string, string>[] =>
    parseTable(readFileSync(path.join(directory, name), 'utf8'))
  return { rows: table('failures.csv'), events: table('events.csv'), warnings }
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
    const { warnings } = await checkScenario(scenario)
    expect(warnings).toContain(
      'spec.failures[0] has no effect: no node has the labels topology.kubernetes.io/zone=d',
    )
    const wrong = scenarioWith('{ diskFull: { at: 1m, for: 1m, nodes: [node-1, nod-2] } }')
    await expect(checkScenario(wrong)).rejects.toThrow(/there is no node nod-2/)
  })
})
