import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { comparisonReport } from './build/comparison-report.ts'
import type { ComparedRuns, ComparedSample } from './build/comparison-report.ts'
import { metricLines } from './build/metric-lines.ts'
import { readRunFiles } from './build/run-files.ts'
import type { ReportData } from './report-data.ts'

const SEED_FOLDER = /^seed-(\d+)$/

/** A run or several with seeds: directories by seed. */
interface SeedRuns {
  readonly name: string
  readonly directories: ReadonlyMap<number, string>
}

/**
 * The page of several runs beside each other. A directory is one of a run, or one with a `seed-K` for each of several: then runs
 * are compared seed by seed, over the seeds that all have. Throws `InputError` where there are none.
 */
export async function reportOfRuns(directories: readonly string[], version: string): Promise<ReportData> {
  const runs = directories.map((directory, index) => ({
    name: uniqueName(directories, index),
    directories: seedDirectories(directory),
  }))
  const seeds = commonSeeds(runs)
  const scenarios = runs.map(({ name, directories: own }): ComparedRuns => {
    const places = seeds.flatMap((seed) => own.get(seed) ?? [])
    return { name, samples: samplesOf(places), directories: places }
  })
  const title = `stowage: ${runs.map(({ name }) => name).join(' against ')}`
  return comparisonReport({ title, version, scenarios, seeds })
}

/** The last part of its path, and more of it where another has the same. */
function uniqueName(directories: readonly string[], index: number): string {
  const parts = directories.map((directory) => path.resolve(directory).split(path.sep))
  const own = parts[index] ?? []
  for (let length = 1; length < own.length; length += 1) {
    const name = own.slice(-length).join('/')
    if (parts.every((other, at) => at === index || other.slice(-length).join('/') !== name)) return name
  }
  throw new InputError({ file: directories[index] ?? '', message: 'is given twice' })
}

/** A run that is alone stands under 0 until it is known what it is compared with. */
const ALONE = 0

/** Whether a directory is of runs with several seeds, each in a directory of its own there. */
export function hasSeeds(directory: string): boolean {
  const folders = existsSync(directory) ? readdirSync(directory) : []
  return folders.some((name) => SEED_FOLDER.test(name)) && !folders.includes('manifest.json')
}

function seedDirectories(directory: string): ReadonlyMap<number, string> {
  if (!hasSeeds(directory)) return new Map([[ALONE, directory]])
  const seeds = readdirSync(directory).flatMap((name) => {
    const seed = SEED_FOLDER.exec(name)?.[1]
    return seed === undefined ? [] : [[Number(seed), path.join(directory, name)] as const]
  })
  return new Map(seeds.toSorted(([one], [other]) => one - other))
}

function commonSeeds(runs: readonly SeedRuns[]): readonly number[] {
  const [first] = runs
  const common = [...(first?.directories.keys() ?? [])].filter((seed) =>
    runs.every(({ directories }) => directories.has(seed)),
  )
  if (common.length > 0) return common
  throw new InputError({
    message: `${runs.map(({ name }) => name).join(', ')} have no seed in common`,
    hint: 'give runs, or directories of runs with the same seeds',
  })
}

function samplesOf(directories: readonly string[]): readonly ComparedSample[] {
  const summaries = directories.map((directory) => readRunFiles(directory).metrics)
  const all = new Map(summaries.flat().map((metric) => [metric.name, metric]))
  const lines = metricLines([...all.values()])
  return lines.map(({ name, label }) => ({
    name,
    label,
    unit: all.get(name)?.unit ?? '',
    values: summaries.map((metrics) => {
      const found = metrics.find((metric) => metric.name === name)
      // A part that did not occur in a run is 0 there.
      return found === undefined ? 0 : found.value
    }),
  }))
}
