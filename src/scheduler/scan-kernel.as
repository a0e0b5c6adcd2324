// The pass over the nodes, in AssemblyScript: compiled by `npm run scan-kernel` into scan-kernel.generated.ts.
//
// Nodes lie in pairs, in the order of the search, 192 bytes a pair, two doubles a field:
//
//     0 cpu free (NaN: takes no pod)   16 memory free      32 cpu free, counted non-zero   48 memory free, counted non-zero
//    64 100 / cpu                      80 100 / memory     96 balance as it stands        112 (nothing)
//   128 cpu                           144 memory          160 cpu requested               176 memory requested
//
// A pair takes three cache lines, of which the pass reads two. What is added before a cut, 1e-13 to a percentage: a product
// with a reciprocal is off by less than 4e-14 at 100, so that one that ought to be an integer does not fall below it; and with
// amounts up to 2^42 one that is no integer is at least 2.2e-13 below the next, so that it does not reach it. 1e-9 to a
// balance: never too low; what may be too high is settled by the formula itself, with divisions.

const PAIR: usize = 192
const CPU_FREE: usize = 0
const MEMORY_FREE: usize = 16
const CPU_LEFT: usize = 32
const MEMORY_LEFT: usize = 48
const CPU_SHARE: usize = 64
const MEMORY_SHARE: usize = 80
const BALANCE: usize = 96
const CPU: usize = 128
const MEMORY: usize = 144
const CPU_REQUESTED: usize = 160
const MEMORY_REQUESTED: usize = 176

const REJECTED: f64 = -1
const BALANCE_SLACK: f64 = 1e-9

let cpuAsked: f64 = 0
let memoryAsked: f64 = 0
let cpuScored: f64 = 0
let memoryScored: f64 = 0
let cpuBalanced: f64 = 0
let memoryBalanced: f64 = 0
let freeWeight: f64 = 0
let balanceWeight: f64 = 0

/** Nodes that the last pass found. */
export let found: i32 = 0
/** Nodes that the last pass looked at. */
export let evaluated: i32 = 0

/** Sets what the pod asks for, and the weights: integers. */
export function ask(
  cpu: f64,
  memory: f64,
  scoredCpu: f64,
  scoredMemory: f64,
  balancedCpu: f64,
  balancedMemory: f64,
  weightOfFree: f64,
  weightOfBalance: f64,
): void {
  cpuAsked = cpu
  memoryAsked = memory
  cpuScored = scoredCpu
  memoryScored = scoredMemory
  cpuBalanced = balancedCpu
  memoryBalanced = balancedMemory
  freeWeight = weightOfFree
  balanceWeight = weightOfBalance
}

/**
 * Looks from position `start` on, round the list of `count`, until `limit` nodes are found, and returns the position of the
 * first maximum in heap pre-order; -1 when none was found. At `others` lies what other plugins give each node, a double a
 * position, negative where one rejects it; at `notes` is room for 24 bytes a pair.
 */
export function run(rows: usize, others: usize, notes: usize, count: i32, start: i32, limit: i32): i32 {
  const zero = f64x2.splat(0)
  const half = f64x2.splat(0.5)
  const slack = f64x2.splat(1e-13)
  const rejected = f64x2.splat(REJECTED)
  const whole = f64x2.splat(100 + BALANCE_SLACK)
  // The score of a balance that stays: 50 + 50 / 2.
  const even = f64x2.splat(75)
  const cpu = f64x2.splat(cpuAsked)
  const memory = f64x2.splat(memoryAsked)
  const scoredCpu = f64x2.splat(cpuScored)
  const scoredMemory = f64x2.splat(memoryScored)
  const balancedCpu = f64x2.splat(cpuBalanced)
  const balancedMemory = f64x2.splat(memoryBalanced)
  const weightOfFree = f64x2.splat(freeWeight)
  const weightOfBalance = f64x2.splat(balanceWeight)
  const pairs = (count + 1) >> 1
  const isInside = (start & 1) == 1
  const steps = pairs + (start & 1)
  const ranks = ranksOf(notes, pairs)
  let highest = rejected
  let pair = start >> 1
  let rank: i32 = 0
  let end: i32 = -1
  let step: i32 = 0
  for (; step < steps && end < 0; step++) {
    const row = rows + <usize>pair * PAIR
    const other = v128.load(others + (<usize>pair << 4))
    const cpuFree = v128.load(row, CPU_FREE)
    const memoryFree = v128.load(row, MEMORY_FREE)
    const cpuShare = v128.load(row, CPU_SHARE)
    const memoryShare = v128.load(row, MEMORY_SHARE)
    const hasRoom = v128.and(f64x2.ge(cpuFree, cpu), f64x2.ge(memoryFree, memory))
    const fits = v128.and(hasRoom, f64x2.ge(other, zero))
    const cpuLeft = f64x2.mul(f64x2.sub(v128.load(row, CPU_LEFT), scoredCpu), cpuShare)
    const memoryLeft = f64x2.mul(f64x2.sub(v128.load(row, MEMORY_LEFT), scoredMemory), memoryShare)
    const cpuPercent = f64x2.floor(f64x2.pmax(zero, f64x2.add(cpuLeft, slack)))
    const memoryPercent = f64x2.floor(f64x2.pmax(zero, f64x2.add(memoryLeft, slack)))
    const free = f64x2.floor(f64x2.mul(f64x2.add(cpuPercent, memoryPercent), half))
    const cpuIdle = f64x2.pmax(zero, f64x2.mul(f64x2.sub(cpuFree, balancedCpu), cpuShare))
    const memoryIdle = f64x2.pmax(zero, f64x2.mul(f64x2.sub(memoryFree, balancedMemory), memoryShare))
    const tilt = f64x2.mul(half, f64x2.abs(f64x2.sub(cpuIdle, memoryIdle)))
    const after = f64x2.floor(f64x2.sub(whole, tilt))
    const gain = f64x2.floor(f64x2.mul(f64x2.sub(after, v128.load(row, BALANCE)), half))
    const scores = f64x2.add(f64x2.mul(free, weightOfFree), f64x2.mul(f64x2.add(gain, even), weightOfBalance))
    let total = v128.bitselect(f64x2.add(other, scores), rejected, fits)
    let mask = i64x2.bitmask(fits)
    if (isInside && step == 0) {
      mask &= 2
      total = f64x2.replace_lane(total, 0, REJECTED)
    } else if (step == pairs) {
      mask &= 1
      total = f64x2.replace_lane(total, 1, REJECTED)
    }
    store<i32>(ranks + (<usize>step << 2), rank)
    const more = popcnt(mask)
    if (rank + more > limit) {
      // The first node beyond the limit ends the search: it is looked at, and not taken.
      const isFirst = rank == limit
      end = (pair << 1) + (isFirst ? 1 - (mask & 1) : 1)
      total = isFirst ? rejected : f64x2.replace_lane(total, 1, REJECTED)
      rank = limit
    } else rank += more
    highest = f64x2.pmax(highest, total)
    v128.store(notes + (<usize>step << 4), total)
    if (++pair == pairs) pair = 0
  }
  found = rank
  evaluated = end < 0 ? count : (end - start + count) % count
  if (rank == 0) return -1
  const top = max(f64x2.extract_lane(highest, 0), f64x2.extract_lane(highest, 1))
  return choose(rows, notes, step, start >> 1, pairs, top)
}

/**
 * Totals of some nodes, by the formula itself: `list` holds for each of them a position, and room for its total behind it,
 * both integers; -1 for a node that will not do.
 */
export function totals(rows: usize, others: usize, list: usize, count: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    const at = list + (<usize>i << 3)
    const position = load<i32>(at)
    store<i32>(at, <i32>totalAt(rows, position, load<f64>(others + (<usize>position << 3))), 4)
  }
}

function totalAt(rows: usize, position: i32, other: f64): f64 {
  const row = rows + <usize>(position >> 1) * PAIR + (<usize>(position & 1) << 3)
  const cpuFree = load<f64>(row, CPU_FREE)
  const memoryFree = load<f64>(row, MEMORY_FREE)
  if (!(cpuFree >= cpuAsked && memoryFree >= memoryAsked && other >= 0)) return REJECTED
  const cpuShare = load<f64>(row, CPU_SHARE)
  const memoryShare = load<f64>(row, MEMORY_SHARE)
  const cpuPercent = floor(max<f64>(0, (load<f64>(row, CPU_LEFT) - cpuScored) * cpuShare + 1e-13))
  const memoryPercent = floor(max<f64>(0, (load<f64>(row, MEMORY_LEFT) - memoryScored) * memoryShare + 1e-13))
  const free = floor((cpuPercent + memoryPercent) * 0.5)
  const cpuIdle = max<f64>(0, (cpuFree - cpuBalanced) * cpuShare)
  const memoryIdle = max<f64>(0, (memoryFree - memoryBalanced) * memoryShare)
  const after = floor(100 + BALANCE_SLACK - 0.5 * abs(cpuIdle - memoryIdle))
  const gain = floor((after - load<f64>(row, BALANCE)) * 0.5)
  return settled(rows, position, other + free * freeWeight + (gain + 75) * balanceWeight)
}

let bestTotal: f64 = REJECTED
let bestRank: i32 = 0
let bestPosition: i32 = -1

/** The first maximum in heap pre-order; `top` is what no total is above. */
function choose(rows: usize, notes: usize, steps: i32, first: i32, pairs: i32, top: f64): i32 {
  let level = top
  bestTotal = REJECTED
  bestRank = 0
  bestPosition = -1
  while (true) {
    const levels = f64x2.splat(level)
    for (let step: i32 = 0; step < steps; step++) {
      const totals = v128.load(notes + (<usize>step << 4))
      if (!v128.any_true(f64x2.ge(totals, levels))) continue
      let pair = first + step
      if (pair >= pairs) pair -= pairs
      const rank = load<i32>(ranksOf(notes, pairs) + (<usize>step << 2))
      const one = f64x2.extract_lane(totals, 0)
      const other = f64x2.extract_lane(totals, 1)
      if (one >= level) consider(rows, pair << 1, rank, one)
      if (other >= level) consider(rows, (pair << 1) + 1, rank + (one >= 0 ? 1 : 0), other)
    }
    // All totals at the top were too high: then the next lower ones may be as good.
    if (bestTotal >= level) return bestPosition
    level = bestTotal
  }
  return bestPosition
}

/** Takes the node at a position if it is better than the best so far, or as good and before it; `bound` is its total at most. */
function consider(rows: usize, position: i32, rank: i32, bound: f64): void {
  if (bound < bestTotal) return
  const isBefore = precedesInHeap(rank, bestRank)
  if (bound == bestTotal && !isBefore) return
  const total = settled(rows, position, bound)
  if (total < bestTotal || (total == bestTotal && !isBefore)) return
  bestTotal = total
  bestRank = rank
  bestPosition = position
}

/** The total with the balance by the formula itself. */
function settled(rows: usize, position: i32, total: f64): f64 {
  if (balanceWeight == 0) return total
  const row = rows + <usize>(position >> 1) * PAIR + (<usize>(position & 1) << 3)
  const cpuIdle = max<f64>(0, (load<f64>(row, CPU_FREE) - cpuBalanced) * load<f64>(row, CPU_SHARE))
  const memoryIdle = max<f64>(0, (load<f64>(row, MEMORY_FREE) - memoryBalanced) * load<f64>(row, MEMORY_SHARE))
  const bound = 100 + BALANCE_SLACK - 0.5 * abs(cpuIdle - memoryIdle)
  const taken = floor(bound)
  if (bound - taken > 2 * BALANCE_SLACK) return total
  const one = share(load<f64>(row, CPU_REQUESTED) + cpuBalanced, load<f64>(row, CPU))
  const other = share(load<f64>(row, MEMORY_REQUESTED) + memoryBalanced, load<f64>(row, MEMORY))
  const exact = floor((1 - abs((one - other) / 2)) * 100)
  const before = load<f64>(row, BALANCE)
  return total - balanceWeight * (floor((taken - before) / 2) - floor((exact - before) / 2))
}

function share(used: f64, whole: f64): f64 {
  return used >= whole ? 1 : used / whole
}

/** Ranks of the first nodes of the pairs, behind their totals. */
function ranksOf(notes: usize, pairs: i32): usize {
  return notes + (<usize>(pairs + 1) << 4)
}

/** See tie-break.ts. */
function precedesInHeap(one: i32, other: i32): bool {
  const first = one + 1
  const second = other + 1
  const deeper = clz(first) - clz(second)
  return deeper >= 0 ? first <= second >> deeper : first >> -deeper < second
}
