import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { withRecoveryReport } from '../../scripts/recovery-report.ts'
import { writeRunReport } from '../../src/cli/run-report.ts'
import { writeMadeRun } from '../report/page/build/made-run.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRACE = file('trace.csv', 'arrival_s,duration_s,cpu_milli,memory_mib\n0,10,100,128\n1,10,200,128\n')
const RUN = ['run', '--trace', TRACE, '--format', 'csv', '--nodes', '2x4:8Gi', '--quiet']
const run = path.join(folder, 'run')
const page = path.join(run, 'report.html')

function read(name: string): string {
  return readFileSync(name, 'utf8')
}

beforeAll(async () => {
  await stowage(...RUN, '--out', run)
})

describe('report.html of a run', () => {
  it('is the same for the same run, and when it is made again', async () => {
    const other = path.join(folder, 'other')
    await stowage(...RUN, '--out', other)
    const text = read(page)
    expect(read(path.join(other, 'report.html'))).toBe(text)
    rmSync(path.join(other, 'report.html'))
    expect(await stowage('report', other, '--html')).toEqual({
      status: 0,
      out: `${path.join(other, 'report.html')}\n`,
      err: '',
    })
    expect(read(path.join(other, 'report.html'))).toBe(text)
  })

  it('goes with the run that it was made of, and so do charts', async () => {
    const out = path.join(folder, 'stale')
    await stowage(...RUN, '--out', out)
    await stowage('report', out, '--svg', '--quiet')
    expect(readdirSync(out).filter((name) => name.endsWith('.svg'))).toContain('chart-pods.svg')
    await stowage(...RUN, '--out', out, '--force', '--no-html')
    expect(readdirSync(out).filter((name) => /\.(html|svg)$/.test(name))).toEqual([])
  })

  it('is told of where the summary is', async () => {
    const out = path.join(folder, 'told')
    const { out: text } = await stowage(...RUN.filter((word) => word !== '--quiet'), '--out', out)
    expect(text).toContain('\nOver time, to 13s\n')
    expect(text.endsWith(`page: ${path.join(out, 'report.html')}\n`)).toBe(true)
  })

  it('is left out, with a word, for very many pods, unless it is asked for', async () => {
    const directory = temporaryDirectory()
    writeMadeRun(directory)
    const many = {
      name: 'pods_submitted',
      unit: 'pods',
      value: 250_001,
      section: 'Pods',
      label: 'submitted',
      statistic: '',
    } as const
    const said = { out: '', err: '' }
    const io = {
      stdout: { write: (text: string) => (said.out += text) },
      stderr: { write: (text: string) => (said.err += text) },
      isTerminal: false,
    }
    await writeRunReport({ metrics: [many] }, directory, {}, io)
    expect(said.err).toContain('report.html is left out for 250,001 pods: --html writes it')
    expect(existsSync(path.join(directory, 'report.html'))).toBe(false)
    await writeRunReport({ metrics: [many] }, directory, { html: true }, io)
    expect(existsSync(path.join(directory, 'report.html'))).toBe(true)
  })
})

describe('stowage report', () => {
  it('says how a run went over time', async () => {
    const { out } = await stowage('report', run)
    expect(out).toMatch(/^nothing failed\n\nOver time, to 13s\n {2}cpu requested /)
  })

  it('says it as docs/report.md shows', async () => {
    const text = read(path.join(PROJECT_ROOT, 'docs/report.md'))
    expect(await withRecoveryReport(text, [])).toBe(text)
  })

  it('draws charts as SVG into a directory', async () => {
    const charts = path.join(folder, 'charts')
    const { out } = await stowage('report', run, '--svg', charts)
    const names = readdirSync(charts)
    expect(
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => path.basename(line))
        .sort(),
    ).toEqual(names)
    expect(names).toContain('chart-utilisation.svg')
    for (const name of names) expect(read(path.join(charts, name))).toMatch(/^<svg [^]*<\/svg>\n$/)
  })

  it('makes one page of several runs', async () => {
    const second = path.join(folder, 'second')
    await stowage(...RUN, '--seed', '2', '--out', second)
    const compared = path.join(folder, 'compared.html')
    expect((await stowage('report', run, second, '--html', compared)).status).toBe(0)
    const { out } = await stowage('report', run, second, '--json')
    const { comparison, runs } = JSON.parse(out) as {
      readonly comparison: { readonly scenarios: readonly string[] }
      readonly runs: readonly { readonly name: string }[]
    }
    expect(comparison.scenarios).toEqual(['run', 'second'])
    expect(runs.map(({ name }) => name)).toEqual(['run', 'second'])
    const again = await stowage('report', run, second, '--html', compared)
    expect([again.status, again.err]).toEqual([
      2,
      `${compared}: exists already (give another name, or --force to replace it)\n`,
    ])
    expect((await stowage('report', run, second, '--html', compared, '--force')).status).toBe(0)
  })

  it('compares runs seed by seed', async () => {
    const seeds = async (name: string, nodes: string): Promise<string> => {
      const out = path.join(folder, name)
      const words = RUN.map((word) => (word === '2x4:8Gi' ? nodes : word))
      expect((await stowage(...words, '--seeds', '2', '--workers', '1', '--out', out)).status).toBe(0)
      return out
    }
    const places = [await seeds('two', '2x4:8Gi'), await seeds('four', '4x4:8Gi')]
    const { out } = await stowage('report', ...places, '--json')
    const { comparison } = JSON.parse(out) as { readonly comparison: { readonly seeds: readonly number[] } }
    expect(comparison.seeds).toEqual([1, 2])
    const [one = ''] = places
    expect((await stowage('report', one, '--html')).out).toBe(`${path.join(one, 'report.html')}\n`)
    await stowage(...RUN, '--seeds', '2', '--workers', '1', '--out', one, '--force')
    expect(existsSync(path.join(one, 'report.html'))).toBe(false)
  })

  it.each([
    [[run, page], 'several runs are compared by a page or charts (give --html FILE)'],
    [[run, page, '--html'], '--html: has no name for a page of several runs (give --html FILE)'],
    [[run, page, '--svg'], '--svg: has no place for charts of several runs (give --svg DIR)'],
    [[run, run, '--html', 'x.html'], `${run}: is given twice`],
    [[run, '--failure', '1', '--html'], '--failure: is told in words (leave out --html, --svg and --json)'],
    [
      [folder, '--html'],
      `${path.join(folder, 'summary.json')}: there is no such file (give the directory of a run)`,
    ],
  ])('refuses %j', async (words, message) => {
    const { status, err } = await stowage('report', ...words)
    expect([status, err]).toEqual([2, `${message}\n`])
  })

  it('makes the page of Parquet tables that CSV tables give', async () => {
    const out = path.join(folder, 'parquet')
    expect((await stowage(...RUN, '--out', out, '--tables', 'parquet')).status).toBe(0)
    expect(existsSync(path.join(out, 'pods.csv'))).toBe(false)
    const dataOf = async (directory: string): Promise<unknown> => {
      const { runs } = JSON.parse((await stowage('report', directory, '--json')).out) as {
        readonly runs: readonly Record<string, unknown>[]
      }
      return { ...runs[0], facts: [] }
    }
    expect(await dataOf(out)).toEqual(await dataOf(run))
  })
})
