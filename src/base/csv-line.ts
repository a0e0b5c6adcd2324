/** The cells of a line of CSV: those in quotes may have commas, and quotes written twice; none has a line end. */
export function csvCells(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',')
  const cells: string[] = []
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push((match[1] ?? match[2] ?? '').replaceAll('""', '"'))
  }
  return cells
}
