/** A cell of a table for people. */
export type TextCell = string | number

const GAP = '  '

/**
 * Aligned columns: numbers to the right, words to the left, the last column as it comes. Headings may have several lines.
 * Each line is indented by two spaces and ends without trailing spaces.
 */
export function textTable(
  headings: readonly (string | readonly string[])[],
  rows: readonly (readonly TextCell[])[],
): string[] {
  const heads = headings.map((heading) => (typeof heading === 'string' ? [heading] : heading))
  const height = Math.max(...heads.map((lines) => lines.length))
  const headRows = Array.from({ length: height }, (_, index) =>
    heads.map((lines) => lines[index - (height - lines.length)] ?? ''),
  )
  const widths = heads.map((lines, column) =>
    Math.max(...lines.map((line) => line.length), ...rows.map((row) => String(row[column] ?? '').length)),
  )
  const isNumeric = heads.map((_, column) => rows.every((row) => isNumber(row[column])))
  const lineOf = (cells: readonly TextCell[]): string => {
    const padded = cells.map((cell, column) => {
      const text = String(cell)
      if (isNumeric[column] === true) return text.padStart(widths[column] ?? 0)
      return column === cells.length - 1 ? text : text.padEnd(widths[column] ?? 0)
    })
    return `${GAP}${padded.join(GAP)}`.trimEnd()
  }
  return [...headRows, ...rows].map(lineOf)
}

/** Numbers and the dash that stands for none. */
function isNumber(cell: TextCell | undefined): boolean {
  return typeof cell === 'number' || cell === '-' || cell === undefined
}

/** The words of a name in camel case, for a heading of several lines: `Node`, `Resources`, `Fit`. */
export function headingLines(name: string): string[] {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])/)
}
