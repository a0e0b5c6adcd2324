/** Whether the first `count` machines of an order hold the workload; undefined when it was interrupted. */
export type FitsOn = (count: number) => Promise<boolean | undefined>

/** Where compaction ends. */
export interface CompactSearch {
  /** Fewest machines found; undefined when the whole order holds too little. */
  readonly machines: number | undefined
  /** Numbers of machines that were tried. */
  readonly tried: number
  /** Numbers of machines near the answer at which fitting was not monotone. */
  readonly anomalies: number
}

/** How it is looked for. */
export interface SearchRange {
  /** Proven: no packing needs fewer. */
  readonly bound: number
  /** Machines that there are. */
  readonly most: number
  /** Neighbours above the answer that are looked at besides. */
  readonly verified: number
}

/** Parts of the bound that the first step up from it is. */
const FIRST_STEP = 128

/**
 * Finds where removing machines one by one ends: `count` fits and `count - 1` does not. Undefined when it was interrupted.
 *
 * Up from the bound in steps that double, then by bisection. Fitting is nearly, but not wholly, monotone: a scheduler may fail with a machine
 * more. So the `verified` next numbers above are tried too; one that does not fit is where removal would have ended, and the search goes on
 * above it. The next number below that fits again is counted, not taken.
 */
export async function searchFewest(fits: FitsOn, range: SearchRange): Promise<CompactSearch | undefined> {
  const { bound, most, verified } = range
  const known = new Map<number, boolean>()
  const ask = async (count: number): Promise<boolean | undefined> => {
    const before = known.get(count)
    if (before !== undefined) return before
    const answer = await fits(count)
    if (answer !== undefined) known.set(count, answer)
    return answer
  }
  let failing = bound - 1
  let anomalies = 0
  for (;;) {
    const fitting = await bracketed(ask, failing, most)
    if (fitting === undefined) return undefined
    if (fitting === 'none') return { machines: undefined, tried: known.size, anomalies }
    const machines = await bisected(ask, fitting.failing, fitting.fits)
    if (machines === undefined) return undefined
    let higher: number | undefined
    for (let count = machines + 1; count <= Math.min(most, machines + verified); count++) {
      const answer = await ask(count)
      if (answer === undefined) return undefined
      if (!answer) higher = count
    }
    if (higher === undefined) {
      const isBelow = verified > 0 && machines - 2 >= bound ? await ask(machines - 2) : false
      if (isBelow === undefined) return undefined
      return { machines, tried: known.size, anomalies: anomalies + (isBelow ? 1 : 0) }
    }
    anomalies += 1
    failing = higher
  }
}

/** Numbers, the lower of which fails and the higher fits, in steps that double. */
async function bracketed(
  ask: FitsOn,
  failed: number,
  most: number,
): Promise<{ readonly failing: number; readonly fits: number } | 'none' | undefined> {
  let failing = failed
  let step = Math.max(1, Math.round((failed + 1) / FIRST_STEP))
  while (failing < most) {
    const count = Math.min(most, failing + step)
    const answer = await ask(count)
    if (answer === undefined) return undefined
    if (answer) return { failing, fits: count }
    failing = count
    step *= 2
  }
  return 'none'
}

async function bisected(ask: FitsOn, failed: number, fitted: number): Promise<number | undefined> {
  let failing = failed
  let fitting = fitted
  while (fitting - failing > 1) {
    const count = Math.floor((failing + fitting) / 2)
    const answer = await ask(count)
    if (answer === undefined) return undefined
    if (answer) fitting = count
    else failing = count
  }
  return fitting
}
