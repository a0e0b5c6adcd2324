import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import type { Micros } from '../base/time.ts'
import { NO_TIMES, failureRowParser } from './failure-rows.ts'
import type { FailureRow, FailureTraceFormat } from './failure-rows.ts'

/** One outage of a trace: which machine, or what share of all machines, from when, for how long. */
export interface TracedFailure {
  /**
   * Number of the machine in the trace, from 0, in order of appearance; undefined when `share` says how many.
   */
  readonly machine: number | undefined
  /** Share of all machines that are hit, from 0 to 1; undefined when `machine` says which. */
  readonly share: number | undefined
  /** From the first failure of the trace. */
  readonly at: Micros
  readonly span: Micros
}

/** Failures of a trace, and rows of it that are none, by reason. */
export interface FailureTrace {
  /** In order of their start. */
  readonly failures: readonly TracedFailure[]
  readonly machines: number
  readonly skipped: ReadonlyMap<string, number>
}

/**
 * Reads a trace of failures to be replayed: Los Alamos (LA-UR-05-7318, CSV), Grid'5000 (Failure Trace Archive,
 * event_trace.tab) or the Cloud Uptime Archive (opendc, CSV); gzip'd or not. Times are shifted so that the
 * first failure is at 0. A row without an end, or that ends before it starts, cannot be played and is left out.
 *
 * `wanted` takes the failures of one system alone: of Los Alamos its number, of Grid'5000 the site, of the Cloud Uptime
 * Archive the service. Throws `InputError` with file, line and column for a row that is not of the format, and for a system that
 * the trace does not have.
 */
export function readFailureTrace(file: string, format: FailureTraceFormat, wanted?: string): FailureTrace {
  const parse = failureRowParser(format)
  const skipped = new Map<string, number>()
  const machines = new Map<string, number>()
  const systems = new Set<string>()
  const found: { machine: number | undefined; share: number | undefined; at: Micros; span: Micros }[] = []
  let first = Number.POSITIVE_INFINITY
  let number = 0
  for (const line of linesOf(readText(file))) {
    number += 1
    const row = parse(line, { file, line: number })
    if (row === undefined) continue
    if (!('skip' in row)) {
      systems.add(row.system)
      if (wanted !== undefined && row.system !== wanted) continue
    }
    const playable = 'skip' in row ? row : asPlayable(row)
    if ('skip' in playable) {
      skipped.set(playable.skip, (skipped.get(playable.skip) ?? 0) + 1)
      continue
    }
    const { system, machine, share, at, until } = playable
    first = Math.min(first, at)
    const name = machine === undefined ? undefined : `${system}/${machine}`
    found.push({ machine: numberOf(name, machines), share, at, span: until - at })
  }
  if (wanted !== undefined && !systems.has(wanted)) throw unknownSystem(file, wanted, systems)
  for (const failure of found) failure.at -= first
  const failures = found.sort((one, other) => one.at - other.at || (one.machine ?? 0) - (other.machine ?? 0))
  return { failures, machines: machines.size, skipped }
}

/** What is wrong where a system is asked for that a trace does not have. */
export function unknownSystem(file: string, wanted: string, systems: Iterable<string>): InputError {
  return new InputError({
    file,
    message: `has no system ${wanted}`,
    hint: `it has ${[...systems].join(', ')}`,
  })
}

/** The failure with its end, or why it cannot be played. */
function asPlayable(row: FailureRow): (FailureRow & { readonly until: Micros }) | { readonly skip: string } {
  const { share, at, until } = row
  if (until === undefined) return { skip: NO_TIMES }
  return share === undefined && until <= at ? { skip: 'ends before it starts' } : { ...row, until }
}

/** Number of a machine, in order of appearance. */
function numberOf(machine: string | undefined, machines: Map<string, number>): number | undefined {
  if (machine === undefined) return undefined
  const known = machines.get(machine)
  if (known !== undefined) return known
  machines.set(machine, machines.size)
  return machines.size - 1
}

/** The lines of a text one by one, without blanks around them: a trace has hundreds of thousands. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const stop = end === -1 ? text.length : end
    yield text.slice(start, stop).trim()
    start = stop + 1
  }
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    throw unreadable(file)
  }
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    return (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch {
    throw new InputError({ file, message: 'the gzip data is cut short or damaged' })
  }
}
