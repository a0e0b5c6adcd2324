import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()

/** Three nodes, of which two fill unevenly, and pods that come by chance. */
const SCENARIO = `
apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: small }
spec:
  seed: 1
  nodes: [{ template: { count: 4, shape: "8:16Gi:20" } }]
  workload: [{ trace: { file: pods.csv, format: csv } }]
  behaviour: { startup: { lognormal: { median: 2s, sigma: 0.5 } } }
  report: { decisions: true, nodeDecisions: true }
`

const PODS = Array.from(
  { length: 30 },
  (_, i) => `${i * 5},${60 + i},${250 * (1 + (i % 4))},${512 * (1 + (i % 3))},p${i},0,Burstable,web,100`,
)

async function run(name: string, ...words: readonly string[]): Promise<string> {
  const out = path.join(folder, name)
  const command = ['run', path.join(folder, 'small.yaml'), '--quiet', '--out', out, ...words]
  // The manifest has the words of the process.
  process.argv = [...process.argv.slice(0, 2), ...command]
  const { status, err } = await stowage(...command)
  expect(err).toBe('')
  expect(status).toBe(0)
  return out
}

const runs = new Map<string, string>()

function runNamed(name: string): string {
  return runs.get(name) ?? name
}

beforeAll(async () => {
  file('small.yaml', SCENARIO)
  const header = 'arrival_s,duration_s,cpu_milli,memory_mib,name,priority,qos,app,used_memory_mib'
  file('pods.csv', `${[header, ...PODS].join('\n')}\n`)
  for (const [name, ...words] of [
    ['best', '--policy', 'BestFit'],
    ['best-again', '--policy', 'BestFit'],
    ['best-seed-2', '--policy', 'BestFit', '--seed', '2'],
    ['worst', '--policy', 'WorstFit'],
    ['worst-plain', '--policy', 'WorstFit', '--set', 'spec.report.decisions=false'],
  ] as const) {
    runs.set(name, await run(name, ...words))
  }
}, 60_000)

describe('stowage diff', () => {
  it('finds two runs of one scenario equal', async () => {
    const { status, out } = await stowage('diff', runNamed('best'), runNamed('best-again'))
    expect(out).toMatch(/The runs are equal: \d+ metrics, 30 pods and all decisions\./)
    expect(status).toBe(0)
  })

  it('explains the first decision that another policy made otherwise', async () => {
    const { status, out } = await stowage('diff', runNamed('best'), runNamed('worst'))
    expect(status).toBe(1)
    expect(out).toContain('--policy WorstFit')
    expect(out).toMatch(/nodes_in_use_mean/)
    expect(out).toMatch(/The first decision that differs is number 2\n {2}A {2}.*default\/p1 {2}bound node-0/)
    expect(out).toMatch(
      /because\n {2}A took (\S+) with 100 points over \S+ with \d+ points: BestFit gave \1 \d+ more\./,
    )
    expect(out).toMatch(/B took (\S+) with 100 points over \S+ with \d+ points: WorstFit gave \1 \d+ more\./)
    expect(out).not.toContain('Not recorded')
  })

  it('tells what another seed changed, though no pod went elsewhere', async () => {
    const { status, out } = await stowage('diff', runNamed('best'), runNamed('best-seed-2'))
    expect(status).toBe(1)
    expect(out).toMatch(/seed +1 +2\n/)
    expect(out).toContain('bound_to_running_s_mean')
  })

  it('says how to record decisions where they are missing', async () => {
    const { status, out } = await stowage('diff', runNamed('best'), runNamed('worst-plain'))
    expect(status).toBe(1)
    expect(out).toMatch(/the first to differ is default\/p1: on node-\d at \S+ in A, on node-\d at \S+ in B/)
    expect(out).toMatch(
      /stowage run \S+small.yaml --policy BestFit --set spec.report.decisions=true --set spec.report.nodeDecisions=true --out \S+best-explained/,
    )
  })

  it('prints JSON, or nothing', async () => {
    const words = ['diff', runNamed('best'), runNamed('worst')]
    const { out } = await stowage(...words, '--json')
    const diff = JSON.parse(out) as {
      readonly isEqual: boolean
      readonly metrics: readonly { readonly a: number; readonly b: number }[]
      readonly decision: { readonly a: { readonly pod: string; readonly nodes: readonly unknown[] } }
    }
    expect(diff.isEqual).toBe(false)
    expect(diff.metrics.every(({ a, b }) => a !== b)).toBe(true)
    expect(diff.decision.a.pod).toBe('default/p1')
    expect(diff.decision.a.nodes).toHaveLength(4)
    const all = JSON.parse((await stowage(...words, '--json', '--all')).out) as typeof diff
    expect(all.metrics.length).toBeGreaterThan(diff.metrics.length)
    expect(await stowage(...words, '--quiet')).toEqual({ status: 1, out: '', err: '' })
  })

  it('says the same of runs that were written as Parquet, and finds the form of tables to be no difference', async () => {
    const best = await run('best-parquet', '--policy', 'BestFit', '--format', 'parquet')
    const worst = await run('worst-parquet', '--policy', 'WorstFit', '--tables', 'parquet')
    expect(readdirSync(best).filter((name) => name.endsWith('.csv'))).toEqual([])
    const plain = (text: string): string =>
      text.replaceAll('-parquet', '').replaceAll(/ --(?:format|tables) parquet/g, '')
    for (const flag of ['--all', '--json']) {
      const expected = await stowage('diff', runNamed('best'), runNamed('worst'), flag)
      for (const [a, b] of [
        [best, worst],
        [runNamed('best'), worst],
        [best, runNamed('worst')],
      ] as const) {
        const { status, out } = await stowage('diff', a, b, flag)
        expect({ status, out: withoutCommand(plain(out)) }).toEqual({
          status: expected.status,
          out: withoutCommand(plain(expected.out)),
        })
      }
    }
    expect((await stowage('diff', runNamed('best'), best)).status).toBe(0)
  })

  it('says which table of a run is not there', async () => {
    const partial = path.join(folder, 'partial')
    mkdirSync(partial)
    for (const name of ['manifest.json', 'summary.csv']) {
      writeFileSync(path.join(partial, name), readFileSync(path.join(runNamed('best'), name)))
    }
    const { status, err } = await stowage('diff', runNamed('best'), partial)
    expect(status).toBe(2)
    expect(err).toMatch(/partial.pods\.csv: there is no such table .*pods\.parquet/)
  })

  it('refuses what is no run', async () => {
    const missing = await stowage('diff', runNamed('best'), path.join(folder, 'nowhere'))
    expect(missing.status).toBe(2)
    expect(missing.err).toMatch(/nowhere.manifest\.json: there is no manifest/)
    const several = path.join(folder, 'several')
    mkdirSync(several)
    writeFileSync(path.join(several, 'runs.csv'), '')
    expect((await stowage('diff', several, runNamed('best'))).err).toContain(
      'give the directory of one of its runs',
    )
    const broken = path.join(runNamed('worst-plain'), 'manifest.json')
    expect(existsSync(broken)).toBe(true)
    const text = readFileSync(broken, 'utf8')
    writeFileSync(broken, '{}')
    const { status, err } = await stowage('diff', runNamed('best'), runNamed('worst-plain'))
    writeFileSync(broken, text)
    expect(status).toBe(2)
    expect(err).toContain('is not the manifest of a run')
  })
})

/** The text without the line that tells of the commands, whose columns are as wide as these are long. */
function withoutCommand(text: string): string {
  const lines = text.split('\n')
  return lines
    .map((line) => (/^ {2}(?:command|field| +A)/.test(line) ? '' : line.replaceAll(/ +/g, ' ')))
    .join('\n')
}
