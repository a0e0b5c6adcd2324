import { readColumns } from '../../table/read-table.ts'

/** Kind under which replicas.csv counts the nodes. */
const NODE_KIND = 'Node'

/** Rows of replicas.csv, in order of time, with the workload that each tells of. */
export interface ReplicaRows {
  readonly count: number
  readonly time: Float64Array
  readonly desired: Float64Array
  readonly current: Float64Array
  readonly ready: Float64Array
  /** Index into `workloads`; `NODES` of rows that tell of nodes. */
  readonly workload: Int32Array
  /** Names as they are shown, with their namespace where there are several. */
  readonly workloads: readonly string[]
}

/** In place of the index of a workload: the nodes of the cluster. */
export const NODES = -1

/** What stands from each time on: values of equal index belong together; times rise. */
export interface ReplicaSteps {
  readonly time: number[]
  readonly desired: number[]
  readonly ready: number[]
  /** NaN before the first row that tells of nodes. */
  readonly nodes: number[]
}

/** Reads replicas.csv; undefined where the run left none, or had no workload with replicas. */
export async function readReplicas(directory: string): Promise<ReplicaRows | undefined> {
  const table = await readColumns(directory, 'replicas.csv', {
    time_s: 'number',
    namespace: 'category',
    kind: 'category',
    name: 'category',
    desired: 'number',
    current: 'number',
    ready: 'number',
  })
  if (table === undefined) return undefined
  const { namespace, kind, name, time_s: time, desired, current, ready } = table.columns
  const places = new Map<string, number>()
  const workloads: { readonly namespace: string; readonly words: string }[] = []
  const workload = Int32Array.from({ length: table.rowCount }, (_, row) => {
    const indexes = [namespace, kind, name].map((column) => column.indexes[row] ?? 0)
    const kindName = kind.values[indexes[1] ?? 0] ?? ''
    if (kindName === NODE_KIND) return NODES
    const key = indexes.join()
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, workloads.length)
    const words = `${name.values[indexes[2] ?? 0] ?? ''} (${kindName})`
    return workloads.push({ namespace: namespace.values[indexes[0] ?? 0] ?? '', words }) - 1
  })
  if (workloads.length === 0) return undefined
  const hasNamespaces = new Set(workloads.map((one) => one.namespace)).size > 1
  const names = workloads.map((one) => (hasNamespaces ? `${one.namespace}/${one.words}` : one.words))
  return { count: table.rowCount, time, desired, current, ready, workload, workloads: names }
}

/** Sums what some rows say, in their order, from the start of the run to its end: O(rows). */
export function replicaSteps(replicas: ReplicaRows, rows: Iterable<number>, end: number): ReplicaSteps {
  const steps: ReplicaSteps = { time: [], desired: [], ready: [], nodes: [] }
  const before = new Map<number, number>()
  let [desired, ready, nodes] = [0, 0, Number.NaN]
  const stand = (at: number): void => {
    const index = steps.time.at(-1) === at ? steps.time.length - 1 : steps.time.length
    steps.time[index] = at
    steps.desired[index] = desired
    steps.ready[index] = ready
    steps.nodes[index] = nodes
  }
  stand(0)
  for (const row of rows) {
    const workload = replicas.workload[row] ?? NODES
    if (workload === NODES) nodes = replicas.current[row] ?? 0
    else {
      const last = before.get(workload)
      desired += (replicas.desired[row] ?? 0) - (last === undefined ? 0 : (replicas.desired[last] ?? 0))
      ready += (replicas.ready[row] ?? 0) - (last === undefined ? 0 : (replicas.ready[last] ?? 0))
      before.set(workload, row)
    }
    stand(replicas.time[row] ?? 0)
  }
  if (end > (steps.time.at(-1) ?? 0)) stand(end)
  return steps
}
