import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { PROJECT_ROOT } from './shared-data.ts'

/** Folders of src by level: a folder imports from lower levels and from itself. */
const LEVELS: readonly (readonly string[])[] = [
  ['base'],
  ['engine', 'api'],
  ['cel'],
  ['scenario', 'workload', 'cluster'],
  ['policy', 'scheduler', 'node', 'network', 'storage'],
  ['controllers', 'autoscaling', 'failure'],
  ['fleet'],
  ['report', 'conformance'],
  ['run'],
  ['threads'],
  ['serve', 'sweep', 'benchmark', 'fuzz'],
  ['plan'],
  ['cli'],
]

/** Where a run-time package may be imported: one place that gives it our names. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  seedrandom: ['src/base/random.ts'],
  'd3-random': ['src/base/random.ts'],
  'simple-statistics': ['src/report/statistics.ts'],
  'csv-stringify/sync': ['src/report/csv.ts'],
  fastpriorityqueue: ['src/scheduler/entry-heap.ts'],
  'cli-progress': ['src/cli/progress.ts'],
  'js-yaml': ['src/workload/node-list.ts'],
  '@marcbachmann/cel-js': ['src/cel/environment.ts'],
  '@bufbuild/re2': ['src/cel/patterns.ts'],
  fflate: ['src/report/page/packed-column.ts'],
  uplot: ['src/report/page/client/time-chart.ts'],
  hyparquet: ['src/report/table/parquet-reader.ts'],
  'hyparquet-writer': ['src/report/parquet-writer.ts'],
  '@duckdb/node-api': ['src/report/query/duckdb.ts'],
  highs: ['src/plan/solver.ts'],
}

const LINES_MAX = 400

function tracked(...patterns: readonly string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns]
  return execFileSync('git', args, { cwd: PROJECT_ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(path.join(PROJECT_ROOT, file)))
}

function read(file: string): string {
  return readFileSync(path.join(PROJECT_ROOT, file), 'utf8')
}

function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

const sources = tracked('src/*.ts', 'plugins/*.ts').filter((file) => !file.endsWith('types.generated.ts'))

function levelOf(folder: string): number {
  return LEVELS.findIndex((level) => level.includes(folder))
}

function isAllowed(file: string, target: string): boolean {
  const [top, folder = ''] = file.split('/')
  const [targetTop, targetFolder = ''] = target.split('/')
  if (top === 'plugins') {
    const isPlugin = targetTop === 'plugins'
    return (
      isPlugin ||
      ['api', 'base', 'cel'].includes(targetFolder) ||
      target.startsWith('src/scheduler/framework/')
    )
  }
  if (targetTop === 'plugins') return folder === 'run'
  return folder === targetFolder || levelOf(targetFolder) < levelOf(folder)
}

describe('the tree', () => {
  it('has sources', () => {
    expect(sources.length).toBeGreaterThan(50)
  })

  it('imports one way, by the table', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => path.posix.join(path.posix.dirname(file), name))
        .filter((target) => !isAllowed(file, target))
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('knows every folder of src in the table', () => {
    const folders = new Set(
      sources.filter((file) => file.startsWith('src/')).map((file) => file.split('/')[1] ?? ''),
    )
    expect([...folders].filter((folder) => levelOf(folder) < 0)).toEqual([])
  })

  it('imports a run-time package in one place', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => name in PACKAGES && !(PACKAGES[name] ?? []).includes(file))
        .map((name) => `${file} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('keeps files short enough to read', () => {
    const long = sources.filter((file) => read(file).split('\n').length > LINES_MAX)
    expect(long).toEqual([])
  })

  it('leaves nothing for later', () => {
    const all = tracked('src', 'plugins', 'bench', 'scripts', 'docs', 'README.md')
    // Pictures, those in notebooks too, are letters at random.
    const files = all.filter((file) => !/\.(?:png|ipynb)$/.test(file))
    const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((mark) => `\\b${mark}\\b`).join('|'))
    expect(files.filter((file) => marks.test(read(file)))).toEqual([])
  })
})

describe('the simulation', () => {
  it('asks no clock and no chance but its own', () => {
    const banned = /Math\.random|Date\.now|new Date\(\)|performance\.now/
    const simulated = sources.filter((file) => !file.startsWith('src/cli/'))
    expect(simulated.filter((file) => banned.test(read(file)))).toEqual([])
  })
})

describe('exports', () => {
  it('say what they are for', () => {
    const bare = sources.flatMap((file) => {
      const lines = read(file).split('\n')
      return lines.flatMap((line, index) => {
        if (!/^export (?:async )?(?:function|class|interface|abstract class)\*? /.test(line)) return []
        return (lines[index - 1] ?? '').trimEnd().endsWith('*/') ? [] : [`${file}:${index + 1}`]
      })
    })
    expect(bare).toEqual([])
  })
})
