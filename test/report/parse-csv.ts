/** Reads RFC 4180 text with `\n` line ends back: the rows, the header among them. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\n)/gy
  let row: string[] = []
  let end = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    row.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    end = pattern.lastIndex
    if (match[3] === ',') continue
    rows.push(row)
    row = []
  }
  if (end !== text.length) throw new Error(`no CSV from character ${end}: ${text.slice(end, end + 40)}`)
  return rows
}

/** The rows under the header, by column name. */
export function parseTable(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(text)
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])))
}
