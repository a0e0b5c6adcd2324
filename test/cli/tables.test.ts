import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { COLUMNS } from '../../src/report/columns.ts'
import { csvOfParquet } from '../report/read-parquet.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const EXAMPLES = path.join(PROJECT_ROOT, 'docs/examples')

async function run(name: string, ...words: readonly string[]): Promise<string> {
  const out = path.join(folder, name)
  const { status } = await stowage('run', ...words, '--out', out, '--quiet', '--no-html')
  expect(status).toBe(0)
  return out
}

function namesIn(directory: string, ending: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.endsWith(ending))
}

function rowsIn(directory: string): Readonly<Record<string, number>> {
  const { rows } = JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8')) as {
    readonly rows: Readonly<Record<string, number>>
  }
  return rows
}

describe('a run', () => {
  it('leaves tables in the forms that are asked for, with the same rows in them', async () => {
    const both = await run('both', path.join(EXAMPLES, 'recovery.yaml'), '--tables', 'csv,parquet')
    const tables = namesIn(both, '.csv')
    expect(tables.length).toBeGreaterThan(9)
    for (const name of tables) {
      const made = await csvOfParquet(path.join(both, name.replace('.csv', '.parquet')))
      expect([name, made.toString()]).toEqual([name, readFileSync(path.join(both, name), 'utf8')])
      expect(rowsIn(both)[name]).toBe(rowsIn(both)[name.replace('.csv', '.parquet')])
    }
    const alone = await run('alone', path.join(EXAMPLES, 'recovery.yaml'), '--format', 'parquet')
    expect(namesIn(alone, '.csv')).toEqual([])
    expect(namesIn(alone, '.partial')).toEqual([])
    for (const name of namesIn(alone, '.parquet')) {
      expect(readFileSync(path.join(alone, name)).equals(readFileSync(path.join(both, name)))).toBe(true)
    }
    const { out } = await stowage('report', alone, '--failure', '1')
    expect(out).toBe((await stowage('report', both, '--failure', '1')).out)
    // Again, as CSV: what was there in the other form is not of this run.
    await run('both', path.join(EXAMPLES, 'recovery.yaml'), '--force')
    expect(namesIn(both, '.parquet')).toEqual([])
  })

  it('knows the format of a trace from the form of tables', async () => {
    const trace = file('trace.csv', 'arrival_s,duration_s,cpu_milli,mem_mib\n0,60,500,256\n')
    const words = ['--trace', trace, '--nodes', '2x8:16Gi']
    const one = await run('one', ...words, '--format', 'csv', '--format', 'parquet')
    expect([namesIn(one, '.csv'), namesIn(one, '.parquet').length > 9]).toEqual([[], true])
    expect(namesIn(await run('two', ...words, '--format', 'csv'), '.parquet')).toEqual([])
    const wrong = await stowage('run', ...words, '--format', 'tape')
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('Allowed choices are')])
    const neither = await stowage('run', ...words, '--tables', 'csv,tape')
    expect([neither.status, neither.err]).toEqual([
      2,
      expect.stringContaining('"tape" is neither csv nor parquet'),
    ])
  })

  it('has its forms from the scenario', async () => {
    const scenario = path.join(EXAMPLES, 'rollout.yaml')
    const out = await run('scenario', scenario, '--set', 'spec.report.tables=[parquet]')
    expect([namesIn(out, '.csv'), existsSync(path.join(out, 'rollouts.parquet'))]).toEqual([[], true])
    const wrong = await stowage(
      'run',
      scenario,
      '--set',
      'spec.report.tables=[]',
      '--out',
      path.join(folder, 'x'),
    )
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('spec.report.tables')])
  })
})

describe('what is made of Parquet alone', () => {
  it('is what is made of CSV: page, charts, words', async () => {
    const both = await run('forms', path.join(EXAMPLES, 'recovery.yaml'), '--tables', 'csv,parquet')
    const alone = path.join(folder, 'forms-alone')
    mkdirSync(alone)
    for (const name of readdirSync(both)) {
      if (!name.endsWith('.csv')) copyFileSync(path.join(both, name), path.join(alone, name))
    }
    for (const words of [['--json'], ['--failure', '1'], []]) {
      const [of, other] = [await stowage('report', both, ...words), await stowage('report', alone, ...words)]
      expect(of.status).toBe(0)
      expect(other).toEqual(of)
    }
    const [page, charts] = ['page.html', 'charts'].map((name) => path.join(folder, name))
    await stowage('report', both, '--html', `${page}`, '--svg', `${charts}`)
    await stowage('report', alone, '--html', `${page}2`, '--svg', `${charts}2`)
    expect(readFileSync(`${page}2`).equals(readFileSync(`${page}`))).toBe(true)
    const drawn = readdirSync(`${charts}`)
    expect(drawn.length).toBeGreaterThan(4)
    for (const name of drawn) {
      expect(
        readFileSync(path.join(`${charts}2`, name)).equals(readFileSync(path.join(`${charts}`, name))),
      ).toBe(true)
    }
  })

  it('is a comparison with the charts of its runs', async () => {
    const scenario = path.join(EXAMPLES, 'rollout.yaml')
    const words = ['compare', scenario, '--policies', 'default,MostAllocated', '--seeds', '2', '--quiet']
    const [csv, parquet] = ['compared-csv', 'compared-parquet'].map((name) => path.join(folder, name))
    await stowage(...words, '--out', `${csv}`)
    await stowage(...words, '--out', `${parquet}`, '--format', 'parquet')
    const pages = [csv, parquet].map((out) => readFileSync(path.join(`${out}`, 'compare.html'), 'utf8'))
    expect(pages[0]).toContain('utilisation')
    expect(pages[1]).toBe(pages[0])
  })
})

describe('tables over several runs', () => {
  it('have both forms, too', async () => {
    const scenario = path.join(EXAMPLES, 'rollout.yaml')
    const out = await run('seeds', scenario, '--seeds', '2', '--tables', 'csv,parquet')
    for (const name of ['seeds', 'runs']) {
      const made = await csvOfParquet(path.join(out, `${name}.parquet`))
      expect(made.toString()).toBe(readFileSync(path.join(out, `${name}.csv`), 'utf8'))
    }
    expect(existsSync(path.join(out, 'seed-2/pods.parquet'))).toBe(true)
  })
})

describe('the declared types', () => {
  const directories: string[] = []
  beforeAll(async () => {
    for (const name of ['eviction', 'failures-workloads', 'gang', 'lifecycle', 'split-brain']) {
      const words = ['--set', 'spec.report.decisions=true', '--set', 'spec.report.nodeDecisions=true']
      directories.push(
        await run(name, path.join(EXAMPLES, `${name}.yaml`), '--tables', 'csv,parquet', ...words),
      )
    }
  })

  it('take every cell that the examples leave', async () => {
    for (const directory of directories) {
      for (const name of Object.keys(COLUMNS)) {
        const made = await csvOfParquet(path.join(directory, name.replace('.csv', '.parquet')))
        expect(made.equals(readFileSync(path.join(directory, name)))).toBe(true)
      }
    }
  })
})
