import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import type { Scenario } from '../scenario/scenario.ts'

/** Bytes that are read at a time. */
const READ_SIZE = 1 << 20

/**
 * SHA-256 of everything that a run is made from, by name: the scenario with its overrides, and the files that it names.
 * Reads all files. A path that is not there is left out: the run says so.
 */
export function inputDigests(scenario: Scenario): Readonly<Record<string, string>> {
  const { scheduler, nodes, workload, objects, failures } = scenario
  const files = [
    ...nodes.flatMap((source) => (source.kind === 'file' ? [source.file] : [])),
    ...workload.map(({ file }) => file),
    ...objects.filter((source) => typeof source === 'string'),
    ...scheduler.plugins,
    ...scheduler.extenders,
    ...failures.flatMap((source) => ('file' in source ? [source.file] : [])),
  ].flatMap(filesOf)
  const configuration = createHash('sha256').update(JSON.stringify(scheduler.configuration)).digest('hex')
  return {
    scenario: scenario.digest,
    'scheduler configuration': configuration,
    ...Object.fromEntries(files.toSorted().map((file) => [file, fileDigest(file)])),
  }
}

/** The file itself, or all in the directory. */
function filesOf(place: string): readonly string[] {
  const found = statSync(place, { throwIfNoEntry: false })
  if (found === undefined) return []
  if (!found.isDirectory()) return [place]
  return readdirSync(place).flatMap((name) => filesOf(path.join(place, name)))
}

function fileDigest(file: string): string {
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
