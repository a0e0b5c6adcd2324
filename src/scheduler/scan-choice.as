// The choice among the nodes that the pass found, by what it noted of them: the first maximum in heap pre-order.

import { LOWEST, notes, totalAt, signsOf, ranksOf, blocksOf } from './scan-layout'

/**
 * Where it lies what other plugins give the nodes, the quad that the search began with, how many quads there are, nodes found, and
 * where the notes end.
 */
let others: usize = 0
let firstQuad: i32 = 0
let length: i32 = 0
let found: i32 = 0
let noted: usize = 0

/** The lowest note, which is of the highest total. */
function lowestNote(): f32 {
  const lanes = v128.load(LOWEST)
  const first = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1))
  const second = min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3))
  return min<f32>(first, second)
}

/** The highest of the totals that the choice has worked out by the formulas. */
let bestTotal: f64 = -1
let bestPosition: i32 = -1

/** The first maximum in heap pre-order. */
export function choose(othersAt: usize, startsAt: i32, quadCount: i32, foundCount: i32, notesEnd: usize): i32 {
  others = othersAt
  firstQuad = startsAt
  length = quadCount
  found = foundCount
  noted = notesEnd
  // Behind the last block.
  store<i32>(ranksOf(length) + (((noted - notes + 63) >> 6) << 4), i32.MAX_VALUE)
  bestTotal = -1
  bestPosition = -1
  // Halves of totals come from the sum of two percentages, which is cut when it has been halved.
  const level = ceil(lowestNote())
  findFirst(level, false)
  const total = totalOf(bestPosition)
  if (-total <= <f64>level) return bestPosition
  // Its total was too high, and all that reach the level may be.
  raise()
  findFirst(<f32>-bestTotal, true)
  return bestPosition
}

/**
 * Finds the first node in heap pre-order whose total is what the note `level` says; no total is higher. With places counted from
 * 1, the children of a place are at twice that place and behind it: of each row of the heap only places before those below
 * the best one so far come before it, and the first of them before the rest. Where many are equal, few are looked at.
 */
function findFirst(level: f32, isExact: bool): void {
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
      const place = isReached ? firstInBlock(block, row, end, level, isExact) : 0
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
function firstInBlock(block: i32, from: i32, end: i32, level: f32, isExact: bool): i32 {
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
    const position = positionOf(4 * block + (lane >> 2), lane & 3)
    if (isExact && -totalOf(position) > <f64>level) continue
    bestPosition = position
    return place
  }
  return 0
}

/** Works out whose total is the highest, where it is higher than the best so far. */
function raise(): void {
  for (let note = notes; note < noted; note += 16) {
    const higher = f32x4.splat(<f32>(-1 - bestTotal))
    let left = i32x4.bitmask(v128.and(f32x4.le(v128.load(note), higher), v128.load(note)))
    for (; left != 0; left &= left - 1) {
      const position = positionOf(<i32>((note - notes) >> 4), ctz(left))
      bestTotal = max(bestTotal, totalOf(position))
    }
  }
}

/** The position of a lane of a step. */
function positionOf(step: i32, lane: i32): i32 {
  const quad = firstQuad + step
  return ((quad < length ? quad : quad - length) << 2) + lane
}

function totalOf(position: i32): f64 {
  return totalAt(position, load<f32>(others + (<usize>position << 2)))
}
