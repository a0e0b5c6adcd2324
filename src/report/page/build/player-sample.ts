import type { RunNodes } from './node-rows.ts'
import type { Placements } from './placements.ts'

/** Pods that a player shows at most. */
export const PLAYER_PODS_MAX = 200_000
/** Nodes that a player shows at most. */
export const PLAYER_NODES_MAX = 10_000

/**
 * Pods to show, in order of binding, and at equal times of pods.csv. Of more than there is room for: a quarter of the room
 * for those that ask for most (by their greatest share of the largest node), a quarter for those that were on their nodes
 * longest, and the rest evenly over the order of binding. So neither the largest nor the longest is left out.
 */
export function samplePods(
  placements: Placements,
  nodes: RunNodes,
  end: number,
  room = PLAYER_PODS_MAX,
): Uint32Array {
  const { count, boundAt, endedAt } = placements
  const order = Uint32Array.from({ length: count }, (_, pod) => pod).sort(
    // Two that were never bound differ by NaN.
    (one, other) => (boundAt[one] ?? 0) - (boundAt[other] ?? 0) || one - other,
  )
  if (count <= room) return order
  const isKept = new Uint8Array(count)
  const quarter = Math.floor(room / 4)
  keepGreatest(sizes(placements, nodes), order, quarter, isKept)
  const spans = Float64Array.from(order, () => 0)
  for (let pod = 0; pod < count; pod += 1) {
    spans[pod] = Math.max(0, Math.min(end, endedAt[pod] ?? 0) - (boundAt[pod] ?? 0))
  }
  keepGreatest(spans, order, quarter, isKept)
  const rest = order.filter((pod) => isKept[pod] === 0)
  const more = room - (count - rest.length)
  for (let place = 0; place < more; place += 1) {
    isKept[rest[Math.floor((place * rest.length) / more)] ?? 0] = 1
  }
  return order.filter((pod) => isKept[pod] === 1)
}

function sizes({ count, cpu, memory, gpu }: Placements, { capacity }: RunNodes): Float64Array {
  const wholes = [capacity.cpu, capacity.memory, capacity.gpu].map((amounts) =>
    amounts.reduce((one, other) => Math.max(one, other), 1),
  )
  const size = new Float64Array(count)
  for (let pod = 0; pod < count; pod += 1) {
    size[pod] = Math.max(
      (cpu[pod] ?? 0) / (wholes[0] ?? 1),
      (memory[pod] ?? 0) / (wholes[1] ?? 1),
      (gpu[pod] ?? 0) / (wholes[2] ?? 1),
    )
  }
  return size
}

/** Keeps so many more of the greatest that are not kept yet; of equal ones those that were bound first. */
function keepGreatest(values: Float64Array, order: Uint32Array, room: number, isKept: Uint8Array): void {
  const sorted = order
    .filter((pod) => isKept[pod] === 0)
    .sort((one, other) => (values[other] ?? 0) - (values[one] ?? 0))
  for (const pod of sorted.subarray(0, room)) isKept[pod] = 1
}

/** Nodes to show, by place: of more than there is room for, those whose machines went down, then those with most pods. */
export function sampleNodes(
  { names, crashes }: RunNodes,
  { node }: Placements,
  room = PLAYER_NODES_MAX,
): Uint32Array {
  const all = Uint32Array.from({ length: names.length }, (_, place) => place)
  if (names.length <= room) return all
  const pods = new Uint32Array(names.length)
  for (const place of node) if (place < names.length) pods[place] = (pods[place] ?? 0) + 1
  return all
    .sort(
      (one, other) => (crashes[other] ?? 0) - (crashes[one] ?? 0) || (pods[other] ?? 0) - (pods[one] ?? 0),
    )
    .subarray(0, room)
    .sort()
}
