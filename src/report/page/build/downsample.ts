/** A line's values over rows; NaN where there is none. */
export type Line = ArrayLike<number>

/**
 * Rows to keep of lines that share their times, at most `pointsMax` of them, in order: all where that is enough; otherwise
 * of each of equally many rows the first, the last, and those with the least and the greatest value of each line.
 *
 * This is M4 (Jugel, Jerzak, Hackenbroich and Markl, "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014)
 * over several lines at once: a line drawn through what is kept shows every peak that the whole has. The first and the last
 * row are kept.
 */
export function keptRows(lines: readonly Line[], rowCount: number, pointsMax: number): Uint32Array {
  if (rowCount <= pointsMax) return Uint32Array.from({ length: rowCount }, (_, row) => row)
  const perBucket = 2 * lines.length + 2
  const buckets = Math.max(1, Math.floor(pointsMax / perBucket))
  const kept = new Uint8Array(rowCount)
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * rowCount) / buckets)
    const to = Math.floor(((bucket + 1) * rowCount) / buckets)
    kept[from] = 1
    kept[to - 1] = 1
    for (const line of lines) keepExtremes(line, from, to, kept)
  }
  const rows: number[] = []
  for (let row = 0; row < rowCount; row += 1) if (kept[row] === 1) rows.push(row)
  return Uint32Array.from(rows)
}

/** Marks the first rows with the least and the greatest value among some. */
function keepExtremes(line: Line, from: number, to: number, kept: Uint8Array): void {
  let least = -1
  let greatest = -1
  for (let row = from; row < to; row += 1) {
    const value = line[row] ?? Number.NaN
    if (Number.isNaN(value)) continue
    if (least < 0 || value < (line[least] ?? 0)) least = row
    if (greatest < 0 || value > (line[greatest] ?? 0)) greatest = row
  }
  if (least < 0) return
  kept[least] = 1
  kept[greatest] = 1
}
