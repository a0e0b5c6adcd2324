// What the pass over the nodes reads and works with: where it lies, what the pod asks for, and the formulas themselves.
//
// Nodes lie twice, in the order of the search. By fours as single floats, four floats a field; the pass reads these. 48 bytes a
// quad:
//
//     0 100 × cpu free / cpu + SURE, at least SURE; -4000 on a node that takes no pod        16 the same of memory
//    32 75 + (100 - balance as it stands) / 2 + 512u
//
// and 64 bytes a quad elsewhere, not read where all nodes are of one size, and each pod counts for what it asks for:
//
//     0 100 × cpu free, counted non-zero, / cpu + 1024u                                       16 the same of memory
//    32 100 / cpu          48 100 / memory
//
// One by one as doubles, 64 bytes a node, a cache line; they say what is exact:
//
//     0 cpu              8 memory              16 cpu requested              24 memory requested
//    32 cpu, non-zero   40 memory, non-zero    48 balance as it stands       56 places for pods left
//
// What the pass finds of a node is never too low, and hardly ever too high; the best is settled by the formulas
// themselves, in doubles. With u = 2^-24, the rounding of a single float: a pod's share of a node is off by 3u of itself
// (amount, reciprocal, product), what a node has by u of it, and what is left is rounded once more. So where a pod fits, a free
// percentage is off by less than 500u and a quarter of one by 125u. Of a balance the pass takes half:
// 75 + (100 - before - tilt) / 2, where half of the tilt is the difference of two such quarters: off by less than 410u with its
// three roundings. The fields hold more than that on top. A pod surely fits with SURE = 1024u to spare, surely does not with as
// much too little; in between the doubles decide. Totals stay below 2^23, so that halves of them are exact.
//
// A total is noted as its negative, -0 for none, and +0 stands for a node that will not do: the sign says who is taken.

export const QUAD: usize = 48
export const CPU_IDLE: usize = 0
export const MEMORY_IDLE: usize = 16
export const EVENNESS: usize = 32

export const WIDE: usize = 64
export const CPU_LEFT: usize = 0
export const MEMORY_LEFT: usize = 16
export const CPU_SHARE: usize = 32
export const MEMORY_SHARE: usize = 48

export const CPU: usize = 0
export const MEMORY: usize = 8
export const CPU_REQUESTED: usize = 16
export const MEMORY_REQUESTED: usize = 24
export const CPU_NON_ZERO: usize = 32
export const MEMORY_NON_ZERO: usize = 40
export const BALANCE: usize = 48
export const PLACES: usize = 56

/** 1024u. */
export const SURE: f32 = 6.103515625e-5

/**
 * Where four floats each are kept that are the same for all nodes. The loop reads them from there: what it could work out itself
 * the engine's compiler would work out anew at each step.
 */
export const ZERO: usize = 64
export const SURE_CPU: usize = 96
export const SURE_MEMORY: usize = 80
export const UNSIGNED: usize = 112
export const CPU_ASKED: usize = 128
export const MEMORY_ASKED: usize = 144
export const CPU_SCORED: usize = 160
export const MEMORY_SCORED: usize = 176
export const HALF_WEIGHT: usize = 192
export const BALANCE_WEIGHT: usize = 208
export const QUARTER: usize = 224
/** What the pod takes of a node, where all nodes are of one size. */
export const CPU_TAKEN: usize = 240
export const MEMORY_TAKEN: usize = 256
/** The lowest of the notes by fours that the pass has come to. */
export const LOWEST: usize = 272

export let rows: usize = 0
export let quads: usize = 0
export let wide: usize = 0
export let notes: usize = 0

export let cpuAsked: f64 = 0
export let memoryAsked: f64 = 0
export let cpuScored: f64 = 0
export let memoryScored: f64 = 0
export let freeWeight: f64 = 0
export let balanceWeight: f64 = 0

/** Says where the rows of single nodes lie, the quads, what else there is of them, and room for 32 bytes a quad. */
export function place(rowsAt: usize, quadsAt: usize, wideAt: usize, notesAt: usize): void {
  rows = rowsAt
  quads = quadsAt
  wide = wideAt
  notes = notesAt
}

/** Sets what the pod asks for, -Infinity for nothing, what scoring by free shares counts for it, and the weights: integers. */
export function ask(
  cpu: f64,
  memory: f64,
  scoredCpu: f64,
  scoredMemory: f64,
  weightOfFree: f64,
  weightOfBalance: f64,
): void {
  cpuAsked = cpu
  memoryAsked = memory
  cpuScored = scoredCpu
  memoryScored = scoredMemory
  freeWeight = weightOfFree
  balanceWeight = weightOfBalance
}

/** Sets the four floats at a place to a number. */
export function put(place: usize, number: f32): void {
  v128.store(place, f32x4.splat(number))
}

/** Whether the node at a position has room and a place for the pod. */
export function fitsAt(position: i32): bool {
  const row = rowOf(position)
  const cpuFree = load<f64>(row, CPU) - load<f64>(row, CPU_REQUESTED)
  const memoryFree = load<f64>(row, MEMORY) - load<f64>(row, MEMORY_REQUESTED)
  return cpuFree >= cpuAsked && memoryFree >= memoryAsked && load<f64>(row, PLACES) >= 1
}

/** The total by the formulas; `other` is what other plugins give the node, as a note. */
export function totalAt(position: i32, other: f32): f64 {
  const row = rowOf(position)
  const cpu = load<f64>(row, CPU)
  const memory = load<f64>(row, MEMORY)
  let total = -<f64>other
  if (freeWeight > 0) {
    const cpuPercent = freePercent(cpu - load<f64>(row, CPU_NON_ZERO) - cpuScored, cpu)
    const memoryPercent = freePercent(memory - load<f64>(row, MEMORY_NON_ZERO) - memoryScored, memory)
    total += freeWeight * floor((cpuPercent + memoryPercent) / 2)
  }
  if (balanceWeight > 0) {
    const one = share(load<f64>(row, CPU_REQUESTED) + max<f64>(0, cpuAsked), cpu)
    const other = share(load<f64>(row, MEMORY_REQUESTED) + max<f64>(0, memoryAsked), memory)
    const after = floor((1 - abs((one - other) / 2)) * 100)
    total += balanceWeight * (75 + floor((after - load<f64>(row, BALANCE)) / 2))
  }
  return total
}

function freePercent(left: f64, whole: f64): f64 {
  return left > 0 ? floor((left * 100) / whole) : 0
}

function share(used: f64, whole: f64): f64 {
  return used >= whole ? 1 : used / whole
}

function rowOf(position: i32): usize {
  return rows + (<usize>position << 6)
}

/** The signs of the lanes of four quads, a bit each. */
@inline
export function signsOf(one: v128, two: v128, three: v128, four: v128): i32 {
  const halves = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(one, two), i16x8.narrow_i32x4_s(three, four))
  return i8x16.bitmask(halves)
}

/** Where the ranks of the first nodes of the steps lie: behind the totals, and three more. */
export function ranksOf(length: i32): usize {
  return notes + (<usize>(length + 4) << 4)
}

/** Where the lowest notes of each four steps lie: behind the ranks. */
export function blocksOf(length: i32): usize {
  return ranksOf(length) + (<usize>(length + 16) << 2)
}
