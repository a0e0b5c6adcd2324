import { HOUR } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { LineStream } from '../../workload/line-stream.ts'
import { failureRowParser } from '../failure-rows.ts'
import type { FailureRow, FailureTraceFormat } from '../failure-rows.ts'

/** All failures of one system of a trace. */
export interface SystemHistory {
  readonly system: string
  /** Starts of all failures, in ascending order. */
  readonly starts: readonly Micros[]
  /** Starts by machine, each in ascending order; empty where the trace tells shares of machines. */
  readonly machines: ReadonlyMap<string, readonly Micros[]>
  /** Repair times in hours, of the rows that tell one. */
  readonly repairHours: readonly number[]
  /** Failures by what was blamed, the most first; `none given` for the rows without. */
  readonly causes: ReadonlyMap<string, number>
  /** Mean share of all machines that failed at once; undefined where the trace names machines. */
  readonly meanShare: number | undefined
}

/** A trace of failures by system, in order of their names, numbers by their value. */
export interface FailureHistory {
  readonly systems: readonly SystemHistory[]
  /** Rows that are no failure, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

interface Gathered {
  readonly starts: Micros[]
  readonly machines: Map<string, Micros[]>
  readonly repairHours: number[]
  readonly causes: Map<string, number>
  shares: number
}

/** Reads the history of a failure trace line by line, gzip'd or not; the file is never held whole. */
export async function readFailureHistory(file: string, format: FailureTraceFormat): Promise<FailureHistory> {
  const parse = failureRowParser(format)
  const systems = new Map<string, Gathered>()
  const skipped = new Map<string, number>()
  let number = 0
  for await (const lines of new LineStream(file).chunks()) {
    for (const line of lines) {
      number += 1
      const row = parse(line.trim(), { file, line: number })
      if (row === undefined) continue
      if ('skip' in row) skipped.set(row.skip, (skipped.get(row.skip) ?? 0) + 1)
      else gather(systems, row)
    }
  }
  const names = [...systems.keys()].toSorted(
    (one, other) => Number(one) - Number(other) || (one < other ? -1 : 1),
  )
  return { systems: names.map((name) => historyOf(name, systems.get(name) ?? nothing())), skipped }
}

function nothing(): Gathered {
  return { starts: [], machines: new Map(), repairHours: [], causes: new Map(), shares: 0 }
}

function gather(systems: Map<string, Gathered>, row: FailureRow): void {
  let system = systems.get(row.system)
  if (system === undefined) {
    system = nothing()
    systems.set(row.system, system)
  }
  system.starts.push(row.at)
  const cause = row.cause ?? 'none given'
  system.causes.set(cause, (system.causes.get(cause) ?? 0) + 1)
  if (row.repair !== undefined && row.repair >= 0) system.repairHours.push(row.repair / HOUR)
  if (row.machine === undefined) system.shares += row.share ?? 0
  else {
    const machine = system.machines.get(row.machine)
    if (machine === undefined) system.machines.set(row.machine, [row.at])
    else machine.push(row.at)
  }
}

function historyOf(system: string, gathered: Gathered): SystemHistory {
  const { starts, machines, repairHours, causes, shares } = gathered
  starts.sort(ascending)
  for (const own of machines.values()) own.sort(ascending)
  const byCount = [...causes].toSorted(
    ([one, count], [other, more]) => more - count || (one < other ? -1 : 1),
  )
  return {
    system,
    starts,
    machines,
    repairHours,
    causes: new Map(byCount),
    meanShare: machines.size > 0 ? undefined : shares / starts.length,
  }
}

function ascending(one: number, other: number): number {
  return one - other
}
