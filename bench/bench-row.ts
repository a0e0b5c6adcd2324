import { Bench } from 'tinybench'

/** One measured case. */
export interface BenchRow {
  readonly name: string
  readonly unitsPerSecond: number
  readonly unit: string
  /** Relative margin of error of the mean, in percent (95 %). */
  readonly marginPercent: number
}

/** A case: `run` does `units` units of work each time, and throws when it did not. */
export interface BenchCase {
  readonly name: string
  readonly unit: string
  readonly units: number
  run(): void
}

/** Times the cases one after another, each for at least half a second. */
export async function measure(cases: readonly BenchCase[]): Promise<BenchRow[]> {
  const bench = new Bench({ time: 500, warmupTime: 200, throws: true })
  for (const one of cases) bench.add(one.name, () => one.run())
  await bench.run()
  return cases.map((one, index) => {
    const result = bench.tasks[index]?.result
    if (result === undefined || !('throughput' in result)) throw new Error(`${one.name} did not finish`)
    const { mean, rme } = result.throughput
    return { name: one.name, unit: one.unit, unitsPerSecond: mean * one.units, marginPercent: rme }
  })
}
