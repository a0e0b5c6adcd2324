/**
 * All benches but the long ones, or those named.
 *
 *     npm run bench [-- NAME …] [-- --rounds N] [-- --json FILE] [-- --compare BASE.json] [-- --list]
 *
 * Each round is a process of its own, so that the spread between rounds is that of whole runs. Absolute rates mean little on a
 * shared machine: compare two runs made one after the other.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import type { BenchRow } from './bench-row.ts'
import { summaryOf, tableOf } from './summary.ts'
import type { BenchSummary } from './summary.ts'
import { SUITES } from './suites.ts'

const ROUNDS = '3'
/** Bad input, as of the command line of stowage. */
const BAD_INPUT = 2

const USAGE = `usage: npm run bench [-- NAME …] [-- OPTIONS]

All benches but the long ones, or those named.

Options:
  --list               print the names
  --rounds N           rounds of all of them, each in a process of its own (default: ${ROUNDS})
  --json FILE          keep the result
  --compare BASE.json  compare with an earlier one
  --help               print this
`

const { values, positionals } = commandLine()

if (values.help) process.stdout.write(USAGE)
else await bench()

/** What was asked for; an option that is none ends the command in one line. */
function commandLine() {
  try {
    return parseArgs({
      options: {
        rounds: { type: 'string', default: ROUNDS },
        json: { type: 'string' },
        compare: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        /** Where one round of many leaves its rows. */
        round: { type: 'string' },
      },
      allowPositionals: true,
    })
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)} (see npm run bench -- --help)`)
  }
}

/** Lists, runs one round, or runs all rounds. */
async function bench(): Promise<void> {
  if (values.list) {
    for (const [name, { isLong }] of Object.entries(SUITES)) {
      process.stdout.write(`${name}${isLong ? '  (only when named)' : ''}\n`)
    }
  } else if (values.round === undefined) {
    summarize()
  } else {
    const rows: BenchRow[] = []
    for (const name of positionals) {
      process.stderr.write(`  ${name}\n`)
      rows.push(...((await SUITES[name]?.rows()) ?? []))
    }
    writeFileSync(values.round, JSON.stringify(rows))
  }
}

/** Runs the rounds, tells, keeps and compares them. */
function summarize(): void {
  const rounds = Number(values.rounds)
  const unknown = positionals.find((name) => SUITES[name] === undefined)
  if (unknown !== undefined)
    refuse(`no bench is named ${unknown}: there are ${Object.keys(SUITES).join(', ')}`)
  if (!Number.isInteger(rounds) || rounds < 1) refuse(`--rounds: is ${values.rounds}; expected 1 or more`)
  const base = values.compare === undefined ? undefined : readSummary(values.compare)
  const shorts = Object.keys(SUITES).filter((name) => SUITES[name]?.isLong === false)
  const names = positionals.length === 0 ? shorts : positionals
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: availableParallelism() }
  const summary = summaryOf(
    Array.from({ length: rounds }, (_, index) => roundOf(names, index, rounds)),
    machine,
  )
  process.stdout.write(`${tableOf(summary, base).join('\n')}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(summary, undefined, 2)}\n`)
}

function roundOf(names: readonly string[], index: number, rounds: number): readonly BenchRow[] {
  process.stderr.write(`round ${index + 1} of ${rounds}\n`)
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'))
  const file = path.join(folder, 'rows.json')
  try {
    const words = [...process.execArgv, fileURLToPath(import.meta.url), '--round', file, ...names]
    const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' })
    if (status !== 0) process.exit(status ?? 1)
    return JSON.parse(readFileSync(file, 'utf8')) as readonly BenchRow[]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readSummary(file: string): BenchSummary {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as BenchSummary
    if (!Array.isArray(read.rows)) throw new Error('it has no rows')
    return read
  } catch (error) {
    return refuse(`${file}: is no result of an earlier run (${error instanceof Error ? error.message : ''})`)
  }
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(BAD_INPUT)
}
