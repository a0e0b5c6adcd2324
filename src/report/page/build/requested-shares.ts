import type { RunNodes } from './node-rows.ts'
import type { NODE_RESOURCES } from './node-rows.ts'
import { NO_PLACE } from './placements.ts'
import type { Placements } from './placements.ts'

type Resource = (typeof NODE_RESOURCES)[number]

/** Equal spans of a run. */
export interface Spans {
  readonly spans: number
  readonly spanSeconds: number
  readonly end: number
}

/** A cell for a share of 1; those below are parts of it. */
const FULL = 200
/** A cell for more than there is. */
const OVERFULL = 201

/**
 * Goes through the nodes in order, and hands over for each resource that a node has the greatest share of it that was asked for
 * within each span, as cells; what stands for no time does not count. The cells are those of the next call, too. Costs
 * O(p log p) for the p pods of a node, and a step for each span that a sum stands in.
 */
export function eachNodeShares(
  placements: Placements,
  { names, capacity }: RunNodes,
  { resources, ...spans }: Spans & { readonly resources: readonly Resource[] },
  take: (node: number, resource: Resource, cells: Uint8Array) => void,
): void {
  const { starts, pods } = byNode(placements, names.length)
  const cells = new Uint8Array(spans.spans)
  for (let node = 0; node < names.length; node += 1) {
    const changes = changesOf(placements, pods.subarray(starts[node], starts[node + 1]))
    for (const resource of resources) {
      const whole = capacity[resource][node] ?? 0
      if (whole <= 0) continue
      cells.fill(0)
      sweep(changes, { amounts: amountsOf(placements, resource), whole }, spans, cells)
      take(node, resource, cells)
    }
  }
}

/** Pods of each node side by side: those of node `n` from `starts[n]` to `starts[n + 1]`; without those that never had one. */
function byNode({ count, node }: Placements, nodeCount: number): { starts: Uint32Array; pods: Uint32Array } {
  const starts = new Uint32Array(nodeCount + 1)
  for (let pod = 0; pod < count; pod += 1) {
    const place = node[pod] ?? NO_PLACE
    if (place < nodeCount) starts[place + 1] = (starts[place + 1] ?? 0) + 1
  }
  for (let place = 0; place < nodeCount; place += 1) {
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0)
  }
  const next = starts.slice()
  const pods = new Uint32Array(count)
  for (let pod = 0; pod < count; pod += 1) {
    const place = node[pod] ?? NO_PLACE
    if (place >= nodeCount) continue
    pods[next[place] ?? 0] = pod
    next[place] = (next[place] ?? 0) + 1
  }
  return { starts, pods }
}

/** Instants at which pods came (`pod`) or went (`~pod`), in order. */
interface Changes {
  readonly times: Float64Array
  readonly pods: Int32Array
}

function changesOf({ boundAt, endedAt }: Placements, pods: Uint32Array): Changes {
  const came = pods.toSorted((one, other) => (boundAt[one] ?? 0) - (boundAt[other] ?? 0))
  const gone = pods
    .filter((pod) => Number.isFinite(endedAt[pod] ?? 0))
    .sort((one, other) => (endedAt[one] ?? 0) - (endedAt[other] ?? 0))
  const length = came.length + gone.length
  const changes = { times: new Float64Array(length), pods: new Int32Array(length) }
  let [coming, going] = [0, 0]
  for (let at = 0; at < length; at += 1) {
    const bound = coming < came.length ? (boundAt[came[coming] ?? 0] ?? 0) : Number.POSITIVE_INFINITY
    const ended = going < gone.length ? (endedAt[gone[going] ?? 0] ?? 0) : Number.POSITIVE_INFINITY
    const isEnd = ended < bound
    changes.times[at] = isEnd ? ended : bound
    changes.pods[at] = isEnd ? ~(gone[going++] ?? 0) : (came[coming++] ?? 0)
  }
  return changes
}

/** What each pod asks for; undefined where each takes one. */
function amountsOf({ cpu, memory, gpu }: Placements, resource: Resource): Float64Array | undefined {
  return { cpu, memory, gpu, pods: undefined }[resource]
}

/** Notes the greatest share within each span. A cell is made once for a sum, however many spans it stands in. */
function sweep(
  { times, pods }: Changes,
  { amounts, whole }: { readonly amounts: Float64Array | undefined; readonly whole: number },
  { spans, spanSeconds, end }: Spans,
  cells: Uint8Array,
): void {
  let sum = 0
  for (let at = 0; at < times.length; at += 1) {
    const pod = pods[at] ?? 0
    const amount = amounts === undefined ? 1 : (amounts[pod < 0 ? ~pod : pod] ?? 0)
    sum += pod < 0 ? -amount : amount
    const from = times[at] ?? 0
    const to = Math.min(end, times[at + 1] ?? end)
    if (to <= from || sum <= 0) continue
    const cell = sum > whole ? OVERFULL : Math.round((sum / whole) * FULL)
    const last = Math.min(spans, Math.ceil(to / spanSeconds))
    for (let span = Math.floor(from / spanSeconds); span < last; span += 1) {
      if (cell > (cells[span] ?? 0)) cells[span] = cell
    }
  }
}
