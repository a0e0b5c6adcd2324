import { readdirSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { readJsonObject } from '../../base/read-json-object.ts'
import { globbed } from './glob.ts'

/** A directory of one run. */
export interface FoundRun {
  /** What tells it from the others: its path below what was asked for. */
  readonly run: string
  readonly directory: string
  /** Name of the scenario; in a comparison, that of the folder of its runs. */
  readonly scenario: string | undefined
  readonly policy: string | undefined
  readonly seed: string | undefined
  readonly interrupted: boolean
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly eventDigest: string | undefined
}

/** A file of a table. */
export interface TableFile {
  /** Name of the table, as `pods`. */
  readonly table: string
  readonly file: string
  readonly format: 'csv' | 'parquet'
  /** The run that it is of; undefined for tables over several runs. */
  readonly run: FoundRun | undefined
}

/** What lies under the directories that were asked for. */
export interface FoundRuns {
  readonly runs: readonly FoundRun[]
  readonly files: readonly TableFile[]
}

/** Folders below a directory in which runs are looked for: SCENARIO/seed-K, and one more. */
const DEPTH_MAX = 3
const TABLE = /^(.+)\.(csv|parquet)$/
const SEED_FOLDER = /^seed-\d+$/

/**
 * Finds the runs of directories, of patterns with `*` and `?`, and those in the folders of a comparison or a sweep, with all of their
 * tables. Throws `InputError` for what is no directory, or holds none.
 */
export function findRuns(places: readonly string[]): FoundRuns {
  const roots = places.flatMap((place) => globbed(place))
  const found = roots.map((root) => below(root, DEPTH_MAX))
  found.forEach((directories, index) => {
    if (directories.some(({ tables }) => tables.length > 0)) return
    throw new InputError({
      file: roots[index] ?? '',
      message: 'holds no tables of a run',
      hint: 'give the directory that --out of a run, a comparison or a sweep named',
    })
  })
  const names = labels(roots)
  const seen = new Set<string>()
  const runs: FoundRun[] = []
  const files: TableFile[] = []
  found.forEach((directories, index) => {
    for (const { directory, tables, hasManifest } of directories) {
      if (seen.has(path.resolve(directory))) continue
      seen.add(path.resolve(directory))
      const inner = path.relative(roots[index] ?? '', directory)
      const label = [roots.length > 1 || inner === '' ? names[index] : '', inner].filter(Boolean).join('/')
      const run = hasManifest ? runOf(directory, label) : undefined
      if (run !== undefined) runs.push(run)
      files.push(...tables.map((table) => ({ ...table, run })))
    }
  })
  return { runs, files }
}

interface FoundDirectory {
  readonly directory: string
  readonly tables: readonly Omit<TableFile, 'run'>[]
  readonly hasManifest: boolean
}

/** The directory and those below it, in order of their names, numbers by their size. */
function below(directory: string, depth: number): readonly FoundDirectory[] {
  const entries = readdirSync(directory, { withFileTypes: true })
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
  const own = { directory, tables: tablesOf(directory, names), hasManifest: names.includes('manifest.json') }
  if (depth === 0) return [own]
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const inner = folders.map(({ name }) => name).toSorted(byNameAndNumber)
  return [own, ...inner.flatMap((name) => below(path.join(directory, name), depth - 1))]
}

/** The tables among the files: the Parquet form where there are both, which is read faster. */
function tablesOf(directory: string, names: readonly string[]): readonly Omit<TableFile, 'run'>[] {
  const known = new Map<string, Omit<TableFile, 'run'>>()
  for (const name of names.toSorted()) {
    const [, table = '', format] = TABLE.exec(name) ?? []
    if (format !== 'csv' && format !== 'parquet') continue
    known.set(table, { table, format, file: path.join(directory, name) })
  }
  return [...known.values()]
}

function runOf(directory: string, label: string): FoundRun {
  const manifest = readJsonObject(path.join(directory, 'manifest.json'), 'is no manifest of a run')
  const folder = path.basename(directory)
  const isOfComparison = SEED_FOLDER.test(folder) && label.split('/').length > 1
  const text = (name: string): string | undefined =>
    manifest[name] === undefined ? undefined : String(manifest[name])
  return {
    run: label,
    directory,
    scenario: isOfComparison ? path.basename(path.dirname(directory)) : text('scenario'),
    policy: text('policy'),
    seed: text('seed'),
    interrupted: manifest['interrupted'] === true,
    command: Array.isArray(manifest['command']) ? manifest['command'].join(' ') : '',
    versions: (manifest['versions'] ?? {}) as Readonly<Record<string, string>>,
    eventDigest: text('eventDigest'),
  }
}

/** Names of the directories: the last part of each, as many parts as tell them apart. */
function labels(roots: readonly string[]): readonly string[] {
  const parts = roots.map((root) => path.resolve(root).split(path.sep).filter(Boolean))
  const longest = Math.max(0, ...parts.map(({ length }) => length))
  for (let count = 1; count <= longest; count++) {
    const names = parts.map((one) => one.slice(-count).join('/'))
    if (new Set(names).size === new Set(parts.map((one) => one.join('/'))).size) return names
  }
  return roots
}

function byNameAndNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
