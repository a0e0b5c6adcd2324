import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { writeOpenbSample } from '../benchmark/fgd/openb-sample.ts'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { parseTable } from '../report/parse-csv.ts'
import { csvOfParquet } from '../report/read-parquet.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { stowage } from './command.ts'
import type { CommandResult } from './command.ts'

const HEADER =
  'workload,policy,arrived_pct,n_seeds,alloc_pct_mean,alloc_pct_sd,frag_amount_pct_mean,frag_amount_pct_sd,frag_ratio_pct_mean,frag_ratio_pct_sd'

/** A folder with the generated trace, and beside it what is said to have been published. */
function study(published?: string): { readonly traces: string; readonly out: string } {
  const folder = temporaryDirectory()
  const traces = path.join(folder, 'openb')
  mkdirSync(traces)
  writeOpenbSample(traces)
  if (published !== undefined) {
    mkdirSync(path.join(folder, 'fgd-expected'))
    writeFileSync(path.join(folder, 'fgd-expected', 'summary_mean_sd.csv'), `${HEADER}\n${published}\n`)
  }
  return { traces, out: path.join(folder, 'out') }
}

async function fgd(traces: string, ...argv: readonly string[]) {
  return stowage('bench', 'fgd', '--traces', traces, '--workload', 'small', '--seeds', '42,43', ...argv)
}

/** Runs a command that is interrupted when it writes this on stderr. */
async function interruptedAt(sign: string, argv: readonly string[]): Promise<CommandResult> {
  const told = { out: '', err: '' }
  const status = await runCommandLine(argv, {
    stdout: { write: (text) => (told.out += text) },
    stderr: {
      write(text) {
        told.err += text
        if (text.startsWith(sign)) process.emit('SIGINT')
      },
    },
    isTerminal: false,
  })
  return { status, ...told }
}

describe('bench fgd', () => {
  it('prints means beside published ones, and writes the tables', async () => {
    const { traces, out } = study('small,BestFit,100,10,90.0,2.0,8.0,1.0,99.0,0.5')
    const told = await fgd(traces, '--policies', 'BestFit,FGD', '--out', out)
    expect(told.status).toBe(0)
    expect(told.err).toBe(
      '1/4 small, BestFit, seed 42\n2/4 small, BestFit, seed 43\n3/4 small, FGD, seed 42\n4/4 small, FGD, seed 43\n',
    )
    expect(told.out).toMatch(/small +BestFit +100 % +\d+\.\d\d ± \d\.\d\d +90\.00 ± 2\.00 +[+-]\d\.\d\d sd/)
    expect(told.out).toMatch(/small +FGD +100 % +\d+\.\d\d ± \d\.\d\d +- +-/)
    expect(readdirSync(out).toSorted()).toEqual(['manifest.json', 'means.csv', 'runs.csv'])
    const means = parseTable(readFileSync(path.join(out, 'means.csv'), 'utf8'))
    expect(means).toHaveLength(2 * 27)
    const row = means.find((one) => one['policy'] === 'BestFit' && one['arrived_pct'] === '100')
    expect(Number(row?.['alloc_pct_deviation_sd'])).toBeCloseTo((Number(row?.['alloc_pct_mean']) - 90) / 2, 3)
    const runs = parseTable(readFileSync(path.join(out, 'runs.csv'), 'utf8'))
    expect(runs).toHaveLength(4 * 131)
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      readonly rows: object
      readonly digests: object
    }
    expect(manifest.rows).toEqual({ 'means.csv': 54, 'runs.csv': 524 })
    expect(Object.keys(manifest.digests)).toContain('openb_pod_list_small.csv')
  })

  it('gives the same bytes twice', async () => {
    const { traces, out } = study()
    const [one, other] = [path.join(out, 'one'), path.join(out, 'other')]
    for (const directory of [one, other]) {
      expect((await fgd(traces, '--policies', 'Random,FGD', '--quiet', '--out', directory)).out).toBe('')
    }
    for (const name of ['means.csv', 'runs.csv']) {
      expect(readFileSync(path.join(one, name))).toEqual(readFileSync(path.join(other, name)))
    }
  })

  it('fails when an allocation is further from the published one than asked', async () => {
    const { traces } = study('small,FGD,100,10,10.0,0.1,8.0,1.0,99.0,0.5')
    const far = await fgd(traces, '--policies', 'FGD', '--within', '1.5', '--quiet')
    expect(far.status).toBe(1)
    expect(far.err).toMatch(/failed: allocation of FGD on small at 100 % arrived is \d+\.\d\d published/)
    const without = await fgd(study().traces, '--policies', 'FGD', '--within', '1.5')
    expect([without.status, without.err]).toEqual([2, expect.stringContaining('needs published results')])
  })

  it('tells as JSON, of the loads that are asked for', async () => {
    const { traces } = study()
    const { out, status } = await fgd(
      traces,
      '--policies',
      'FGD,default',
      '--arrived',
      '80,130',
      '--json',
      '--quiet',
    )
    const rows = JSON.parse(out) as readonly { readonly policy: string; readonly arrived: number }[]
    expect(status).toBe(0)
    expect(rows.map(({ policy, arrived }) => [policy, arrived])).toEqual([
      ['FGD', 80],
      ['FGD', 130],
      ['default', 80],
      ['default', 130],
    ])
  })

  it.each([
    [['--policies', 'FGB'], 'did you mean FGD?'],
    [['--policies', 'FGD,FGD'], 'has FGD twice'],
    [['--workload', 'smal'], 'did you mean small?'],
    [['--arrived', '42'], 'is no load of the table'],
    [['--seeds', 'many'], 'expected a whole number'],
    [['--tune', '0'], 'expected a number above 0'],
    [['--expected', 'nowhere.csv'], 'nowhere.csv'],
  ])('refuses %j', async (argv, message) => {
    const { status, err } = await fgd(study().traces, ...argv)
    expect(status).toBe(2)
    expect(err).toContain(message)
  })

  it.each([
    [['--policies', 'FGB'], '--policies'],
    [['--seeds', 'many'], '--seeds'],
    [['--tune', '0'], '--tune'],
    [['--arrived', '42'], '--arrived'],
    [['--within', 'x'], '--within'],
    [['--workers', '0'], '--workers'],
    [['--out', 'src'], 'src: exists already'],
  ])('refuses %j before it looks for traces', async (argv, message) => {
    const { status, err } = await stowage('bench', 'fgd', '--traces', 'nowhere', ...argv)
    expect([status, err]).toEqual([2, expect.stringContaining(message)])
    expect(err).not.toContain('nowhere')
  })

  it('leaves its tables as Parquet, too', async () => {
    const { traces, out } = study()
    expect((await fgd(traces, '--policies', 'FGD', '--tables', 'csv,parquet', '--out', out)).status).toBe(0)
    const made = await csvOfParquet(path.join(out, 'means.parquet'))
    expect(made.toString()).toBe(readFileSync(path.join(out, 'means.csv'), 'utf8'))
  })

  it('tells of what there is when it is interrupted, with means of whole groups alone', async () => {
    const { traces, out } = study()
    const {
      err,
      status,
      out: table,
    } = await interruptedAt('2/6 ', [
      ...['bench', 'fgd', '--traces', traces, '--workload', 'small', '--seeds', '42,43', '--workers', '1'],
      ...['--policies', 'FGD,BestFit,Random', '--out', out],
    ])
    expect(status).toBe(130)
    const [, made = '', whole = ''] =
      /interrupted: (\d) of 6 runs were made; means are of the (\d) of 3 workloads and policies with every seed made\n$/.exec(
        err,
      ) ?? []
    const means = parseTable(readFileSync(path.join(out, 'means.csv'), 'utf8'))
    expect(new Set(means.map((row) => row['policy'])).size).toBe(Number(whole))
    const runs = parseTable(readFileSync(path.join(out, 'runs.csv'), 'utf8'))
    expect(runs).toHaveLength(Number(made) * 131)
    expect(Number(made)).toBeGreaterThan(0)
    expect(Number(made)).toBeLessThan(6)
    expect(table.includes('FGD')).toBe(Number(whole) > 0)
  })

  it('says where the trace is to be had when the folder has none', async () => {
    const { status, err } = await fgd(temporaryDirectory())
    expect([status, err]).toEqual([2, expect.stringContaining('cluster-trace-gpu-v2023')])
  })

  it('leaves a directory alone that has something in it', async () => {
    const { traces, out } = study()
    mkdirSync(out)
    writeFileSync(path.join(out, 'kept.txt'), 'kept')
    expect((await fgd(traces, '--policies', 'FGD', '--out', out)).status).toBe(2)
    expect(existsSync(path.join(out, 'means.csv'))).toBe(false)
  })
})
