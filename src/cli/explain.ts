import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { Explanation } from '../run/explain/explanation.ts'
import { readGatePairs } from './feature-gates-flag.ts'
import { wholeNumber } from './flag-number.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { addScenarioOptions } from './run.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { addSnapshotOptions, settingsOf, snapshotNotes } from './snapshot-flags.ts'
import type { SnapshotFlags } from './snapshot-flags.ts'

interface ExplainFlags extends SnapshotFlags, Omit<ScenarioFlags, 'nodes'> {
  readonly plugin?: readonly string[]
  readonly schedulerConfig?: string
  readonly nodes?: readonly string[]
  readonly namespace?: string
  readonly at?: string
  readonly alone?: boolean
  readonly all?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const EXAMPLES = `
Examples:
  stowage explain web-7d4b9c-x2x4z -n shop cluster.yaml
  stowage explain cassandra-2 cluster.yaml --pods cassandra.yaml
  stowage explain shop/web-0 --nodes 3x4:16Gi --pods web.yaml --json
  stowage explain task-17 scenario.yaml
  stowage explain task-17 scenario.yaml --at 2h13m --nodes 5
  stowage explain openb-pod-0017 --trace pods.csv.gz --format openb --nodes nodes.csv.gz --at 1d`

/** Nodes shown of each table, unless it is said otherwise. */
const SHOWN = 10

/** Registers `stowage explain`. */
export function registerExplain(program: Command, io: CommandIo, exit: (status: number) => void): void {
  const command = program
    .command('explain')
    .description('say why a pod is on its node, or what keeps it off each node and what would change that')
    .argument('<pod>', 'NAME or NAMESPACE/NAME')
    .argument('[file...]', 'a scenario, or the files of a snapshot, as for schedule')
    .option('-n, --namespace <namespace>', 'namespace of the pod (default: default)')
    .option('--at <time>', 'moment of the run, such as 2h13m (default: when the pod was bound, or the end)')
    .option('--alone', 'leave the other pending pods of the snapshot out')
    .option('--all', 'show all nodes')
    .option('--json', 'print everything as JSON')
    .option(...QUIET)
  addSnapshotOptions(addScenarioOptions(command))
  const nodes = command.options.find(({ long }) => long === '--nodes')
  if (nodes !== undefined) {
    nodes.description = `how many nodes to show of each table, best and nearest first (default: ${SHOWN}); or nodes, as a list or COUNTxCPU:MEMORY[:PODS][:gpu=N]`
    nodes.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value])
  }
  command
    .addHelpText('after', EXAMPLES)
    .action(async (pod: string, files: readonly string[], flags: ExplainFlags) => {
      exit(await explain(pod, files, flags, io))
    })
}

/** `--nodes` says how many to show, or which there are. */
interface NodeFlags {
  readonly shown: number
  readonly sources: readonly string[]
}

function nodeFlags(values: readonly string[] | undefined, showsAll: boolean): NodeFlags {
  const counts = (values ?? []).filter((value) => /^\d+$/.test(value))
  const sources = (values ?? []).filter((value) => !/^\d+$/.test(value))
  const shown = counts.at(-1)
  if (showsAll) return { shown: Number.POSITIVE_INFINITY, sources }
  return { shown: shown === undefined ? SHOWN : wholeNumber('--nodes', shown), sources }
}

async function explain(
  name: string,
  files: readonly string[],
  flags: ExplainFlags,
  io: CommandIo,
): Promise<number> {
  const { podKeyOf } = await import('../run/explain/find-pod.ts')
  const pod = podKeyOf(name, flags.namespace)
  const { shown, sources } = nodeFlags(flags.nodes, flags.all === true)
  const { nodes: _nodes, ...others } = flags
  const { isScenario } = await import('../run/explain/is-scenario.ts')
  const [first] = files
  const takesRun = flags.trace !== undefined || (first !== undefined && isScenario(first))
  const explained = takesRun
    ? await ofRun(pod, files, { ...others, sources })
    : await ofSnapshot(pod, files, { ...others, sources })
  for (const warning of explained.warnings) io.stderr.write(`warning: ${warning}\n`)
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(explained.explanation, undefined, 2)}\n`)
    return EXIT.done
  }
  if (flags.quiet === true) return EXIT.done
  const { explanationText } = await import('./explain-text.ts')
  const lines = [...explained.preface, ...explanationText(explained.explanation, shown)]
  io.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.done
}

interface Explained {
  readonly explanation: Explanation
  readonly warnings: readonly string[]
  /** What to say before it. */
  readonly preface: readonly string[]
}

type SourcedFlags = Omit<ExplainFlags, 'nodes'> & { readonly sources: readonly string[] }

async function ofRun(pod: string, files: readonly string[], flags: SourcedFlags): Promise<Explained> {
  const { scenarioOf } = await import('./run-flags.ts')
  const { explainInRun } = await import('../run/explain/explain-run.ts')
  const { sources, ...others } = flags
  if (files.length > 1 || sources.length > 1 || flags.pods !== undefined) {
    throw new InputError({
      message: 'a scenario is explained by itself',
      hint: 'give one scenario and no --pods',
    })
  }
  if (flags.alone === true) {
    throw new InputError({
      field: '--alone',
      message: 'the pods of a run are not left out',
      hint: 'it is for snapshots',
    })
  }
  const [nodes] = sources
  const version = flags.kubernetesVersion
  // The scenario knows its version: which gates it has is checked there.
  const gates = Object.entries(readGatePairs(flags.featureGates ?? []))
  const set = [
    ...(flags.set ?? []),
    ...(version === undefined ? [] : [`spec.kubernetesVersion="${version}"`]),
    ...gates.map(([name, value]) => `spec.featureGates.${name}=${value}`),
  ]
  const scenario = scenarioOf(files[0], {
    ...others,
    set,
    ...(nodes === undefined ? {} : { nodes }),
  })
  const explanation = await explainInRun(scenario, pod, new AbortController().signal)
  return { explanation, warnings: [], preface: [] }
}

/** Flags that say something of a run, and nothing of a snapshot. */
const RUN_FLAGS = {
  format: '--format',
  until: '--until',
  seed: '--seed',
  set: '--set',
  from: '--from',
  limit: '--limit',
  scale: '--scale',
  timeScale: '--time-scale',
  warmUp: '--warm-up',
  skipBadRows: '--skip-bad-rows',
} as const

function refuseRunFlags(flags: SourcedFlags): void {
  for (const [name, flag] of Object.entries(RUN_FLAGS)) {
    if (flags[name as keyof typeof RUN_FLAGS] === undefined) continue
    throw new InputError({ field: flag, message: 'means nothing to a snapshot', hint: 'it is for scenarios' })
  }
}

async function ofSnapshot(pod: string, files: readonly string[], flags: SourcedFlags): Promise<Explained> {
  const { readSnapshot } = await import('../run/snapshot/read-snapshot.ts')
  const { explainInSnapshot } = await import('../run/explain/explain-snapshot.ts')
  const { sources, at } = flags
  if (at !== undefined) {
    throw new InputError({
      field: '--at',
      message: 'a snapshot has one moment only',
      hint: 'give a scenario',
    })
  }
  refuseRunFlags(flags)
  const pending = flags.pods ?? []
  if (files.length + pending.length === 0) {
    throw new InputError({
      message: 'there is nothing to look the pod up in',
      hint: 'give a scenario, the files of a snapshot, or --pods with --nodes',
    })
  }
  const snapshot = readSnapshot({ snapshot: files, pending, nodes: sources })
  const wanted = { pod, alone: flags.alone === true }
  const { explanation, warnings } = await explainInSnapshot(snapshot, settingsOf(flags), wanted)
  const notes = snapshotNotes(snapshot)
  return { explanation, warnings, preface: notes.length === 0 ? [] : [...notes, ''] }
}
