import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { SECOND, formatDuration } from '../base/time.ts'
import { requiredRows } from '../report/table/read-table.ts'
import type { TableRow } from '../report/table/read-table.ts'
import type { TableName } from '../report/columns.ts'
import { CAUSE_WORDS } from '../report/recovery/causes.ts'
import type { Cause } from '../report/recovery/causes.ts'
import type { Step } from '../report/recovery/failure-outcome.ts'
import { textTable } from './text-table.ts'

type Failure = TableRow<'failures.csv'>

/** What Kubernetes' defaults say of a step, to compare what came with. */
const DEFAULTS: Readonly<Record<Step, string>> = {
  detected: 'lease up to 10s old, grace 50s, looked at each 5s: 40s to 55s',
  tainted: 'next look 5s later, then a node each 10s in each zone',
  evicted: 'tolerationSeconds after the taint: 300s',
  gone: 'a node that is silent confirms nothing: when it is back, or deleted',
  recreated: 'Deployments and tasks at once, StatefulSets when the pod is gone',
  rescheduled: 'at once where there is room',
  running: '',
  ready: '',
}

/** Effect of a failure that leaves nodes alone. */
const NO_NODES = 'none'
const STOPPED_WORDS = 'API servers took no writes, or somebody to lead was missing,'

/** Failures that a list shows. */
const LISTED_MAX = 50
/** Workloads that a failure's report shows: those that it cost most. */
const WORKLOADS_MAX = 20

/** What shows as 0 in seconds and in thousandths is left out of what limited a recovery. */
const LEAST_SECONDS = 0.5
const LEAST_SHARE = 0.0005

/** The failures of a run, a line each. */
export async function failureListText(directory: string): Promise<string> {
  const failures = await tableOf(directory, 'failures.csv')
  if (failures.length === 0) return 'nothing failed\n'
  const rows = failures
    .slice(0, LISTED_MAX)
    .map((failure) => [
      Number(failure.id),
      failure.model,
      failure.target || nodesText(failure),
      Number(failure.node_count),
      duration(failure.started_s),
      Number(failure.pods_affected),
      since(failure, failure.detected_s),
      since(failure, failure.last_evicted_s),
      since(failure, failure.last_ready_s),
      limitText(failure.limited_by, failure.limited_by_share),
    ])
  const heads = ['id', 'model', 'target', 'nodes', 'at', 'pods', 'detected', 'evicted', 'whole', 'limited by']
  const rest = failures.length - rows.length
  const more = rest > 0 ? [`  and ${rest} more (failures.csv)`] : []
  return `${[...textTable(heads, rows), ...more].join('\n')}\n`
}

/** The timeline of one failure, what it did to each workload, and what limited the recovery. */
export async function failureText(directory: string, id: number): Promise<string> {
  const failures = await tableOf(directory, 'failures.csv')
  const failure = failures.find((row) => row.id === String(id))
  if (failure === undefined) {
    throw new InputError({ file: directory, message: `has no failure ${id}`, hint: 'see stowage report DIR' })
  }
  const blocks = [headText(failure), await stepsText(directory, failure)]
  if (Number(failure.unavailable_pod_s) > 0) {
    blocks.push(await workloadsText(directory, failure), await limitsText(directory, failure))
  }
  return `${blocks.join('\n\n')}\n`
}

/** The first of its nodes, and how many more there are. */
function nodesText({ first_node, node_count }: Failure): string {
  const more = Number(node_count) - 1
  return more > 0 ? `${first_node} and ${more} more` : first_node
}

function headText(failure: Failure): string {
  const target = failure.target === '' ? '' : ` of ${failure.target}`
  const count = Number(failure.node_count)
  const nodes =
    count === 0
      ? ''
      : count === 1
        ? `, node ${failure.first_node}`
        : `, ${count} nodes, the first ${failure.first_node}`
  const end = failure.ended_s === '' ? 'to the end' : `for ${since(failure, failure.ended_s)}`
  const open = Number(failure.pods_not_recovered)
  const whole =
    open > 0
      ? `${open} of them not back at the end`
      : failure.last_ready_s === ''
        ? 'none of them had to come back'
        : `all back after ${since(failure, failure.last_ready_s)}`
  const head = `Failure ${failure.id}: ${failure.model}${target}${nodes}, at ${duration(failure.started_s)} ${end}`
  // Such a failure loses no pod with a node.
  if (failure.effect === NO_NODES) return head
  return [
    head,
    `${failure.pods_affected} pods lost, ${whole}; ${grouped(failure.unavailable_pod_s)} pod s unavailable`,
  ].join('\n')
}

async function stepsText(directory: string, failure: Failure): Promise<string> {
  const steps = await tableOf(directory, 'recovery_steps.csv')
  const rows = steps
    .filter((row) => row.failure === failure.id)
    .map((row) => [
      row.step,
      Number(row.count),
      ...[row.first_s, row.p50_s, row.p90_s, row.p99_s, row.last_s].map(duration),
      DEFAULTS[row.step as Step],
    ])
  const heads = ['since its start', 'count', 'first', 'p50', 'p90', 'p99', 'last', "Kubernetes' defaults"]
  if (rows.length > 0) return textTable(heads, rows).join('\n')
  return failure.effect === NO_NODES ? costsText(failure).join('\n') : 'Nobody noticed.'
}

/** What a failure cost that takes no node: what is counted, and where to look for the rest. */
function costsText(failure: Failure): readonly string[] {
  if (failure.control_plane_s !== '') return planeText(failure)
  if (failure.workload_unavailable_pod_s !== '') {
    const short = grouped(failure.workload_unavailable_pod_s)
    return [
      `While its bad version was out, ${failure.target} was short of ready pods by ${short} pod s.`,
      `Restarts of its containers meanwhile: ${failure.workload_restarts}.`,
    ]
  }
  return ['It takes no node, and what it costs is not counted by failure: see events.csv and workloads.csv.']
}

function planeText(failure: Failure): readonly string[] {
  const what = failure.model === 'leader-loss' ? `Nobody led ${failure.target}` : STOPPED_WORDS
  const lines = [
    `${what} for ${duration(failure.control_plane_s)}.`,
    `Writes that had to wait meanwhile: ${failure.writes_delayed}, for ${duration(failure.write_delay_s)} in all.`,
    `Lost pods waited for it: ${grouped(failure.control_plane_pod_s)} pod s.`,
  ]
  if (failure.pods_rolled_back !== '') {
    lines.push(`Pods that the restored store did not know, and that are gone: ${failure.pods_rolled_back}.`)
  }
  return lines
}

async function workloadsText(directory: string, failure: Failure): Promise<string> {
  const recoveries = await tableOf(directory, 'recovery.csv')
  const hit = recoveries
    .filter((row) => row.failure === failure.id)
    .toSorted((one, other) => Number(other.unavailable_pod_s) - Number(one.unavailable_pod_s))
  const rows = hit
    .slice(0, WORKLOADS_MAX)
    .map((row) => [
      `${row.kind} ${row.namespace}/${row.name}`,
      Number(row.wanted),
      Number(row.lost),
      Number(row.available_min),
      duration(row.ready_p50_s),
      duration(row.whole_s),
      limitText(row.limited_by, row.limited_by_share),
    ])
  const heads = ['workload', 'wanted', 'lost', 'ready, least', 'p50 back', 'whole', 'limited by']
  const rest = hit.length - rows.length
  const more = rest > 0 ? [`  and ${rest} more (recovery.csv)`] : []
  return [...textTable(heads, rows), ...more].join('\n')
}

async function limitsText(directory: string, failure: Failure): Promise<string> {
  const seconds = new Map<string, number>()
  for (const row of await tableOf(directory, 'recovery_limits.csv')) {
    if (row.failure !== failure.id) continue
    seconds.set(row.cause, (seconds.get(row.cause) ?? 0) + Number(row.unavailable_pod_s))
  }
  const whole = Number(failure.unavailable_pod_s)
  const rows = [...seconds]
    .filter(([, time]) => time >= LEAST_SECONDS || time / whole >= LEAST_SHARE)
    .toSorted(([, one], [, other]) => other - one)
    .map(([cause, time]) => [
      CAUSE_WORDS[cause as Cause],
      grouped(String(time)),
      `${((time / whole) * 100).toFixed(1)} %`,
    ])
  return textTable(['what limited it', 'pod s', 'share'], rows).join('\n')
}

function limitText(cause: string, share: string): string {
  return cause === '' ? '-' : `${CAUSE_WORDS[cause as Cause]} ${Math.round(Number(share) * 100)} %`
}

function tableOf<Name extends TableName>(directory: string, name: Name): Promise<readonly TableRow<Name>[]> {
  refuseSeveralSeeds(directory)
  return requiredRows(directory, name)
}

/** Throws `InputError` for the directory of a run with several seeds, which has reports only below. */
function refuseSeveralSeeds(directory: string): void {
  if (!['seeds.csv', 'seeds.parquet'].some((name) => existsSync(path.join(directory, name)))) return
  const [first] = readdirSync(directory).filter((name) => /^seed-\d+$/.test(name))
  const hint =
    first === undefined
      ? 'run it again with --seeds and --out DIR, and give DIR/seed-K'
      : `give the directory of one of them, such as ${path.join(directory, first)}`
  throw new InputError({ file: directory, message: 'is of a run with several seeds', hint })
}

/** Time from the start of the failure to an instant. */
function since(failure: Failure, instant: string): string {
  return instant === '' ? '-' : duration(String(Number(instant) - Number(failure.started_s)))
}

/** Seconds as a duration: to tenths below a minute, whole above. */
function duration(seconds: string): string {
  if (seconds === '') return '-'
  const digits = Number(seconds) < 60 ? 10 : 1
  return formatDuration((Math.round(Number(seconds) * digits) / digits) * SECOND)
}

/** Digits in groups of three, to whole numbers. */
function grouped(number: string): string {
  return Math.round(Number(number)).toLocaleString('en')
}
