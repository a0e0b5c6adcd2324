import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = Array.from({ length: 40 }, (_, i) => `${i * 30},1800,900,256`)
const trace = (name: string, rowCount: number): string =>
  file(name, ['arrival_s,duration_s,cpu_milli,mem_mib', ...ROWS.slice(0, rowCount)].join('\n'))
trace('pods.csv', 40)
const SCENARIO = file(
  'small.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: small }
spec:
  until: 3h
  nodes: [{ template: { count: 4, shape: '8:16Gi' } }]
  workload: [{ trace: { file: pods.csv, format: csv } }]
`,
)
const COUNT = 'spec.nodes[0].template.count'
const tables = (directory: string): readonly string[] =>
  ['points.csv', 'runs.csv', 'failed.csv', 'pareto.csv'].map((name) =>
    readFileSync(path.join(directory, name), 'utf8'),
  )
const journalLines = (directory: string): number =>
  readFileSync(path.join(directory, 'journal.jsonl'), 'utf8').split('\n').length - 1

describe('a sweep over files', () => {
  it('makes the runs anew whose point names a file that has changed, and those alone', async () => {
    const [one, other] = [trace('one.csv', 10), trace('other.csv', 20)]
    const out = path.join(folder, 'traces')
    const words = ['sweep', SCENARIO, '--seeds', '2', '--grid', `${COUNT}=2,4`] as const
    const grid = `spec.workload[0].trace.file=${one},${other},${path.join(folder, 'later.csv')}`
    const first = await stowage(...words, '--grid', grid, '--out', out)
    // A trace that is not there fails its points.
    expect([first.status, journalLines(out)]).toEqual([1, 12])
    const again = await stowage(...words, '--grid', grid, '--out', out)
    expect([again.status, journalLines(out)]).toEqual([1, 12])
    trace('other.csv', 40)
    const changed = await stowage(...words, '--grid', grid, '--out', out)
    expect(changed.err).toContain(`${other} has changed since: the runs of points that name it are made anew`)
    expect(changed.err).not.toContain(`${one} has`)
    expect(changed.err).toContain('going on: 8 runs are in the journal, 4 are to be made')
    expect([changed.status, journalLines(out)]).toEqual([1, 16])
    trace('later.csv', 5)
    const resumed = await stowage('sweep', '--resume', out)
    expect([resumed.status, journalLines(out)]).toEqual([0, 20])
    const fresh = path.join(folder, 'fresh')
    await stowage(...words, '--grid', grid, '--out', fresh)
    expect(tables(fresh)).toEqual(tables(out))
  })

  it('has a scheduler configuration of its points in its identity', async () => {
    const configuration = (name: string, percent: number): string =>
      file(
        name,
        `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\npercentageOfNodesToScore: ${percent}\n`,
      )
    const [one, other] = [configuration('one.yaml', 50), configuration('other.yaml', 50)]
    const out = path.join(folder, 'configurations')
    const words = [
      'sweep',
      SCENARIO,
      '--seeds',
      '1',
      '--grid',
      `spec.scheduler.configFile=${one},${other}`,
    ] as const
    expect((await stowage(...words, '--out', out)).status).toBe(0)
    configuration('other.yaml', 100)
    const { err } = await stowage(...words, '--out', out)
    expect(err).toContain(`${other} has changed since`)
    expect(journalLines(out)).toBe(3)
  })
})
