/** What a run was made from: enough to make it again. Holds no time of day and no name of a machine. */
export interface Manifest {
  /** The command line, word by word. */
  readonly command: readonly string[]
  /** Name of the scenario, and of its scheduling policy where one is named. */
  readonly scenario?: string
  readonly policy?: string | undefined
  readonly seed: string | number
  /** Versions by name: stowage, node, kubernetes. */
  readonly versions: Readonly<Record<string, string>>
  /** Digests of inputs by file name: scenario, traces, node lists, plugins. */
  readonly digests: Readonly<Record<string, string>>
  /** Digest of the events that ran, where one was taken. */
  readonly eventDigest?: string
  /** Whether the run was stopped before its end. */
  readonly interrupted: boolean
  readonly warnings: readonly string[]
}

/** manifest.json: the manifest with keys in a fixed order, and the number of rows of each table. */
export function manifestJson(manifest: Manifest, rows: Readonly<Record<string, number>>): string {
  const content = {
    format: 'stowage.dev/run/v1alpha1',
    command: manifest.command,
    scenario: manifest.scenario,
    policy: manifest.policy,
    seed: manifest.seed,
    interrupted: manifest.interrupted,
    versions: sortedByKey(manifest.versions),
    digests: sortedByKey(manifest.digests),
    eventDigest: manifest.eventDigest,
    warnings: manifest.warnings,
    rows,
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

function sortedByKey(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
