// The pass over the nodes, in AssemblyScript: compiled by `npm run scan-kernel` into scan-kernel.generated.ts.

import { choose } from './scan-choice'
import {
  QUAD, CPU_IDLE, MEMORY_IDLE, EVENNESS, WIDE, CPU_LEFT, MEMORY_LEFT, CPU_SHARE, MEMORY_SHARE, SURE, ZERO,
  SURE_CPU, SURE_MEMORY, UNSIGNED, CPU_ASKED, MEMORY_ASKED, CPU_SCORED, MEMORY_SCORED, HALF_WEIGHT,
  BALANCE_WEIGHT, QUARTER, CPU_TAKEN, MEMORY_TAKEN, LOWEST, quads, wide, notes, cpuAsked, memoryAsked,
  cpuScored, memoryScored, freeWeight, balanceWeight, put, fitsAt, totalAt, signsOf, ranksOf, blocksOf,
} from './scan-layout'

export { ask, place } from './scan-layout'

/** Nodes that the last pass found. */
export let found: i32 = 0
/** Nodes that the last pass looked at. */
export let evaluated: i32 = 0

/**
 * Looks from position `start` on, round the list of `count`, until `limit` nodes are found, and returns the position of the
 * first maximum in heap pre-order; -1 when none was found. At `others` lies what other plugins give each node, a float a
 * position: its negative, or a number too large for any pod where one rejects it. `isPlain` says that all nodes are of one size,
 * and all pods on them count for what they ask for; `isLevel`, that other plugins give no node anything.
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
  return rank == 0 ? -1 : choose(others, first, length, rank, noted)
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
@inline
function leanScores(cpu: v128, memory: v128, evenness: v128): v128 {
  const free = f32x4.add(f32x4.floor(cpu), f32x4.floor(memory))
  const halfTilt = f32x4.mul(v128.and(f32x4.sub(cpu, memory), v128.load(UNSIGNED)), v128.load(QUARTER))
  const balance = f32x4.floor(f32x4.sub(evenness, halfTilt))
  const freeScore = f32x4.mul(free, v128.load(HALF_WEIGHT))
  return f32x4.add(freeScore, f32x4.mul(balance, v128.load(BALANCE_WEIGHT)))
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
