import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { runScenario } from '../../src/run/run.ts'
import type { RunResult } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { PROJECT_ROOT, hasShared, shared } from '../shared-data.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'stowage-run-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(name: string, overrides: readonly string[], abortAt?: number): Promise<RunResult> {
  const scenario = loadScenario({ file: path.join(PROJECT_ROOT, 'traces/mixed-day.yaml'), overrides })
  const controller = new AbortController()
  return runScenario(scenario, {
    directory: path.join(folder, name),
    command: ['test'],
    version: '0',
    signal: controller.signal,
    onProgress: ({ events }) => {
      if (abortAt !== undefined && events >= abortAt) controller.abort()
    },
  })
}

function filesOf(name: string): Record<string, string> {
  const place = path.join(folder, name)
  return Object.fromEntries(
    readdirSync(place).map((file) => [file, readFileSync(path.join(place, file), 'utf8')]),
  )
}

/** Rows of a table without quotes, by column. */
function records(text = ''): Record<string, string>[] {
  const [header = '', ...lines] = text.trim().split('\n')
  const columns = header.split(',')
  return lines.map((line) => {
    const cells = line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

describe('a run of the shipped scenario', () => {
  it('gives the same bytes twice, and others with another seed', async () => {
    const one = await run('one', [])
    const two = await run('two', [])
    const other = await run('other', ['spec.seed=2'])
    expect(two.eventDigest).toBe(one.eventDigest)
    expect(filesOf('two')).toEqual(filesOf('one'))
    expect(other.eventDigest).not.toBe(one.eventDigest)
    expect(filesOf('other')['summary.csv']).not.toBe(filesOf('one')['summary.csv'])
  })

  it('loses no pod: every task succeeds in the end, whatever was evicted, preempted or crashed', async () => {
    const { summary, pendingPods, interrupted } = await run('whole', [])
    const rows =
      readFileSync(path.join(PROJECT_ROOT, 'traces/mixed-day.csv'), 'utf8').trim().split('\n').length - 1
    expect(metricValue(summary, 'pods_succeeded')).toBe(rows)
    expect({ pendingPods, interrupted }).toEqual({ pendingPods: 0, interrupted: false })
    expect(metricValue(summary, 'failures')).toBeGreaterThan(0)
    expect(metricValue(summary, 'evictions')).toBeGreaterThan(0)
  })

  it('tells what every decision said of every node: the pods go where the total is greatest', async () => {
    const asked = ['spec.workload[0].trace.limit=300', 'spec.report.decisions=true']
    const plain = await run('plain', asked)
    const told = await run('told', [...asked, 'spec.report.nodeDecisions=true'])
    expect(told.eventDigest).toBe(plain.eventDigest)
    const files = filesOf('told')
    expect(files['decisions.csv']).toBe(filesOf('plain')['decisions.csv'])
    const decisions = records(files['decisions.csv'])
    const bound = decisions.filter((decision) => decision['outcome'] === 'bound')
    const attemptOf = (row: Record<string, string>): string => `${row['pod']}#${row['attempt']}`
    const nodes = new Map<string, Record<string, string>[]>()
    for (const row of records(files['decision_nodes.csv'])) {
      nodes.set(attemptOf(row), [...(nodes.get(attemptOf(row)) ?? []), row])
    }
    const sums = new Map<string, number>()
    for (const score of records(files['decision_scores.csv'])) {
      const place = `${attemptOf(score)}@${score['node']}`
      sums.set(place, (sums.get(place) ?? 0) + Number(score['weighted_score']))
    }
    expect(bound.length).toBeGreaterThanOrEqual(300)
    for (const decision of bound) {
      const looked = nodes.get(attemptOf(decision)) ?? []
      expect(looked).toHaveLength(Number(decision['evaluated_nodes']))
      const totals = looked
        .filter((row) => row['code'] === 'Success')
        .map((row) => Number(row['total_score']))
      const chosen = looked.find((row) => row['node'] === decision['node'])
      expect(Number(chosen?.['total_score'])).toBe(Math.max(...totals))
      if (totals.length === 1) continue
      expect(sums.get(`${attemptOf(decision)}@${decision['node']}`)).toBe(Math.max(...totals))
    }
  })

  it('leaves valid partial reports when it is interrupted', async () => {
    const { interrupted } = await run('half', [], 20_000)
    expect(interrupted).toBe(true)
    const files = filesOf('half')
    expect(JSON.parse(files['manifest.json'] ?? '')).toMatchObject({ interrupted: true })
    expect(Object.keys(files).filter((name) => name.endsWith('.partial'))).toEqual([])
    expect(files['pods.csv']?.split('\n').length).toBeGreaterThan(100)
  })

  it('never has more requested on a node than it has to give, nor a pod in two places', async () => {
    await run('bounds', ['spec.report.interval=10m'])
    const [header = '', ...rows] = (filesOf('bounds')['nodes.csv'] ?? '').trim().split('\n')
    const columns = header.split(',')
    const peaks = columns.flatMap((name, index) =>
      name.includes('peak') && name.includes('share') ? [index] : [],
    )
    expect(peaks.length).toBeGreaterThan(0)
    for (const row of rows) {
      for (const index of peaks) expect(Number(row.split(',')[index])).toBeLessThanOrEqual(1)
    }
    const pods = (filesOf('bounds')['pods.csv'] ?? '').trim().split('\n')
    const names = pods.slice(1).map((row) => row.split(',').slice(0, 2).join('/'))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe.skipIf(!hasShared)('the openb trace (shared data)', () => {
  it('runs whole on its 1,523 nodes', async () => {
    const scenario = loadScenario({
      raw: {
        apiVersion: 'stowage.dev/v1alpha1',
        kind: 'Scenario',
        spec: {
          nodes: [
            { file: shared('traces/alibaba-openb-2023/openb_node_list_all_node.csv.gz'), format: 'openb' },
          ],
          workload: [
            {
              trace: {
                file: shared('traces/alibaba-openb-2023/openb_pod_list_default.csv.gz'),
                format: 'openb',
              },
            },
          ],
        },
      },
      overrides: [],
    })
    const result = await runScenario(scenario, {
      directory: undefined,
      command: [],
      version: '0',
      signal: new AbortController().signal,
    })
    expect(metricValue(result.summary, 'pods_succeeded')).toBe(8152)
    expect(result.warnings).toEqual([])
  })
})
