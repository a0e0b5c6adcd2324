import { durationText, grouped } from '../../metric-text.ts'
import { NODES, readReplicas, replicaSteps } from './replica-steps.ts'
import type { ReplicaRows, ReplicaSteps } from './replica-steps.ts'
import type { TimeChart, TimeLine, TimeLines } from './run-charts.ts'

/** Workloads that the chart offers by themselves at most: those with most rows. */
export const SCALED_WORKLOADS_MAX = 100

/** A line of nodes that rises so many times above those of replicas would press them flat: it is shown when it is asked for. */
const FLATTENING = 4

/**
 * What workloads ask for against what is ready, from replicas.csv: all together, and those that changed most each for itself. The
 * number of nodes is beside them where it changes. Undefined where no workload of the run has replicas.
 */
export async function scalingChart(directory: string, end: number): Promise<TimeChart | undefined> {
  const replicas = await readReplicas(directory)
  if (replicas === undefined) return undefined
  const rowsOf = replicas.workloads.map((): number[] => [])
  const nodeRows: number[] = []
  for (let row = 0; row < replicas.count; row += 1) {
    const workload = replicas.workload[row] ?? NODES
    if (workload === NODES) nodeRows.push(row)
    else rowsOf[workload]?.push(row)
  }
  const counts = new Set(nodeRows.map((row) => replicas.current[row]))
  const ofNodes = counts.size > 1 ? nodeRows : []
  const all = replicaSteps(
    replicas,
    Array.from({ length: replicas.count }, (_, row) => row),
    end,
  )
  const most = (values: readonly number[]): number => values.reduce((one, other) => Math.max(one, other), 0)
  const isFlattening =
    most(all.nodes.filter((count) => !Number.isNaN(count))) >
    FLATTENING * most([...all.desired, ...all.ready])
  const nodeLine = ofNodes.length === 0 ? undefined : isFlattening ? { isHidden: true } : {}
  const linesOf = (steps: ReplicaSteps): TimeLines => timeLines(steps, nodeLine)
  return {
    id: 'scaling',
    title: 'Scaling: replicas desired and ready',
    unit: 'count',
    isStepped: true,
    ...linesOf(all),
    parts: mostChanged(replicas, rowsOf).map((workload) => {
      const rows = [...(rowsOf[workload] ?? []), ...ofNodes].toSorted((one, other) => one - other)
      return { name: replicas.workloads[workload] ?? '', ...linesOf(replicaSteps(replicas, rows, end)) }
    }),
  }
}

/** Workloads to offer, in order of their names; none where there is one only. */
function mostChanged({ workloads }: ReplicaRows, rowsOf: readonly (readonly number[])[]): readonly number[] {
  if (workloads.length < 2) return []
  const nameOf = (workload: number): string => workloads[workload] ?? ''
  const byName = (one: number, other: number): number => (nameOf(one) < nameOf(other) ? -1 : 1)
  return [...workloads.keys()]
    .toSorted((one, other) => (rowsOf[other]?.length ?? 0) - (rowsOf[one]?.length ?? 0) || byName(one, other))
    .slice(0, SCALED_WORKLOADS_MAX)
    .toSorted(byName)
}

function timeLines(steps: ReplicaSteps, nodes: Pick<TimeLine, 'isHidden'> | undefined): TimeLines {
  return {
    time: Float64Array.from(steps.time),
    lines: [
      { name: 'desired replicas', values: Float64Array.from(steps.desired) },
      { name: 'ready replicas', values: Float64Array.from(steps.ready) },
      ...(nodes === undefined ? [] : [{ name: 'nodes', values: Float64Array.from(steps.nodes), ...nodes }]),
    ],
    note: shortage(steps),
  }
}

/** For how long there were fewer ready replicas than were desired, and how many fewer. */
function shortage({ time, desired, ready }: ReplicaSteps): string {
  let [length, most, mostAt] = [0, 0, 0]
  for (let step = 0; step < time.length; step += 1) {
    const missing = (desired[step] ?? 0) - (ready[step] ?? 0)
    if (missing <= 0) continue
    length += (time[step + 1] ?? time[step] ?? 0) - (time[step] ?? 0)
    if (missing <= most) continue
    most = missing
    mostAt = time[step] ?? 0
  }
  if (most === 0) return 'As many were ready as were desired at all times.'
  return `Fewer were ready than desired for ${durationText(length)} in all, at most ${grouped(most)} fewer, at ${durationText(mostAt)}.`
}
