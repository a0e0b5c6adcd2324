// The pass over the nodes, in AssemblyScript: compiled by `npm run scan-kernel` into scan-kernel.generated.ts.
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
// What the pass finds of a node is never too low, and hardly ever too high; nodes that reach the best are settled by the
// formulas themselves, in doubles. With u = 2^-24, the rounding of a single float: a pod's share of a node is off by 3u of itself
// (amount, reciprocal, product), what a node has by u of it, and what is left is rounded once more. So where a pod fits, a free
// percentage is off by less than 500u and a quarter of one by 125u. Of a balance the pass takes half:
// 75 + (100 - before - tilt) / 2, where half of the tilt is the difference of two such quarters: off by less than 410u with its
// three roundings. The fields hold more than that on top. A pod surely fits with SURE = 1024u to spare, surely does not with as
// much too little; in between the doubles decide. Totals stay below 2^23, so that halves of them are exact.
//
// A total is noted as its negative, -0 for none, and +0 stands for a node that will not do: the sign says who is taken.

const QUAD: usize = 48
const CPU_IDLE: usize = 0
const MEMORY_IDLE: usize = 16
const EVENNESS: usize = 32

const WIDE: usize = 64
const CPU_LEFT: usize = 0
const MEMORY_LEFT: usize = 16
const CPU_SHARE: usize = 32
const MEMORY_SHARE: usize = 48

const CPU: usize = 0
const MEMORY: usize = 8
const CPU_REQUESTED: usize = 16
const MEMORY_REQUESTED: usize = 24
const CPU_NON_ZERO: usize = 32
const MEMORY_NON_ZERO: usize = 40
const BALANCE: usize = 48
const PLACES: usize = 56

const REJECTED: f64 = -1
/** 1024u. */
const SURE: f32 = 6.103515625e-5

/**
 * Where four floats each are kept that are the same for all nodes. The loop reads them from there: what it could work out itself
 * the engine's compiler would work out anew at each step.
 */
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
const QUARTER: usize = 224
/** What the pod takes of a node, where all nodes are of one size. */
const CPU_TAKEN: usize = 240
const MEMORY_TAKEN: usize = 256
/** The lowest of the notes by fours that the pass has come to. */
const LOWEST: usize = 272

let rows: usize = 0
let quads: usize = 0
let wide: usize = 0
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

/**
 * Looks from position `start` on, round the list of `count`, until `limit` nodes are found, and returns the position of the
 * first maximum in heap pre-order; -1 when none was found. At `others` lies what other plugins give each node, a float a
 * position: its negative, or a number too large for any pod where one rejects it. `isPlain` says that all nodes are of one size,
 * and all pods on them count for what they ask for.
 */
export function run(others: usize, count: i32, start: i32, limit: i32, isPlain: bool, isLevel: bool): i32 {
  found = 0
  evaluated = count
  if (count == 0) return -1
  put(ZERO, 0)
  // What is not asked for fits, however little is left.
  put(SURE_CPU, cpuAsked > 0 ? 2 * SURE : 0)
  put(SURE_MEMORY, memoryAsked > 0 ? 2 * SURE : 0)
  put(UNSIGNED, reinterpret<f32>(0x7fffffff))
  put(CPU_ASKED, <f32>(max<f64>(0, cpuAsked)))
  put(MEMORY_ASKED, <f32>(max<f64>(0, memoryAsked)))
  put(CPU_SCORED, <f32>cpuScored)
  put(MEMORY_SCORED, <f32>memoryScored)
  put(HALF_WEIGHT, <f32>(freeWeight / 2))
  put(BALANCE_WEIGHT, <f32>balanceWeight)
  put(QUARTER, 0.25)
  put(LOWEST, 0)
  // Then what scoring counts is left where a pod fits is what it leaves.
  const isLean = isPlain && cpuAsked > 0 && memoryAsked > 0 && cpuScored == cpuAsked && memoryScored == memoryAsked
  v128.store(CPU_TAKEN, f32x4.mul(v128.load(CPU_ASKED), v128.load(wide, CPU_SHARE)))
  v128.store(MEMORY_TAKEN, f32x4.mul(v128.load(MEMORY_ASKED), v128.load(wide, MEMORY_SHARE)))
  const length = (count + 3) >> 2
  const first = start >> 2
  const inside = start & 3
  const firstRow = quads + <usize>first * QUAD
  const pastRows = quads + <usize>length * QUAD
  // A search that starts inside a quad comes to it once more.
  const pastNotes = notes + (<usize>(inside == 0 ? length : length + 1) << 4)
  const ranks = ranksOf(length)
  let row = firstRow
  let other = others + (<usize>first << 4)
  let rank: i32 = 0
  noted = notes
  do {
    if (row == pastRows) {
      row = quads
      other = others
    }
    const before = noted
    // A search that starts inside a quad takes it apart.
    const isApart = row == firstRow && inside > 0
    const end = isApart ? row + QUAD : row < firstRow ? firstRow : pastRows
    const isAligned = ((noted - notes) & 48) == 0
    if (isLean && !isApart && isAligned && row + 4 * QUAD <= end) {
      const past = end - 3 * QUAD
      if (isLevel) rank = lookLevel(row, past, length, rank, limit)
      else rank = lookLean(row, other, past, length, rank, limit)
      row += (noted - before) * (QUAD / 16)
      other += noted - before
      if (noted == pastNotes) break
      if (row == end) continue
    }
    const from = noted
    const ahead = isLean ? min(end, row + 4 * QUAD - ((noted - notes) & 48) * (QUAD / 16)) : end
    look(row, other, ahead, ranks, rank, limit)
    row += (noted - from) * (QUAD / 16)
    other += noted - from
    // The last step may be unsure, begin or end inside its quad, or go beyond the limit.
    const last = noted - 16
    const position = (<i32>(other - others) >> 2) - 4
    if (!isSure) settle(others, position, last)
    if (last == notes) drop(last, 0, inside)
    if (noted == pastNotes && inside > 0) drop(last, inside, 4)
    const rankBefore = load<i32>(ranks + ((last - notes) >> 2))
    rank = rankBefore + popcnt(i32x4.bitmask(v128.load(last)))
    if (rank > limit) {
      // The first node beyond the limit ends the search: it is looked at, and not taken.
      const lane = laneOf(i32x4.bitmask(v128.load(last)), limit - rankBefore)
      drop(last, lane, 4)
      evaluated = (position + lane - start + count) % count
      rank = limit
    }
    noteLowest(from, length)
  } while (noted != pastNotes && evaluated == count)
  found = rank
  return rank == 0 ? -1 : choose(others, first, length)
}

/** Where the next total is noted. */
let noted: usize = 0
/** Whether it is sure which nodes of the last step the pod fits. */
let isSure: bool = true

/**
 * Notes the totals of the quads from `row` up to `end`, and the ranks of their first nodes, counted from `rank`. Ends behind a quad
 * that it is not sure of, or that goes beyond the limit. A function of its own, and offered so that it stays one: around
 * calls the engine's compiler keeps nothing in registers.
 */
export function look(row: usize, other: usize, end: usize, ranks: usize, rank: i32, limit: i32): void {
  const zero = v128.load(ZERO)
  const sureCpu = v128.load(SURE_CPU)
  const sureMemory = v128.load(SURE_MEMORY)
  const unsigned = v128.load(UNSIGNED)
  const cpu = v128.load(CPU_ASKED)
  const memory = v128.load(MEMORY_ASKED)
  const scoredCpu = v128.load(CPU_SCORED)
  const scoredMemory = v128.load(MEMORY_SCORED)
  const quarter = v128.load(QUARTER)
  const firstRank = ranks - (notes >> 2)
  let note = noted
  let more = wide + ((row - quads) / QUAD) * WIDE
  let isClear = true
  do {
    const cpuShare = v128.load(more, CPU_SHARE)
    const memoryShare = v128.load(more, MEMORY_SHARE)
    const cpuIdle = f32x4.sub(v128.load(row, CPU_IDLE), f32x4.mul(cpu, cpuShare))
    const memoryIdle = f32x4.sub(v128.load(row, MEMORY_IDLE), f32x4.mul(memory, memoryShare))
    const fits = v128.and(f32x4.ge(cpuIdle, sureCpu), f32x4.ge(memoryIdle, sureMemory))
    const lacks = i32x4.bitmask(v128.or(cpuIdle, memoryIdle))
    isClear = (lacks ^ 15) == i32x4.bitmask(fits)
    const cpuLeft = f32x4.sub(v128.load(more, CPU_LEFT), f32x4.mul(scoredCpu, cpuShare))
    const memoryLeft = f32x4.sub(v128.load(more, MEMORY_LEFT), f32x4.mul(scoredMemory, memoryShare))
    const cpuPercent = f32x4.floor(f32x4.pmax(zero, cpuLeft))
    const memoryPercent = f32x4.floor(f32x4.pmax(zero, memoryLeft))
    const free = f32x4.add(cpuPercent, memoryPercent)
    const halfTilt = f32x4.mul(v128.and(f32x4.sub(cpuIdle, memoryIdle), unsigned), quarter)
    const balance = f32x4.floor(f32x4.sub(v128.load(row, EVENNESS), halfTilt))
    const freeScore = f32x4.mul(free, v128.load(HALF_WEIGHT))
    const scores = f32x4.add(freeScore, f32x4.mul(balance, v128.load(BALANCE_WEIGHT)))
    const total = v128.and(f32x4.sub(v128.load(other), scores), fits)
    v128.store(note, total)
    store<i32>(firstRank + (note >> 2), rank)
    rank += popcnt(i32x4.bitmask(total))
    row += QUAD
    more += WIDE
    other += 16
    note += 16
    if (!isClear) break
    if (rank > limit) break
  } while (row != end)
  isSure = isClear
  noted = note
}

/**
 * The same for quads by four from `row` on, while they begin before `end`, where all nodes are of one size, and what is counted for
 * a pod is what it asks for. Ends before four that it is not sure of, or that go beyond the limit. The rank behind the last.
 */
export function lookLean(row: usize, other: usize, end: usize, length: i32, rank: i32, limit: i32): i32 {
  return lookByFour(row, other, end, length, rank, limit, false)
}

/** The same where other plugins give no node anything. */
export function lookLevel(row: usize, end: usize, length: i32, rank: i32, limit: i32): i32 {
  return lookByFour(row, 0, end, length, rank, limit, true)
}

// @ts-ignore: AssemblyScript's decorator
@inline
function lookByFour(
  firstRow: usize,
  firstOther: usize,
  end: usize,
  length: i32,
  rankBefore: i32,
  limit: i32,
  isLevel: bool,
): i32 {
  let row = firstRow
  let other = firstOther
  let rank = rankBefore
  const cpu = v128.load(CPU_TAKEN)
  const memory = v128.load(MEMORY_TAKEN)
  const sure = v128.load(SURE_CPU)
  const firstRank = ranksOf(length) - (notes >> 2)
  const firstBlock = blocksOf(length) - (notes >> 2)
  let lowest = v128.load(LOWEST)
  let note = noted
  do {
    const cpu0 = f32x4.sub(v128.load(row, CPU_IDLE), cpu)
    const memory0 = f32x4.sub(v128.load(row, MEMORY_IDLE), memory)
    const least0 = f32x4.pmin(cpu0, memory0)
    const fits0 = f32x4.ge(least0, sure)
    const scores0 = leanScores(cpu0, memory0, v128.load(row, EVENNESS))
    const note0 = isLevel ? f32x4.neg(scores0) : f32x4.sub(v128.load(other), scores0)
    const total0 = v128.and(note0, fits0)
    const cpu1 = f32x4.sub(v128.load(row, CPU_IDLE + QUAD), cpu)
    const memory1 = f32x4.sub(v128.load(row, MEMORY_IDLE + QUAD), memory)
    const least1 = f32x4.pmin(cpu1, memory1)
    const fits1 = f32x4.ge(least1, sure)
    const scores1 = leanScores(cpu1, memory1, v128.load(row, EVENNESS + QUAD))
    const note1 = isLevel ? f32x4.neg(scores1) : f32x4.sub(v128.load(other, 16), scores1)
    const total1 = v128.and(note1, fits1)
    const cpu2 = f32x4.sub(v128.load(row, CPU_IDLE + 2 * QUAD), cpu)
    const memory2 = f32x4.sub(v128.load(row, MEMORY_IDLE + 2 * QUAD), memory)
    const least2 = f32x4.pmin(cpu2, memory2)
    const fits2 = f32x4.ge(least2, sure)
    const scores2 = leanScores(cpu2, memory2, v128.load(row, EVENNESS + 2 * QUAD))
    const note2 = isLevel ? f32x4.neg(scores2) : f32x4.sub(v128.load(other, 32), scores2)
    const total2 = v128.and(note2, fits2)
    const cpu3 = f32x4.sub(v128.load(row, CPU_IDLE + 3 * QUAD), cpu)
    const memory3 = f32x4.sub(v128.load(row, MEMORY_IDLE + 3 * QUAD), memory)
    const least3 = f32x4.pmin(cpu3, memory3)
    const fits3 = f32x4.ge(least3, sure)
    const scores3 = leanScores(cpu3, memory3, v128.load(row, EVENNESS + 3 * QUAD))
    const note3 = isLevel ? f32x4.neg(scores3) : f32x4.sub(v128.load(other, 48), scores3)
    const total3 = v128.and(note3, fits3)
    // As integers without a sign, amounts below zero are above all others.
    const least = i32x4.min_u(i32x4.min_u(least0, least1), i32x4.min_u(least2, least3))
    if (v128.any_true(i32x4.lt_u(least, sure))) break
    const next = rank + popcnt(signsOf(total0, total1, total2, total3))
    if (next > limit) break
    v128.store(note, total0)
    v128.store(note, total1, 16)
    v128.store(note, total2, 32)
    v128.store(note, total3, 48)
    const lowestOfFour = f32x4.pmin(f32x4.pmin(total0, total1), f32x4.pmin(total2, total3))
    v128.store(firstBlock + (note >> 2), lowestOfFour)
    lowest = f32x4.pmin(lowest, lowestOfFour)
    store<i32>(firstRank + (note >> 2), rank)
    rank = next
    row += 4 * QUAD
    other += 64
    note += 64
  } while (row < end)
  v128.store(LOWEST, lowest)
  noted = note
  return rank
}

/** The scores of a quad by what the pod leaves. */
// @ts-ignore: AssemblyScript's decorator
@inline
function leanScores(cpu: v128, memory: v128, evenness: v128): v128 {
  const free = f32x4.add(f32x4.floor(cpu), f32x4.floor(memory))
  const halfTilt = f32x4.mul(v128.and(f32x4.sub(cpu, memory), v128.load(UNSIGNED)), v128.load(QUARTER))
  const balance = f32x4.floor(f32x4.sub(evenness, halfTilt))
  const freeScore = f32x4.mul(free, v128.load(HALF_WEIGHT))
  return f32x4.add(freeScore, f32x4.mul(balance, v128.load(BALANCE_WEIGHT)))
}

/** The signs of the lanes of four quads, a bit each. */
// @ts-ignore: AssemblyScript's decorator
@inline
function signsOf(one: v128, two: v128, three: v128, four: v128): i32 {
  const halves = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(one, two), i16x8.narrow_i32x4_s(three, four))
  return i8x16.bitmask(halves)
}

/** Sets the four floats at a place to a number. */
function put(place: usize, number: f32): void {
  v128.store(place, f32x4.splat(number))
}

/** Notes that some nodes of a step will not do: those of the lanes from one up to another. */
function drop(note: usize, from: i32, to: i32): void {
  for (let lane = from; lane < to; lane++) store<f32>(note + (<usize>lane << 2), 0)
}

/** The lane of the node that `count` others of its quad are taken before. */
function laneOf(taken: i32, count: i32): i32 {
  let left = taken
  for (let i: i32 = 0; i < count; i++) left &= left - 1
  return ctz(left)
}

/** Notes the totals of a quad by the formulas themselves; its first node is at a position. */
function settle(others: usize, position: i32, note: usize): void {
  for (let lane: i32 = 0; lane < 4; lane++) {
    const other = load<f32>(others + (<usize>(position + lane) << 2))
    const isTaken = other <= 0 && fitsAt(position + lane)
    store<f32>(note + (<usize>lane << 2), isTaken ? -<f32>totalAt(position + lane, other) : 0)
  }
}

/** Notes the lowest of each four steps, from the one of a note on, and of all. */
function noteLowest(from: usize, length: i32): void {
  // What is behind the last step is made to move nothing.
  for (let i: usize = 0; i < 3; i++) put(noted + (i << 4), 0)
  let lanes = v128.load(LOWEST)
  for (let note = from - ((from - notes) & 48); note < noted; note += 64) {
    const one = f32x4.pmin(v128.load(note), v128.load(note, 16))
    const other = f32x4.pmin(v128.load(note, 32), v128.load(note, 48))
    const lowest = f32x4.pmin(one, other)
    v128.store(blocksOf(length) + ((note - notes) >> 2), lowest)
    lanes = f32x4.pmin(lanes, lowest)
  }
  v128.store(LOWEST, lanes)
}

/** The lowest note, which is of the highest total. */
function lowestNote(): f32 {
  const lanes = v128.load(LOWEST)
  const first = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1))
  const second = min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3))
  return min<f32>(first, second)
}

/** The highest of the totals that the choice has worked out by the formulas. */
let bestTotal: f64 = REJECTED
let bestPosition: i32 = -1

/** The first maximum in heap pre-order. */
function choose(others: usize, first: i32, length: i32): i32 {
  // Behind the last block.
  store<i32>(ranksOf(length) + (((noted - notes + 63) >> 6) << 4), i32.MAX_VALUE)
  bestTotal = REJECTED
  bestPosition = -1
  // Halves of totals come from the sum of two percentages, which is cut when it has been halved.
  const level = ceil(lowestNote())
  findFirst(others, first, length, level, false)
  const total = totalAt(bestPosition, load<f32>(others + (<usize>bestPosition << 2)))
  if (-total <= <f64>level) return bestPosition
  // Its total was too high, and all that reach the level may be.
  raise(others, first, length)
  findFirst(others, first, length, <f32>-bestTotal, true)
  return bestPosition
}

/**
 * Finds the first node in heap pre-order whose total is what the note `level` says; no total is higher. With places counted from
 * 1, the children of a place are at twice that place and behind it: of each row of the heap only places before those below
 * the best one so far come before it, and the first of them before the rest. Where many are equal, few are looked at.
 */
function findFirst(others: usize, first: i32, length: i32, level: f32, isExact: bool): void {
  const levels = f32x4.splat(level)
  const ranks = ranksOf(length)
  const blocks = blocksOf(length)
  let best: i32 = 0
  let block: i32 = 0
  for (let row: i32 = 1; row <= found && row != best; row <<= 1) {
    const end = best > 0 ? min(best, found + 1) : min(2 * row, found + 1)
    block = blockOf(row - 1, ranks, block)
    while (load<i32>(ranks + (<usize>block << 4)) < end - 1) {
      const isReached = v128.any_true(f32x4.le(v128.load(blocks + (<usize>block << 4)), levels))
      const place = isReached ? firstInBlock(others, block, first, length, row, end, level, isExact) : 0
      if (place > 0) {
        best = place
        break
      }
      block += 1
    }
    best *= 2
  }
}

/** The block of four steps that has the node of a rank, `near` one that is before it or just behind it. */
function blockOf(rank: i32, ranks: usize, near: i32): i32 {
  const ahead = rank - load<i32>(ranks + (<usize>near << 4))
  if (ahead < 0) return near - 1
  // No block has more than 16 nodes.
  let low = near + (ahead >> 4)
  if (load<i32>(ranks + (<usize>low << 4), 16) > rank) return low
  let high = <i32>((noted - notes + 63) >> 6)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const isBehind = load<i32>(ranks + (<usize>middle << 4)) > rank
    high = isBehind ? middle : high
    low = isBehind ? low : middle
  }
  return low
}

/** The first place of a block, from one up to another, whose total is at a level; 0 without one. Keeps the position. */
function firstInBlock(
  others: usize,
  block: i32,
  first: i32,
  length: i32,
  from: i32,
  end: i32,
  level: f32,
  isExact: bool,
): i32 {
  const note = notes + (<usize>block << 6)
  const placesBefore = load<i32>(ranksOf(length) + (<usize>block << 4)) + 1
  const levels = f32x4.splat(level)
  const total0 = v128.load(note)
  const total1 = v128.load(note, 16)
  const total2 = v128.load(note, 32)
  const total3 = v128.load(note, 48)
  const taken = signsOf(total0, total1, total2, total3)
  let left = signsOf(
    f32x4.le(total0, levels),
    f32x4.le(total1, levels),
    f32x4.le(total2, levels),
    f32x4.le(total3, levels),
  )
  // At most as many are before a node as there are lanes.
  left &= taken & (-1 << max(0, from - placesBefore))
  for (; left != 0; left &= left - 1) {
    const lane = ctz(left)
    const place = placesBefore + popcnt(taken & ((1 << lane) - 1))
    if (place < from) continue
    if (place >= end) return 0
    const position = positionOf(4 * block + (lane >> 2), lane & 3, first, length)
    const other = load<f32>(others + (<usize>position << 2))
    if (isExact && -totalAt(position, other) > <f64>level) continue
    bestPosition = position
    return place
  }
  return 0
}

/** Works out whose total is the highest, where it is higher than the best so far. */
function raise(others: usize, first: i32, length: i32): void {
  for (let note = notes; note < noted; note += 16) {
    const higher = f32x4.splat(<f32>(-1 - bestTotal))
    let left = i32x4.bitmask(v128.and(f32x4.le(v128.load(note), higher), v128.load(note)))
    for (; left != 0; left &= left - 1) {
      const position = positionOf(<i32>((note - notes) >> 4), ctz(left), first, length)
      bestTotal = max(bestTotal, totalAt(position, load<f32>(others + (<usize>position << 2))))
    }
  }
}

/** The position of a lane of a step. */
function positionOf(step: i32, lane: i32, first: i32, length: i32): i32 {
  const quad = first + step
  return ((quad < length ? quad : quad - length) << 2) + lane
}

/** Whether the node at a position has room and a place for the pod. */
function fitsAt(position: i32): bool {
  const row = rowOf(position)
  const cpuFree = load<f64>(row, CPU) - load<f64>(row, CPU_REQUESTED)
  const memoryFree = load<f64>(row, MEMORY) - load<f64>(row, MEMORY_REQUESTED)
  return cpuFree >= cpuAsked && memoryFree >= memoryAsked && load<f64>(row, PLACES) >= 1
}

/** The total by the formulas; `other` is what other plugins give the node, as a note. */
function totalAt(position: i32, other: f32): f64 {
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

/** Where the ranks of the first nodes of the steps lie: behind the totals, and three more. */
function ranksOf(length: i32): usize {
  return notes + (<usize>(length + 4) << 4)
}

/** Where the lowest notes of each four steps lie: behind the ranks. */
function blocksOf(length: i32): usize {
  return ranksOf(length) + (<usize>(length + 16) << 2)
}
