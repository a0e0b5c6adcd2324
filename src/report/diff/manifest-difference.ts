import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { readJsonObject } from '../../base/read-json-object.ts'
import { isDirectory } from '../../base/unreadable.ts'

/** What a run was made from, as its manifest.json says. */
export interface RunManifest {
  readonly command: readonly string[]
  readonly seed: string
  readonly interrupted: boolean
  readonly versions: Readonly<Record<string, string>>
  readonly digests: Readonly<Record<string, string>>
  readonly eventDigest: string
}

/** A field of the manifest in which two runs differ; an empty text for one that is not there. */
export interface ManifestDifference {
  /** As in `seed`, `versions.stowage`, `digests.scenario`. */
  readonly field: string
  readonly a: string
  readonly b: string
}

/** Files and directories of several runs: a comparison, a sweep, or one scenario with several seeds. */
const OF_SEVERAL = /^(?:runs\.csv|runs\.parquet|seed-\d+)$/

/** The manifest of a run. Throws `InputError` where a directory has none. */
export function readManifest(directory: string): RunManifest {
  const file = path.join(directory, 'manifest.json')
  if (!existsSync(file)) {
    const isOfSeveral = isDirectory(directory) && readdirSync(directory).some((name) => OF_SEVERAL.test(name))
    throw new InputError({
      file,
      message: isOfSeveral
        ? 'there is no manifest: the directory is of several runs'
        : 'there is no manifest',
      hint: isOfSeveral
        ? 'give the directory of one of its runs, a directory below it'
        : 'give the directory of a run',
    })
  }
  const read = readJsonObject(file, 'is not the manifest of a run')
  if (read['format'] !== 'stowage.dev/run/v1alpha1' || !Array.isArray(read['command'])) {
    throw new InputError({ file, message: 'is not the manifest of a run' })
  }
  return {
    command: read['command'].map(String),
    seed: String(read['seed']),
    interrupted: read['interrupted'] === true,
    versions: texts(read['versions']),
    digests: texts(read['digests']),
    eventDigest: typeof read['eventDigest'] === 'string' ? read['eventDigest'] : '',
  }
}

/** In what the manifests of two runs differ: how they were made first, then what from. */
export function manifestDifferences(a: RunManifest, b: RunManifest): readonly ManifestDifference[] {
  const pairs = [
    { field: 'command', a: a.command.join(' '), b: b.command.join(' ') },
    { field: 'seed', a: a.seed, b: b.seed },
    { field: 'interrupted', a: String(a.interrupted), b: String(b.interrupted) },
    ...byKey('versions', a.versions, b.versions),
    ...byKey('digests', a.digests, b.digests),
    { field: 'eventDigest', a: a.eventDigest, b: b.eventDigest },
  ]
  return pairs.filter((pair) => pair.a !== pair.b)
}

function byKey(
  field: string,
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): ManifestDifference[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted()
  return keys.map((key) => ({ field: `${field}.${key}`, a: a[key] ?? '', b: b[key] ?? '' }))
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]))
}
