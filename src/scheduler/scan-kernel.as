// The pass over the nodes, in AssemblyScript: compiled by `npm run scan-kernel` into scan-kernel.generated.ts.
//
// Nodes lie twice, in the order of the search. Four by four as single floats, 112 bytes a quad, four floats a field, which is
// all that the pass reads:
//
//     0 25 × cpu free / cpu (NaN: takes no pod; 0 where more is asked for than there is)   16 the same of memory
//    32 100 × cpu free, counted non-zero, / cpu                                            48 the same of memory
//    64 100 / cpu        80 100 / memory        96 75 + (100 - balance as it stands) / 2
//
// And one by one as doubles, 64 bytes a node, a cache line, which says what is exact:
//
//     0 cpu              8 memory              16 cpu requested              24 memory requested
//    32 cpu, non-zero   40 memory, non-zero    48 balance as it stands       56 places for pods left
//
// With u = 2^-24, the rounding of a single float: what the pod asks for, in percent of the node, is off by 3u of itself (the
// amount, the reciprocal, their product), and so is what is left after it by at most 5u of the whole, as far as the pod fits. Of a
// quarter of a percentage, which is at most 25, that is 125u: a pod surely fits with 256u to spare, surely does not with as
// much too little, and in between the doubles say. A free percentage is off by 464u at most, half of a balance by 403u (twice 125u,
// their difference 25u, what it is taken from and the rest 64u each): with the slack that is added to either before it is cut,
// no total is too low. Totals are exact integers below 2^24; those that reach the best are taken again by the formula itself.

const QUAD: usize = 112
const CPU_IDLE: usize = 0
const MEMORY_IDLE: usize = 16
const CPU_LEFT: usize = 32
const MEMORY_LEFT: usize = 48
const CPU_SHARE: usize = 64
const MEMORY_SHARE: usize = 80
const EVENNESS: usize = 96

const CPU: usize = 0
const MEMORY: usize = 8
const CPU_REQUESTED: usize = 16
const MEMORY_REQUESTED: usize = 24
const CPU_NON_ZERO: usize = 32
const MEMORY_NON_ZERO: usize = 40
const BALANCE: usize = 48
const PLACES: usize = 56

const REJECTED: f64 = -1
/** 256u: how much of a quarter of a percentage has to be left, or to be missing, to be sure. */
const SURE: f32 = 1.52587890625e-5

/** Where four floats each are kept that are the same for all nodes. */
const ZERO: usize = 64
const SURE_CPU: usize = 96
const SURE_MEMORY: usize = 80
const UNSIGNED: usize = 112
const CPU_ASKED: usize = 128
const MEMORY_ASKED: usize = 144
const CPU_SCORED: usize = 160
const MEMORY_SCORED: usize = 176
const HALF_WEIGHT: usize = 192
const BALANCE_WEIGHT: usize = 208

/** Where the rows of single nodes lie, the quads, and room for 32 bytes a quad. */
let rows: usize = 0
let quads: usize = 0
let notes: usize = 0

let cpuAsked: f64 = 0
let memoryAsked: f64 = 0
let cpuScored: f64 = 0
let memoryScored: f64 = 0
let freeWeight: f64 = 0
let balanceWeight: f64 = 0

/** Nodes that the last pass found. */
export let found: i32 = 0
/** Nodes that the last pass looked at. */
export let evaluated: i32 = 0

/** Says where the rows of single nodes lie, the quads, and room for 32 bytes a quad. */
export function place(rowsAt: usize, quadsAt: usize, notesAt: usize): void {
  rows = rowsAt
  quads = quadsAt
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

/**
 * Looks from position `start` on, round the list of `count`, until `limit` nodes are found, and returns the position of the
 * first maximum in heap pre-order; -1 when none was found. At `others` lies 1 + what other plugins give each node, a float a
 * position, NaN where one rejects it.
 */
export function run(others: usize, count: i32, start: i32, limit: i32): i32 {
  found = 0
  evaluated = count
  if (count == 0) return -1
  // Through the memory: the compiler of the engine would work out again at each step what it knows how to.
  put(ZERO, 0)
  // What is not asked for fits, however little is left.
  put(SURE_CPU, cpuAsked > 0 ? 2 * SURE : 0)
  put(SURE_MEMORY, memoryAsked > 0 ? 2 * SURE : 0)
  put(UNSIGNED, reinterpret<f32>(0x7fffffff))
  put(CPU_ASKED, <f32>(max<f64>(0, cpuAsked) * 0.25))
  put(MEMORY_ASKED, <f32>(max<f64>(0, memoryAsked) * 0.25))
  put(CPU_SCORED, <f32>cpuScored)
  put(MEMORY_SCORED, <f32>memoryScored)
  put(HALF_WEIGHT, <f32>(freeWeight / 2))
  put(BALANCE_WEIGHT, <f32>balanceWeight)
  const length = (count + 3) >> 2
  const first = start >> 2
  const inside = start & 3
  const firstRow = quads + <usize>first * QUAD
  const pastRows = quads + <usize>length * QUAD
  const ranks = ranksOf(length) - (notes >> 2)
  const pastNotes = notes + (<usize>(inside == 0 ? length : length + 1) << 4)
  let row = firstRow
  let other = others + (<usize>first << 4)
  let rank: i32 = 0
  let last = notes
  pastLooked = notes
  while (true) {
    const looked = pastLooked
    const end = row == firstRow ? row + QUAD : row < firstRow ? firstRow : pastRows
    rank = look(row, other, end, ranks, rank, limit)
    other += pastLooked - looked
    row += (pastLooked - looked) * 7
    last = pastLooked - 16
    const position = <i32>(other - others) / 4 - 4
    // What the last four came to is not counted yet.
    if (!isSure) settle(others, position, last)
    const isLast = pastLooked == pastNotes
    if (last == notes || isLast) leave(last, last == notes ? inside : 0, isLast && inside > 0 ? inside : 4)
    const before = load<i32>(ranks + (last >> 2))
    rank = before + popcnt(i32x4.bitmask(v128.load(last)))
    if (rank > limit) {
      // The first node beyond the limit ends the search: it is looked at, and not taken.
      evaluated = (position + cut(last, limit - before) - start + count) % count
      rank = limit
    }
    if (isLast || evaluated < count) break
    if (row == pastRows) {
      row = quads
      other = others
    }
  }
  found = rank
  if (rank == 0) return -1
  return choose(others, first, length, lowestNote(length))
}

let isSure: bool = true
let pastLooked: usize = 0

/** Looks. Offered so that it stays a loop without calls, whose values stay in registers. */
export function look(rowAt: usize, otherAt: usize, end: usize, ranks: usize, rankAt: i32, limit: i32): i32 {
  const zero = v128.load(ZERO)
  const sureCpu = v128.load(SURE_CPU)
  const sureMemory = v128.load(SURE_MEMORY)
  const unsigned = v128.load(UNSIGNED)
  const cpu = v128.load(CPU_ASKED)
  const memory = v128.load(MEMORY_ASKED)
  const scoredCpu = v128.load(CPU_SCORED)
  const scoredMemory = v128.load(MEMORY_SCORED)
  let row = rowAt
  let other = otherAt
  let note = pastLooked
  let rank = rankAt
  let isClear = true
  do {
    const cpuShare = v128.load(row, CPU_SHARE)
    const memoryShare = v128.load(row, MEMORY_SHARE)
    const cpuIdle = f32x4.sub(v128.load(row, CPU_IDLE), f32x4.mul(cpu, cpuShare))
    const memoryIdle = f32x4.sub(v128.load(row, MEMORY_IDLE), f32x4.mul(memory, memoryShare))
    const fits = v128.and(f32x4.ge(cpuIdle, sureCpu), f32x4.ge(memoryIdle, sureMemory))
    const lacks = i32x4.bitmask(v128.or(cpuIdle, memoryIdle))
    isClear = (lacks ^ 15) == i32x4.bitmask(fits)
    const cpuLeft = f32x4.sub(v128.load(row, CPU_LEFT), f32x4.mul(scoredCpu, cpuShare))
    const memoryLeft = f32x4.sub(v128.load(row, MEMORY_LEFT), f32x4.mul(scoredMemory, memoryShare))
    const cpuPercent = f32x4.floor(f32x4.pmax(zero, cpuLeft))
    const memoryPercent = f32x4.floor(f32x4.pmax(zero, memoryLeft))
    const free = f32x4.add(cpuPercent, memoryPercent)
    const tilt = v128.and(f32x4.sub(cpuIdle, memoryIdle), unsigned)
    const balance = f32x4.floor(f32x4.sub(v128.load(row, EVENNESS), tilt))
    const scores = f32x4.add(
      f32x4.mul(free, v128.load(HALF_WEIGHT)),
      f32x4.mul(balance, v128.load(BALANCE_WEIGHT)),
    )
    const total = v128.and(f32x4.sub(v128.load(other), scores), fits)
    v128.store(note, total)
    store<i32>(ranks + (note >> 2), rank)
    rank += popcnt(i32x4.bitmask(total))
    row += QUAD
    other += 16
    note += 16
    if (!isClear) break
    if (rank > limit) break
  } while (row != end)
  isSure = isClear
  pastLooked = note
  return rank
}

/** Sets the four floats at a place to a number. */
function put(place: usize, number: f32): void {
  v128.store(place, f32x4.splat(number))
}

/** Leaves of the totals of a quad those of some lanes. */
function leave(at: usize, from: i32, to: i32): void {
  for (let lane: i32 = 0; lane < 4; lane++) {
    if (lane < from || lane >= to) store<f32>(at + (<usize>lane << 2), 0)
  }
}

/** Takes the totals of a quad by the formula itself; the first node is at a position. */
function settle(others: usize, position: i32, at: usize): void {
  for (let lane: i32 = 0; lane < 4; lane++) {
    const other = load<f32>(others + (<usize>(position + lane) << 2))
    const isTaken = other < 0 && fitsAt(position + lane)
    store<f32>(at + (<usize>lane << 2), isTaken ? -1 - <f32>totalAt(position + lane, other) : 0)
  }
}

/** The lowest of all totals noted; notes the lowest of each four steps. */
function lowestNote(length: i32): f32 {
  // What is behind the last step is made to move nothing.
  for (let i: usize = 0; i < 3; i++) put(pastLooked + (i << 4), 0)
  let lanes = v128.load(notes)
  let block = blocksOf(length)
  for (let note = notes; note < pastLooked; note += 64) {
    const one = f32x4.pmin(v128.load(note), v128.load(note, 16))
    const other = f32x4.pmin(v128.load(note, 32), v128.load(note, 48))
    const lowest = f32x4.pmin(one, other)
    v128.store(block, lowest)
    lanes = f32x4.pmin(lanes, lowest)
    block += 16
  }
  const first = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1))
  const second = min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3))
  return min<f32>(first, second)
}

/** Takes what is beyond the first `kept` nodes out of the totals of a quad; the lane of the first such. */
function cut(at: usize, kept: i32): i32 {
  let end: i32 = -1
  let seen: i32 = 0
  for (let lane: i32 = 0; lane < 4; lane++) {
    const total = load<f32>(at + (<usize>lane << 2))
    if (!(total < 0)) continue
    seen++
    if (seen <= kept) continue
    if (end < 0) end = lane
    store<f32>(at + (<usize>lane << 2), 0)
  }
  return end
}

let bestTotal: f64 = REJECTED
let bestRank: i32 = 0
let bestPosition: i32 = -1

/** The first maximum in heap pre-order; `top` is what no total is above, 1 added. */
function choose(others: usize, first: i32, length: i32, top: f32): i32 {
  let level = ceil(top)
  bestTotal = REJECTED
  bestRank = 0
  bestPosition = -1
  while (true) {
    const levels = f32x4.splat(level)
    let block = blocksOf(length)
    for (let note = notes; note < pastLooked; note += 64) {
      if (v128.any_true(f32x4.le(v128.load(block), levels))) {
        for (let i: usize = 0; i < 4; i++) chooseOf(others, note + (i << 4), first, length, levels)
      }
      block += 16
    }
    // All totals at the top were too high: then the next lower ones may be as good.
    if (-1 - bestTotal <= <f64>level) return bestPosition
    level = <f32>(-1 - bestTotal)
  }
  return bestPosition
}

/** Takes of the nodes of a step those that reach a level, if they are better than the best so far. */
function chooseOf(others: usize, note: usize, first: i32, length: i32, levels: v128): void {
  const totals = v128.load(note)
  const reached = i32x4.bitmask(f32x4.le(totals, levels))
  if (reached == 0) return
  const taken = i32x4.bitmask(totals)
  const step = <i32>(note - notes) >> 4
  const rank = load<i32>(ranksOf(length) + (<usize>step << 2))
  let quad = first + step
  if (quad >= length) quad -= length
  for (let left = reached; left != 0; left &= left - 1) {
    const lane = ctz(left)
    const bound = floor(-1 - <f64>load<f32>(note + (<usize>lane << 2)))
    consider(others, (quad << 2) + lane, rank + popcnt(taken & ((1 << lane) - 1)), bound)
  }
}

/** Takes the node at a position if it is better than the best so far, or as good and before it; `bound` is its total at most. */
function consider(others: usize, position: i32, rank: i32, bound: f64): void {
  if (bound < bestTotal) return
  const isBefore = precedesInHeap(rank, bestRank)
  if (bound == bestTotal && !isBefore) return
  const total = totalAt(position, load<f32>(others + (<usize>position << 2)))
  if (total < bestTotal || (total == bestTotal && !isBefore)) return
  bestTotal = total
  bestRank = rank
  bestPosition = position
}

/** Whether the node at a position has room and a place for the pod. */
function fitsAt(position: i32): bool {
  const row = rowOf(position)
  const cpuFree = load<f64>(row, CPU) - load<f64>(row, CPU_REQUESTED)
  const memoryFree = load<f64>(row, MEMORY) - load<f64>(row, MEMORY_REQUESTED)
  return cpuFree >= cpuAsked && memoryFree >= memoryAsked && load<f64>(row, PLACES) >= 1
}

/** The total by the formula; `other` is what other plugins give the node, 1 added. */
function totalAt(position: i32, other: f32): f64 {
  const row = rowOf(position)
  const cpu = load<f64>(row, CPU)
  const memory = load<f64>(row, MEMORY)
  let total = -1 - <f64>other
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

/** Ranks of the first nodes of the steps, behind their totals. */
function ranksOf(length: i32): usize {
  return notes + (<usize>(length + 4) << 4)
}

/** Lowest totals of each four steps, behind the ranks. */
function blocksOf(length: i32): usize {
  return ranksOf(length) + (<usize>(length + 16) << 2)
}

/** See tie-break.ts. */
function precedesInHeap(one: i32, other: i32): bool {
  const first = one + 1
  const second = other + 1
  const deeper = clz(first) - clz(second)
  return deeper >= 0 ? first <= second >> deeper : first >> -deeper < second
}
