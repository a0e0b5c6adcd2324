import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'

import { TABLE_FORMATS } from '../scenario/scenario.ts'
import type { TableFormat } from '../scenario/scenario.ts'

/** Flags of commands that write tables. */
export interface TableFlags {
  readonly tables?: string
}

/** The format that `--format` may name besides those of traces, and that no trace has. */
const PARQUET = 'parquet'

/**
 * Adds `--tables` to a command that writes tables, and has `--format parquet` mean the same as `--tables parquet`: where `--format` is
 * of the trace, it may be given once for each.
 */
export function addTableOptions(command: Command): Command {
  const ofTrace = command.options.find(({ long }) => long === '--format')
  if (ofTrace === undefined) {
    command.addOption(
      new Option('--format <format>', 'form of the tables, as --tables').choices([...TABLE_FORMATS]),
    )
  } else addParquet(ofTrace)
  command.on('option:format', (value: string) => {
    if (ofTrace !== undefined && value !== PARQUET) return
    command.setOptionValue('tables', value)
    // Commander has nothing parsed as an empty text.
    if (command.getOptionValue('format') === '') command.setOptionValue('format', undefined)
  })
  return command.addOption(
    new Option(
      '--tables <list>',
      'forms of the tables: csv, parquet or csv,parquet (default: csv)',
    ).argParser((value: string) => {
      const wrong = wordsOf(value).find((word) => !TABLE_FORMATS.some((format) => format === word))
      if (wrong === undefined) return value
      throw new InvalidArgumentError(`"${wrong}" is neither ${TABLE_FORMATS.join(' nor ')}.`)
    }),
  )
}

function addParquet(ofTrace: Option): void {
  const choices = [...(ofTrace.argChoices ?? []), PARQUET]
  ofTrace.description += '; parquet is the form of the tables, as --tables parquet'
  ofTrace.choices(choices).argParser((value: string, before: string | undefined) => {
    if (!choices.includes(value)) {
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
    }
    return value === PARQUET ? before : value
  })
}

/** The forms that the flags ask for, each once; undefined when they say nothing. */
export function tableFormatsOf({ tables }: TableFlags): readonly TableFormat[] | undefined {
  if (tables === undefined) return undefined
  const words = wordsOf(tables)
  return TABLE_FORMATS.filter((format) => words.includes(format))
}

function wordsOf(list: string): readonly string[] {
  return list.split(',').map((word) => word.trim())
}
