import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { COLUMNS } from '../../src/report/columns.ts'
import { csvOfParquet } from '../../src/report/parquet-reader.ts'
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
