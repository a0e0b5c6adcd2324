import { InputError } from '../base/errors.ts'
import type { TraceTask } from './trace-task.ts'

/** What a format is opened with. */
export interface FormatSetting {
  readonly file: string
  /** The machine that normalised requests are shares of: millicores and bytes. */
  readonly machine: { readonly cpu: number; readonly memory: number }
  /** Settings of the format's own, by name. */
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** Says something of the trace that a reader should know. */
  readonly warn: (message: string) => void
}

/** What a line came to: tasks, or why it is none (counted and told; undefined for headers and comments). */
export type LineResult = readonly TraceTask[] | { readonly skip: string } | undefined

/**
 * Reads a trace line by line. Throws `InputError` for a line that is not of the format. `beside` is the line of the
 * same number in the file that the format names by `companion`; undefined without one or past its end.
 */
export type LineReader = (line: string, lineNumber: number, beside?: string) => LineResult

/** A native trace format. */
export interface TraceFormat {
  readonly name: string
  /** Whether its traces come in order of arrival; others go through a sort. */
  readonly isSorted: boolean
  /** Whether the first line has to be a header: a wrong one is never tolerated. */
  readonly hasHeader: boolean
  /** Names of its own settings. */
  readonly options: readonly string[]
  /** The file that tells more of each line, line by line, where the trace comes in two; undefined when it is not there. */
  companion?(file: string): string | undefined
  /** Starts on a file: arrival times are in its own time base. */
  open(setting: FormatSetting): LineReader
}

/** Where a cell of a row stands, for errors. */
export interface Cell {
  readonly file: string
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly field: string
}

/** A number of a row; throws `InputError` with the place when the text is none. */
export function parseCell(text: string | undefined, cell: Cell, expected = 'a number'): number {
  const value = Number(text)
  if (text !== undefined && text.trim() !== '' && Number.isFinite(value)) return value
  const found = text === undefined ? 'is missing' : `is ${JSON.stringify(text.trim())}`
  throw new InputError({ ...cell, message: `${found}; expected ${expected}` })
}

/** A number of a row that must not be negative. */
export function parseAmount(text: string | undefined, cell: Cell, expected = 'a number from 0 on'): number {
  const value = parseCell(text, cell, expected)
  if (value >= 0) return value
  throw new InputError({ ...cell, message: `is ${value}, which is below 0; expected ${expected}` })
}

/** A setting of the format that is a number from 0 on. */
export function numberOption(setting: FormatSetting, name: string, fallback: number): number {
  const value = Number(setting.options[name] ?? fallback)
  if (Number.isFinite(value) && value >= 0) return value
  throw new InputError({ file: setting.file, field: `options.${name}`, message: 'is no number from 0 on' })
}

/** Refuses settings that the format does not have. */
export function checkOptions(format: TraceFormat, setting: FormatSetting): void {
  for (const name of Object.keys(setting.options)) {
    if (format.options.includes(name)) continue
    const known = format.options.length === 0 ? 'it has none' : `known are ${format.options.join(', ')}`
    throw new InputError({
      file: setting.file,
      field: `options.${name}`,
      message: `format ${format.name} has no such setting`,
      hint: known,
    })
  }
}
