import { readFileSync } from 'node:fs'

import { InputError } from '../base/errors.ts'
import { isDirectory, unreadable } from '../base/unreadable.ts'
import { writeOutput } from '../report/output-file.ts'
import { openRuns } from '../report/query/open-runs.ts'
import type { QueryResult } from '../report/query/plain-value.ts'
import { resultCsv, resultJson, resultMarkdown, resultTable } from '../report/query/result-text.ts'
import { countNumber } from './flag-number.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import type { ANSWER_FORMATS } from './query.ts'
import { refuseTakenFile } from './taken-file.ts'

type AnswerFormat = (typeof ANSWER_FORMATS)[number]

/** Flags of `stowage query`. */
export interface QueryFlags {
  readonly file?: string
  readonly tables?: boolean
  readonly format: AnswerFormat
  readonly json?: boolean
  readonly quiet?: boolean
  readonly out?: string
  readonly force?: boolean
  readonly workers: string
}

/** Standard input, as a file. */
const STANDARD_INPUT = 0

/** Answers a query over the tables of runs; returns the exit status. */
export async function queryRuns(words: readonly string[], flags: QueryFlags, io: CommandIo): Promise<number> {
  const { places, sql } = askedOf(words, flags)
  const format = flags.json === true ? 'json' : flags.format
  if (format === 'parquet' && flags.out === undefined) {
    throw new InputError({ field: '--format', message: 'parquet is no text', hint: 'give --out FILE' })
  }
  if (flags.out !== undefined) refuseTakenFile(flags.out, flags.force === true)
  const threads = countNumber('--workers', flags.workers, 1024)
  return interruptible(async (signal) => {
    const runs = await openRuns(places, threads)
    const interrupt = (): void => runs.interrupt()
    signal.addEventListener('abort', interrupt)
    try {
      const result = sql === undefined ? await runs.tables() : await runs.query(sql)
      // A table is what is said in words; another form was asked for.
      const isSaid = flags.quiet !== true || format !== 'table' || flags.out !== undefined
      if (isSaid) await answer(result, format, flags.out, io)
      return EXIT.done
    } catch (error) {
      if (!signal.aborted) throw error
      io.stderr.write('interrupted: there is no answer\n')
      return EXIT.interrupted
    } finally {
      signal.removeEventListener('abort', interrupt)
      runs.close()
    }
  })
}

interface Asked {
  readonly places: readonly string[]
  /** Undefined lists the tables. */
  readonly sql: string | undefined
}

/** The directories and the SQL among the words: the last word, unless it comes from elsewhere. */
function askedOf(words: readonly string[], flags: QueryFlags): Asked {
  if (flags.tables === true) return { places: words, sql: undefined }
  if (flags.file !== undefined) return { places: words, sql: statementIn(readSql(flags.file)) }
  const last = words.at(-1) ?? ''
  const places = words.slice(0, -1)
  if (isDirectory(last)) throw withoutSql()
  if (places.length === 0) {
    throw new InputError({ message: 'there is no run to ask', hint: 'give its directory before the SQL' })
  }
  return { places, sql: statementIn(last === '-' ? readSql(STANDARD_INPUT) : last) }
}

/** The SQL, which has to say something: DuckDB has no message for an empty text. */
function statementIn(sql: string): string {
  if (sql.trim() === '') throw withoutSql()
  return sql
}

function withoutSql(): InputError {
  return new InputError({
    message: 'there is no SQL',
    hint: 'give it as the last word, in quotes, by --file or by -; --tables lists what can be asked',
  })
}

function readSql(file: string | number): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw unreadable(String(file))
  }
}

const TEXTS: Readonly<Record<Exclude<AnswerFormat, 'parquet'>, (result: QueryResult) => string>> = {
  table: resultTable,
  csv: resultCsv,
  json: resultJson,
  markdown: resultMarkdown,
}

async function answer(
  result: QueryResult,
  format: AnswerFormat,
  file: string | undefined,
  io: CommandIo,
): Promise<void> {
  if (format !== 'parquet') {
    const text = TEXTS[format](result)
    if (file === undefined) io.stdout.write(text)
    else writeOutput(file, text)
    return
  }
  const { writeResultParquet } = await import('../report/query/result-parquet.ts')
  writeResultParquet(result, file ?? '')
}
