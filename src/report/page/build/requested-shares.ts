import type { RunNodes } from './node-rows.ts'
import type { NODE_RESOURCES } from './node-rows.ts'
import type { Placements } from './placements.ts'

type Resource = (typeof NODE_RESOURCES)[number]

/** Equal spans of a run. */
export interface Spans {
  readonly resources: readonly Resource[]
  readonly spans: number
  readonly spanSeconds: number
  readonly end: number
}

/** The greatest share that was asked for of a node, by resource and span; the arrays are those of the next node, too. */
export interface NodeShares {
  readonly node: number
  readonly ofResource: readonly Float64Array[]
}

/**
 * Goes through the nodes one by one, in order. Costs O(p log p) for the p pods of a node, and O(spans) more for each; what
 * stands for no time does not count.
 */
export function* nodeShares(
  placements: Placements,
  { names, capacity }: RunNodes,
  setting: Spans,
): Generator<NodeShares> {
  const { starts, pods } = byNode(placements, names.length)
  const ofResource = setting.resources.map(() => new Float64Array(setting.spans))
  for (let node = 0; node < names.length; node += 1) {
    const changes = changesOf(placements, pods.subarray(starts[node], starts[node + 1]))
    for (const [index, resource] of setting.resources.entries()) {
      const greatest = ofResource[index] ?? new Float64Array(0)
      greatest.fill(0)
      sweep(changes, amountsOf(placements, resource), setting, greatest)
      const whole = capacity[resource][node] ?? 0
      for (let span = 0; span < greatest.length; span += 1) greatest[span] = (greatest[span] ?? 0) / whole
    }
    yield { node, ofResource }
  }
}

/** Pods of each node side by side: those of node `n` from `starts[n]` to `starts[n + 1]`. */
function byNode({ count, node }: Placements, nodeCount: number): { starts: Uint32Array; pods: Uint32Array } {
  const starts = new Uint32Array(nodeCount + 1)
  for (let pod = 0; pod < count; pod += 1)
    starts[(node[pod] ?? 0) + 1] = (starts[(node[pod] ?? 0) + 1] ?? 0) + 1
  for (let place = 0; place < nodeCount; place += 1) {
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0)
  }
  const next = starts.slice()
  const pods = new Uint32Array(count)
  for (let pod = 0; pod < count; pod += 1) {
    const place = node[pod] ?? 0
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

/** Notes the greatest sum within each span. */
function sweep(
  { times, pods }: Changes,
  amounts: Float64Array | undefined,
  { spans, spanSeconds, end }: Spans,
  greatest: Float64Array,
): void {
  let sum = 0
  for (let at = 0; at < times.length; at += 1) {
    const pod = pods[at] ?? 0
    sum +=
      pod < 0
        ? -(amounts === undefined ? 1 : (amounts[~pod] ?? 0))
        : amounts === undefined
          ? 1
          : (amounts[pod] ?? 0)
    const from = times[at] ?? 0
    const to = Math.min(end, times[at + 1] ?? end)
    if (to <= from || sum <= 0) continue
    for (let span = Math.floor(from / spanSeconds); span < spans && span * spanSeconds < to; span += 1) {
      if (sum > (greatest[span] ?? 0)) greatest[span] = sum
    }
  }
}
