/**
 * How far is stowage from the figures that it is to reach? One row a line of its table of goals: whole commands, beside the
 * scans of the shared folder where a goal is a ratio to them, and the figures of the other benches that goals are about. Takes a
 * few minutes; needs `npm run build`, and the shared folder for most of it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { chooseWorkloads } from '../src/benchmark/scheduler-perf.ts'
import { shared } from '../test/shared-data.ts'
import { measure } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'
import { runNode, runStowage } from './commands.ts'
import type { CommandCost } from './commands.ts'
import { pairOf } from './decision.ts'
import { engineCase } from './engine.ts'
import { growthRows } from './growth.ts'
import { decisionsPerSecond } from './plugins.ts'
import { deepCase } from './queue.ts'

const NODES = 5_000
const PODS = 1_000_000
const PENDING = 100_000
/** Pods of the published traces that find nodes, at least. */
const OPENB_PODS = 8_000
const ALIBABA_PODS = 11_000_000
const MIB = 2 ** 20
const MB = 1e6
/** Pods of the trace that `scan-all.mjs` reads: enough that the cluster is full for the most part. */
const SCANNED_PODS = 300_000

/** What is to be reached at least, and what is hoped for. */
type Wanted = NonNullable<BenchRow['wanted']>

/** All rows but those that need files that are not there. */
export async function goalRows(): Promise<BenchRow[]> {
  const rows = [...(await ownGoals())]
  const [bench, traces] = [shared('bench'), shared('traces')]
  if (existsSync(bench)) rows.push(...replayGoals(bench), ...(await scanAllGoal(bench)))
  if (existsSync(traces)) rows.push(...(await pluginGoals(traces)), ...openbGoals(traces))
  for (const place of [bench, traces].filter((one) => !existsSync(one))) {
    process.stderr.write(`${place} is not there: what needs it is left out\n`)
  }
  return rows
}

/** Goals about the micro benches. */
async function ownGoals(): Promise<BenchRow[]> {
  const [engine, shallow, deep, , sampled, , few] = await measure([
    () => engineCase(PENDING),
    () => deepCase(1_000),
    () => deepCase(100_000),
    ...pairOf(NODES, undefined, undefined),
    ...pairOf(NODES, 100, 100),
  ])
  const growth = await growthRows()
  const [memory, cost] = [growth.at(-1), growth.at(-2)]
  if (engine === undefined || shallow === undefined || deep === undefined || sampled === undefined)
    throw new Error('too few rows')
  if (few === undefined || memory === undefined || cost === undefined) throw new Error('too few rows')
  return [
    { ...engine, name: 'goal, engine, 100,000 pending', wanted: wanted(2e6, 4e6) },
    times('goal, decisions alone, sampled, all shapes, over the bare loop', sampled.against?.ratio ?? 0, {
      isHigherBetter: true,
      marginPercent: sampled.marginPercent,
      wanted: wanted(0.5, 0.9),
    }),
    { ...few, name: 'goal, decisions alone, all nodes, 100 shapes', wanted: wanted(1e5, 3e5) },
    { ...cost, name: 'goal, cost of a decision, 100,000 nodes over 1,000', wanted: wanted(5, 3) },
    { ...memory, name: 'goal, memory of a node', wanted: wanted(4096, 2048) },
    times('goal, deep queue, cost of a pod, 100,000 waiting over 1,000', shallow.value / deep.value, {
      isHigherBetter: false,
      marginPercent: shallow.marginPercent + deep.marginPercent,
      wanted: wanted(1.5, 1.1),
    }),
  ]
}

/** The whole replay, between two runs of the scan. */
function replayGoals(bench: string): BenchRow[] {
  const scan = (): number =>
    runNode(path.join(bench, 'scan-sampled.mjs'), String(NODES), String(PODS)).cpuSeconds
  const size = ['--nodes', String(NODES), '--pods', String(PODS)]
  return (
    [
      ['all', wanted(4, 2.2)],
      ['100', wanted(3, 1.5)],
    ] as const
  ).flatMap(([shapes, goal]) => {
    const before = scan()
    const ours = runStowage(
      'bench',
      'replay',
      ...size,
      '--shapes',
      shapes,
      '--json',
      '--no-check',
      '--no-phases',
    )
    const after = scan()
    const figures = JSON.parse(ours.stdout) as { readonly podsFinished: number }
    if (figures.podsFinished !== PODS) throw new Error(`${figures.podsFinished} of ${PODS} pods finished`)
    const floor = (before + after) / 2
    const name = `goal, replay, ${shapes} shapes`
    return [
      times(`${name}, CPU over scan-sampled`, ours.cpuSeconds / floor, {
        isHigherBetter: false,
        marginPercent: (Math.abs(before - after) / floor) * 100,
        wanted: goal,
      }),
      amount(`${name}, peak memory`, ours.peakRssBytes / MIB, 'MiB', wanted(1024, 512)),
    ]
  })
}

/** Decisions over all nodes beside the scan that scores all nodes. */
async function scanAllGoal(bench: string): Promise<BenchRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-goals-'))
  const file = path.join(folder, 'work.csv')
  try {
    runStowage('bench', 'replay', '--nodes', String(NODES), '--pods', String(SCANNED_PODS), '--write', file)
    const { stdout } = runNode(path.join(bench, 'scan-all.mjs'), file, String(NODES))
    const rate = Number(/decisions\/s=(\d+)/.exec(stdout)?.[1])
    if (!(rate > 0)) throw new Error('the scan said no rate')
    const [, row] = await measure(pairOf(NODES, 100, undefined))
    return [
      times('goal, decisions alone, all nodes, all shapes, over scan-all', (row?.value ?? 0) / rate, {
        isHigherBetter: true,
        marginPercent: row?.marginPercent ?? 0,
        wanted: wanted(0.6, 1),
      }),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Workloads of scheduler_perf at 5,000 nodes, from its own files. */
async function pluginGoals(traces: string): Promise<BenchRow[]> {
  const workloads = [
    'SchedulingPodAntiAffinity/5000Nodes_2000Pods',
    'TopologySpreading/5000Nodes_5000Pods',
    'SchedulingPreferredPodAffinity/5000Nodes_5000Pods',
  ]
  const rows: BenchRow[] = []
  for (const name of workloads) {
    const [chosen] = chooseWorkloads({
      places: [path.join(traces, 'scheduler_perf/v1.37.2')],
      labels: '',
      name: `^${name}$`,
    })
    if (chosen === undefined) throw new Error(`there is no workload ${name}`)
    const rate = await decisionsPerSecond(chosen)
    rows.push(amount(`goal, ${name}`, rate, 'decisions/s', wanted(5_000, 30_000), true))
  }
  return rows
}

/** A GPU cluster's trace by the whole command. */
function openbGoals(traces: string): BenchRow[] {
  const openb = path.join(traces, 'alibaba-openb-2023')
  const { cpuSeconds, peakRssBytes } = runTrace(
    OPENB_PODS,
    ...['--trace', path.join(openb, 'openb_pod_list_default.csv.gz'), '--format', 'openb'],
    ...['--nodes', path.join(openb, 'openb_node_list_gpu_node.csv.gz')],
  )
  return [
    amount('goal, openb default, CPU', cpuSeconds, 's', wanted(1.5, 0.8)),
    amount('goal, openb default, peak memory', peakRssBytes / MB, 'MB', wanted(250, 150)),
  ]
}

/** All 11.8 million instances of a batch table by the whole command: a suite of its own, for its minutes. */
export function alibabaRows(): Promise<readonly BenchRow[]> {
  const { cpuSeconds, peakRssBytes } = runTrace(
    ALIBABA_PODS,
    ...['--trace', shared('traces/alibaba-2017/batch_task.csv.gz'), '--format', 'alibaba2017'],
    ...['--nodes', '2200x64:256Gi:5000'],
  )
  return Promise.resolve([
    amount('goal, Alibaba 2017, CPU', cpuSeconds, 's', wanted(240, 90)),
    amount('goal, Alibaba 2017, peak memory', peakRssBytes / MIB, 'MiB', wanted(1024, 1024)),
  ])
}

/** Runs a trace with all its reports; asserts that as many pods as it is known to have came and found nodes. */
function runTrace(pods: number, ...words: readonly string[]): CommandCost {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-goals-'))
  try {
    const cost = runStowage('run', ...words, '--json', '--out', path.join(folder, 'run'))
    const metrics = JSON.parse(cost.stdout) as readonly { readonly metric: string; readonly value: number }[]
    for (const name of ['pods_submitted', 'pods_scheduled']) {
      const count = metrics.find(({ metric }) => metric === name)?.value ?? 0
      if (count < pods) throw new Error(`${name} is ${count}, expected ${pods} or more`)
    }
    return cost
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function wanted(atLeast: number, goal: number): Wanted {
  return { atLeast, goal }
}

function times(
  name: string,
  value: number,
  rest: Pick<BenchRow, 'isHigherBetter' | 'marginPercent'> & { readonly wanted: Wanted },
): BenchRow {
  return { name, value, unit: 'times', ...rest }
}

function amount(name: string, value: number, unit: string, goal: Wanted, isHigherBetter = false): BenchRow {
  return { name, value, unit, isHigherBetter, marginPercent: 0, wanted: goal }
}
