import { Option } from 'commander'
import type { Command } from 'commander'

import type { KubernetesVersion } from '../scenario/feature-gates.ts'
import type { Snapshot } from '../run/snapshot/read-snapshot.ts'
import type { SnapshotSettings } from '../run/snapshot/snapshot-cluster.ts'
import { readFeatureGates } from './feature-gates-flag.ts'

/** Flags of commands that take a snapshot, as commander hands them over. */
export interface SnapshotFlags {
  readonly pods?: readonly string[]
  readonly schedulerConfig?: string
  readonly plugin?: readonly string[]
  readonly extender?: readonly string[]
  readonly kubernetesVersion?: KubernetesVersion
  readonly featureGates?: readonly string[]
}

/** Collects the values of an option that may be given again. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

/** Adds `--pods`, the version and its feature gates, which every command that takes a snapshot has. */
export function addSnapshotOptions(command: Command): Command {
  return command
    .option(
      '--pods <file>',
      'manifests of pods and workloads to add to the snapshot, a file or a directory; may be given again',
      collect,
    )
    .addOption(
      new Option(
        '--kubernetes-version <version>',
        'version whose behaviour is simulated (default: 1.37)',
      ).choices(['1.36', '1.37']),
    )
    .option(
      '--feature-gates <list>',
      'gates that are not as the version has them: Name=true,Other=false; may be given again',
      collect,
    )
}

/** The settings of the scheduler that the flags mean. */
export function settingsOf(flags: SnapshotFlags): SnapshotSettings {
  const kubernetesVersion = flags.kubernetesVersion ?? '1.37'
  return {
    schedulerConfig: flags.schedulerConfig,
    plugins: flags.plugin ?? [],
    extenders: flags.extender ?? [],
    kubernetesVersion,
    featureGates: readFeatureGates(flags.featureGates ?? [], kubernetesVersion),
  }
}

/** What was made of the snapshot before anything was scheduled, a line a thing. */
export function snapshotNotes({ expansions, leftOut }: Snapshot): string[] {
  const made = expansions.map(({ kind, namespace, name, pods }) => {
    return `${kind} ${namespace}/${name}: ${pods} ${pods === 1 ? 'pod' : 'pods'} made from its template, as its controller would`
  })
  const others = [...leftOut].map(([kind, count]) => `${count} ${kind}`).join(', ')
  return others === '' ? made : [...made, `left out, scheduling does not look at them: ${others}`]
}
