import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import type { Scenario } from '../scenario/scenario.ts'
import { moduleFiles } from './module-loader.ts'

/** Bytes that are read at a time. */
const READ_SIZE = 1 << 20

/**
 * SHA-256 of everything that a run is made from, by name: the scenario with its overrides, and the files that it names.
 * Reads all files. A path that is not there is left out: the run says so.
 */
export function inputDigests(scenario: Scenario): Readonly<Record<string, string>> {
  const files = namedPlaces(scenario).flatMap(filesOf)
  const configuration = createHash('sha256')
    .update(JSON.stringify(scenario.scheduler.configuration))
    .digest('hex')
  return {
    scenario: scenario.digest,
    'scheduler configuration': configuration,
    ...Object.fromEntries(files.toSorted().map((file) => [file, fileDigest(file)])),
  }
}

/** Digest of a place that is not there. */
const MISSING = 'missing'

/**
 * SHA-256 of each file and directory that a scenario names beside itself, by its path: of a directory that of all in it; `MISSING` where
 * nothing is there. Reads all files but those that `known` has, and adds them to it.
 */
export function placeDigests(
  scenario: Scenario,
  known: Map<string, string>,
): Readonly<Record<string, string>> {
  const { configurationSource } = scenario.scheduler
  const configuration = configurationSource.isFile ? (configurationSource.placeOf([]).file ?? []) : []
  const places = [...new Set(namedPlaces(scenario).concat(configuration))].toSorted()
  return Object.fromEntries(
    places.map((place) => {
      const digest = known.get(place) ?? placeDigest(place)
      known.set(place, digest)
      return [place, digest]
    }),
  )
}

function placeDigest(place: string): string {
  const files = filesOf(place).toSorted()
  const [first] = files
  if (first === undefined) return MISSING
  if (first === place) return fileDigest(place)
  const all = files.map((file) => [path.relative(place, file), fileDigest(file)])
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

/** Files and directories that a run reads, as its scenario names them, and what its plugins import; that of its configuration is parsed already. */
function namedPlaces({
  scheduler,
  nodes,
  workload,
  objects,
  actions,
  failures,
}: Scenario): readonly string[] {
  return [
    ...nodes.flatMap((source) => (source.kind === 'file' ? [source.file] : [])),
    ...workload.map(({ file }) => file),
    ...objects.filter((source) => typeof source === 'string'),
    ...actions.flatMap((action) => (action.verb === 'apply' ? [action.file] : [])),
    ...scheduler.plugins.concat(scheduler.extenders).flatMap(moduleFiles),
    ...failures.flatMap((source) => ('file' in source ? [source.file] : [])),
  ]
}

/** The file itself, or all in the directory. */
function filesOf(place: string): readonly string[] {
  const found = statSync(place, { throwIfNoEntry: false })
  if (found === undefined) return []
  if (!found.isDirectory()) return [place]
  return readdirSync(place).flatMap((name) => filesOf(path.join(place, name)))
}

/** SHA-256 of the bytes of a file. */
export function fileDigest(file: string): string {
  const hash = createHash('sha256')
  const chunk = Buffer.allocUnsafe(READ_SIZE)
  const descriptor = openSync(file, 'r')
  try {
    for (;;) {
      const length = readSync(descriptor, chunk)
      if (length === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, length))
    }
  } finally {
    closeSync(descriptor)
  }
}
