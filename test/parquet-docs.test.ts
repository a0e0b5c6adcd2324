import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { COLUMNS } from '../src/report/columns.ts'
import { METRICS } from '../src/report/metrics.ts'
import { stowage, testFolder } from './cli/command.ts'
import { hasDuckDb } from './duckdb.ts'
import { PROJECT_ROOT } from './shared-data.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasDuckDb)('the page on Parquet and SQL', () => {
  const place = path.join(folder, 'recovery')
  beforeAll(async () => {
    const scenario = path.join(PROJECT_ROOT, 'docs/examples/recovery.yaml')
    await stowage('run', scenario, '--out', place, '--quiet', '--no-html')
  })

  it('shows what its examples print', async () => {
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/parquet-and-sql.md'), 'utf8')
    const commands = [
      ...page.matchAll(/```console\n\$ stowage query results\/runs\/recovery "([^"]+)"([^\n]*)\n([^]*?)```/g),
    ]
    expect(commands).toHaveLength(3)
    for (const [, sql = '', options = '', shown = ''] of commands) {
      const { out, err } = await stowage('query', place, sql, ...options.split(' ').filter(Boolean))
      expect(shown).toBe(out + err)
    }
  })
})

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string
    readonly source: string | readonly string[]
    readonly outputs?: readonly { readonly output_type: string }[]
  }[]
}

const NOTEBOOK = path.join(PROJECT_ROOT, 'docs/notebooks/packing.ipynb')
const notebook = JSON.parse(readFileSync(NOTEBOOK, 'utf8')) as Notebook
const code = notebook.cells
  .filter((cell) => cell.cell_type === 'code')
  .map(({ source }) => (typeof source === 'string' ? source : source.join('')))
  .join('\n')

/** Python with pandas, duckdb, matplotlib and nbconvert. */
const PYTHON = process.env['STOWAGE_PYTHON'] ?? 'python3'
const hasPython =
  spawnSync(PYTHON, ['-c', 'import pandas, pyarrow, duckdb, matplotlib, nbconvert, ipykernel']).status === 0

describe('the notebook', () => {
  it('reads tables, columns and metrics that there are', () => {
    const tables = new Set([...Object.keys(COLUMNS), 'compare.csv'])
    const read = [...code.matchAll(/(\w+)\.(?:csv|parquet)\b/g)].map(([, name = '']) => `${name}.csv`)
    expect(read.length).toBeGreaterThan(4)
    for (const name of read) expect(tables).toContain(name)
    const own = [
      'pods',
      'mean',
      'difference',
      'interval_low',
      'interval_high',
      'scenario',
      'metric',
      'policy',
    ]
    const made = ['wait_mean_s', 'wait_p99_s', 'wait_max_s', 'hours', 'size', 'max']
    const names: ReadonlySet<string> = new Set([
      ...Object.values(COLUMNS).flat(),
      ...METRICS.map(({ name }) => name),
      ...own,
      ...made,
    ])
    const used = [...code.matchAll(/\["([a-z]\w*)"|"([a-z]+(?:_\w+)+)"/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    )
    const places = ['packing', 'day', 'figure', '_share']
    expect(used.length).toBeGreaterThan(12)
    expect(used.filter((name) => !names.has(name) && !places.includes(name))).toEqual([])
  })

  it('was run, without an error', () => {
    const outputs = notebook.cells.flatMap(({ outputs: of = [] }) => of)
    expect(outputs.length).toBeGreaterThan(5)
    expect(outputs.filter(({ output_type: type }) => type === 'error')).toEqual([])
  })

  it.skipIf(!hasPython)(
    'runs, in a Python with pandas, pyarrow, duckdb, matplotlib and nbconvert',
    async () => {
      const scenario = path.join(PROJECT_ROOT, 'docs/examples/recovery.yaml')
      const common = ['--quiet', '--no-html', '--tables', 'csv,parquet']
      await stowage('run', scenario, '--out', path.join(folder, 'day'), ...common)
      const packing = ['--policies', 'default,BestFit', '--seeds', '2', '--out', path.join(folder, 'packing')]
      expect((await stowage('compare', scenario, ...packing, ...common)).status).toBe(0)
      cpSync(NOTEBOOK, path.join(folder, 'packing.ipynb'))
      const words = ['-m', 'nbconvert', '--to', 'notebook', '--execute', '--output', 'done', 'packing.ipynb']
      const { status, stderr } = spawnSync(PYTHON, words, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, STOWAGE_RESULTS: folder },
      })
      expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
    },
  )
})
