import { Bench } from 'tinybench'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  /** `decisions/s`, `MiB`, … */
  readonly unit: string
  readonly isHigherBetter: boolean
  /** Within one round: relative margin of error of the mean (95 %), or how far the slowest of some runs was; in percent. */
  readonly marginPercent: number
  /** What it is measured against, by name of another row, and how often as good it is. */
  readonly against?: { readonly name: string; readonly ratio: number }
  /** What is to be reached, in the unit of the value. */
  readonly wanted?: { readonly atLeast: number; readonly goal: number }
}

/** A case: `run` does `units` units of work each time, and throws when it did not. */
export interface BenchCase {
  readonly name: string
  /** What is done, in the plural. */
  readonly unit: string
  readonly units: number
  run(): void
  /** Name of the case before it that it is measured against. */
  readonly against?: string
}

/** Makes a case just before it is timed, so that its data are not there while others are. */
export type CaseMaker = () => BenchCase

/**
 * Times the cases one after another in processor time of the process, all threads: each for at least half a second, after a
 * fifth of one that does not count.
 */
export async function measure(makers: readonly CaseMaker[]): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const make of makers) {
    const one = make()
    const bench = new Bench({ time: 500, warmupTime: 200, throws: true, now: cpuMilliseconds })
    bench.add(one.name, () => one.run())
    await bench.run()
    const result = bench.tasks[0]?.result
    if (result === undefined || !('throughput' in result)) throw new Error(`${one.name} did not finish`)
    const { mean, rme } = result.throughput
    const value = mean * one.units
    const floor = rows.find((row) => row.name === one.against)
    rows.push({
      name: one.name,
      value,
      unit: `${one.unit}/s`,
      isHigherBetter: true,
      marginPercent: rme,
      ...(floor === undefined ? {} : { against: { name: floor.name, ratio: value / floor.value } }),
    })
  }
  return rows
}

/** Rates of several runs as a row: the best, and how far the worst was from it. */
export function bestOf(name: string, unit: string, rates: readonly number[]): BenchRow {
  const best = Math.max(...rates)
  return {
    name,
    value: best,
    unit: `${unit}/s`,
    isHigherBetter: true,
    marginPercent: (1 - Math.min(...rates) / best) * 100,
  }
}

/** Processor time of this process, user and system, all threads. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
