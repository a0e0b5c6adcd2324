import { existsSync } from 'node:fs'
import path from 'node:path'

import { Option } from 'commander'
import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import { formatDuration } from '../base/time.ts'
import type { Snapshot } from '../run/snapshot/read-snapshot.ts'
import type { Placement } from '../run/snapshot/schedule-snapshot.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { addSnapshotOptions, collect, settingsOf, snapshotNotes } from './snapshot-flags.ts'
import type { SnapshotFlags } from './snapshot-flags.ts'
import { textTable } from './text-table.ts'

interface ScheduleFlags extends SnapshotFlags {
  readonly nodes?: readonly string[]
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly failOn?: string
}

const EXAMPLES = `
Examples:
  kubectl get nodes,pods,pvc,pv,sc,pdb,svc,rs,sts,priorityclasses -A -o yaml > cluster.yaml
  stowage schedule cluster.yaml
  stowage schedule cluster.yaml --pods deployment.yaml --scheduler-config scheduler.yaml
  stowage schedule --nodes 3x4:16Gi --pods statefulset.yaml --fail-on pending
  stowage schedule simulator-export.json --json`

const CSV_COLUMNS = [
  'pod',
  'outcome',
  'node',
  'score',
  'bound_after_s',
  'feasible',
  'evaluated',
  'attempts',
  'victims',
  'message',
] as const

/** Registers `stowage schedule`. */
export function registerSchedule(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addSnapshotOptions(
    program
      .command('schedule')
      .description('place the pending pods of a cluster snapshot, as kube-scheduler would')
      .argument(
        '[snapshot...]',
        'files or directories: kubectl get -o yaml, a kube-scheduler-simulator export, or manifests',
      )
      .option('--nodes <nodes>', 'nodes to add: a node list, or COUNTxCPU:MEMORY[:PODS][:gpu=N]', collect)
      .option('--scheduler-config <file>', 'KubeSchedulerConfiguration v1')
      .option('--plugin <file>', 'scheduler plugin of your own; may be given again', collect)
      .option('--extender <file>', 'scheduler extender of your own; may be given again', collect),
  )
    .option('--out <file>', 'write the placements as CSV')
    .option('--force', 'replace that file if it is there')
    .option('--json', 'print the placements as JSON')
    .option(...QUIET)
    .addOption(
      new Option('--fail-on <condition>', 'exit with 1 when pods are left without a node').choices([
        'pending',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], flags: ScheduleFlags) => {
      exit(await schedule(files, flags, io))
    })
}

async function schedule(files: readonly string[], flags: ScheduleFlags, io: CommandIo): Promise<number> {
  const { readSnapshot } = await import('../run/snapshot/read-snapshot.ts')
  const { buildSnapshotCluster } = await import('../run/snapshot/snapshot-cluster.ts')
  const { scheduleSnapshot } = await import('../run/snapshot/schedule-snapshot.ts')
  if (flags.out !== undefined) refuseTaken(flags.out, flags.force === true)
  const snapshot = readSnapshot({ snapshot: files, pending: flags.pods ?? [], nodes: flags.nodes ?? [] })
  const cluster = await buildSnapshotCluster(snapshot, settingsOf(flags), {})
  const placements = await scheduleSnapshot(cluster)
  for (const warning of cluster.warnings) io.stderr.write(`warning: ${warning}\n`)
  if (flags.out !== undefined) await writeCsv(flags.out, placements)
  if (flags.json === true) io.stdout.write(`${JSON.stringify(jsonOf(snapshot, placements), undefined, 2)}\n`)
  else if (flags.quiet !== true) {
    const found = `${snapshot.nodes.length} nodes, ${cluster.placed} pods on them, ${placements.length} to be scheduled`
    io.stdout.write([found, ...snapshotNotes(snapshot), '', ...linesOf(placements)].join('\n') + '\n')
  }
  const isLeft = placements.some(({ outcome }) => outcome !== 'bound')
  return flags.failOn === 'pending' && isLeft ? EXIT.conditionFailed : EXIT.done
}

function jsonOf(snapshot: Snapshot, placements: readonly Placement[]): object {
  const { nodes, expansions, leftOut } = snapshot
  return {
    nodes: nodes.length,
    expansions,
    leftOut: Object.fromEntries(leftOut),
    bound: placements.filter(({ outcome }) => outcome === 'bound').length,
    pods: placements,
  }
}

function linesOf(placements: readonly Placement[]): string[] {
  if (placements.length === 0) return ['no pod is pending']
  const rows = placements.map((placement) => {
    const { pod, outcome, node, score, feasible, evaluated } = placement
    const looked = evaluated === 0 ? '-' : `${feasible}/${evaluated}`
    return [pod, outcome === 'bound' ? node : outcome, score ?? '-', looked, wordsOf(placement)]
  })
  const bound = placements.filter(({ outcome }) => outcome === 'bound').length
  const table = textTable(['POD', 'NODE', 'SCORE', 'FEASIBLE', ''], rows)
  return [...table, '', `${bound} of ${placements.length} pods have a node`]
}

/** What is to be said of a placement beyond its node. */
function wordsOf({ message, victims, boundAfter = 0, outcome }: Placement): string {
  const preempted = victims.length === 0 ? '' : `preempted ${victims.join(', ')}`
  if (outcome !== 'bound') return [message, preempted].filter((part) => part !== '').join('; ')
  return boundAfter > 0 ? [preempted, `bound after ${formatDuration(boundAfter)}`].join('; ') : preempted
}

function refuseTaken(file: string, mayReplace: boolean): void {
  if (mayReplace || !existsSync(file)) return
  throw new InputError({
    file,
    message: 'exists already',
    hint: 'give another --out, or --force to replace it',
  })
}

async function writeCsv(file: string, placements: readonly Placement[]): Promise<void> {
  const { CsvTable } = await import('../report/csv.ts')
  const { OutputFile } = await import('../report/output-file.ts')
  const output = new OutputFile(path.dirname(file), path.basename(file))
  const table = new CsvTable(output, CSV_COLUMNS)
  for (const one of placements) {
    const boundAfter = one.boundAfter === undefined ? undefined : one.boundAfter / 1e6
    const looked = [one.feasible, one.evaluated, one.attempts]
    table.row([
      one.pod,
      one.outcome,
      one.node,
      one.score,
      boundAfter,
      ...looked,
      one.victims.join(' '),
      one.message,
    ])
  }
  table.flush()
  output.finish()
}
