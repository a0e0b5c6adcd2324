import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample, shownColumns } from './run-example.ts'

const PAGE = readFileSync(path.join(PROJECT_ROOT, 'docs/failure-models.md'), 'utf8')
const SHOWN = 'model,target,node_count,started_s,ended_s'

type Rows = readonly Readonly<Record<string, string>>[]

/** Tables of an example that the page names. */
async function example(name: string): Promise<(table: string) => string> {
  expect(PAGE).toContain(`stowage run docs/examples/${name}\n`)
  return runExample(name, temporaryDirectory())
}

function modelsOf(failures: Rows): readonly string[] {
  return [...new Set(failures.map(({ model = '' }) => model))].toSorted()
}

describe('examples of failures', () => {
  it('of domains and of the cloud come to what the page says', async () => {
    for (const name of ['failures-domains.yaml', 'failures-cloud.yaml']) {
      const table = await example(name)
      expect(PAGE).toContain(shownColumns(table('failures.csv'), SHOWN))
    }
  })

  it('of the cloud drain and replace the nodes that are taken', async () => {
    const events = parseTable((await example('failures-cloud.yaml'))('events.csv'))
    const drained = events.filter(({ reason }) => reason === 'Drained')
    expect(drained).toHaveLength(3)
    for (const { message } of drained) expect(message).toMatch(/ 0 still there/)
    const added = events.filter(({ kind }) => kind === 'NodeAdded').map(({ object }) => object)
    expect(added).toEqual(['spot-0-r1', 'spot-3-r1', 'spot-5-r1'])
  })

  it('of nodes fail in every way', async () => {
    const failures = parseTable((await example('failures-nodes.yaml'))('failures.csv'))
    expect(modelsOf(failures)).toEqual(['disk-full', 'fail-slow', 'kubelet-hang', 'node-crash', 'partition'])
  })

  it('of workloads kill node after node, and stop a bad rollout', async () => {
    const table = await example('failures-workloads.yaml')
    const failures = parseTable(table('failures.csv'))
    const killed = failures.filter(({ model }) => model === 'poisonous-pod')
    expect(new Set(killed.map(({ first_node: node }) => node)).size).toBe(4)
    expect(failures.find(({ model }) => model === 'bad-rollout')).toMatchObject({
      started_s: '1200',
      ended_s: '2700',
    })
    const pods = parseTable(table('pods.csv'))
    const bad = pods.filter(({ name, created_s: at }) => name?.startsWith('web') === true && at === '1200')
    expect(bad).toHaveLength(12)
    expect(pods.filter(({ outcome }) => outcome === 'Running')).toHaveLength(25)
  })

  it('of maintenance take three nodes at a time, in windows of every night', async () => {
    const failures = parseTable((await example('failures-maintenance.yaml'))('failures.csv'))
    const waves = new Map<number, number>()
    for (const row of failures) {
      const at = Number(row['started_s'])
      waves.set(at, (waves.get(at) ?? 0) + 1)
    }
    expect([...waves.values()].every((count) => count === 3)).toBe(true)
    // 12 nodes in four waves: three fit into the first window, the last one is left for the second night.
    const nights = [...waves.keys()].map((at) => Math.floor(at / 86_400))
    expect(nights).toEqual([0, 0, 0, 1, 2, 2, 2])
  })

  it('of a swarm end, and all is whole again', async () => {
    const table = await example('failures-swarm.yaml')
    const failures = parseTable(table('failures.csv'))
    expect(failures.length).toBeGreaterThan(30)
    expect(failures.every(({ model, ended_s: end }) => model === 'swarm' && end !== '')).toBe(true)
    const pods = parseTable(table('pods.csv'))
    expect(pods.filter(({ outcome }) => outcome === 'Running')).toHaveLength(24)
  })
})
