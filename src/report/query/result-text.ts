import { csvText } from '../csv.ts'
import { numberText } from '../number-text.ts'
import { exactText, isNumeric, jsonValue } from './plain-value.ts'
import type { PlainValue, QueryResult } from './plain-value.ts'

/** Stands for NULL in tables for people. */
const NONE = '-'

/** Aligned columns for people: numbers to the right, to 6 decimals; the plan of `EXPLAIN` as it is. */
export function resultTable(result: QueryResult): string {
  if (result.isPlan) return result.rows.map((row) => `${exactText(row.at(-1))}\n`).join('')
  const { columns, rows } = result
  const cells = rows.map((row) => row.map(shortText))
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...cells.map((row) => (row[index] ?? '').length)),
  )
  const lineOf = (row: readonly string[]): string =>
    columns
      .map((column, index) => {
        const text = row[index] ?? ''
        const width = widths[index] ?? 0
        return isNumeric(column) ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [columns.map(({ name }) => name), ...cells].map((row) => `${lineOf(row)}\n`).join('')
}

/** A table of Markdown. */
export function resultMarkdown({ columns, rows }: QueryResult): string {
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const rule = columns.map((column) => (isNumeric(column) ? '---:' : '---'))
  const cells = rows.map((row) =>
    row.map((value) => shortText(value).replaceAll('|', '\\|').replaceAll('\\n', '<br>')),
  )
  const heads = columns.map(({ name }) => name.replaceAll('|', '\\|'))
  return [heads, rule, ...cells].map(lineOf).join('')
}

/** CSV with a header; numbers to their last digit. */
export function resultCsv({ columns, rows }: QueryResult): string {
  const heads = csvText([columns.map(({ name }) => name)])
  const cells = rows.map((row) => row.map((value) => (isCell(value) ? value : exactText(value))))
  return heads + (cells.length === 0 ? '' : csvText(cells, String))
}

/** A JSON list with an object a row, a line each. */
export function resultJson({ columns, rows }: QueryResult): string {
  const objects = rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, jsonValue(row[index])]))),
  )
  return objects.length === 0 ? '[]\n' : `[\n${objects.join(',\n')}\n]\n`
}

function isCell(value: PlainValue): value is string | boolean | number | bigint | undefined {
  return typeof value !== 'object'
}

function shortText(value: PlainValue): string {
  if (value === undefined) return NONE
  if (typeof value === 'number' && Number.isFinite(value)) return numberText(value)
  return exactText(value).replaceAll('\n', '\\n')
}
