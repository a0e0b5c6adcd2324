/**
 * Draws docs/picture.svg from the run of the shipped scenario: requested cpu and memory over time, with the zone outage.
 *
 * usage: npm start && npx tsx scripts/draw-picture.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'

const WIDTH = 860
const HEIGHT = 260
const LEFT = 48
const TOP = 30
const BOTTOM = 36

const [header = '', ...lines] = readFileSync('results/runs/mixed-day/timeseries.csv', 'utf8')
  .trim()
  .split('\n')
const columns = header.split(',')
const rows = lines.map((line) => line.split(','))

function series(name: string): number[] {
  const index = columns.indexOf(name)
  if (index < 0) throw new Error(`timeseries.csv has no column ${name}`)
  return rows.map((row) => Number(row[index]))
}

const DAY_HOURS = 30
const time = series('time_s').map((seconds) => seconds / 3600)
const nodes = series('nodes')
const x = (hours: number): number => LEFT + (hours / DAY_HOURS) * (WIDTH - LEFT - 12)
const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)

function path(values: readonly number[]): string {
  const points = values.flatMap((value, index) => {
    const hours = time[index] ?? 0
    return hours > DAY_HOURS ? [] : [`${x(hours).toFixed(1)},${y(value).toFixed(1)}`]
  })
  return `M${points.join('L')}`
}

const ready = series('nodes_ready').map((count, index) => count / (nodes[index] ?? 1))
const drawn = [
  ['cpu requested', '#1f77b4', path(series('cpu_requested_share'))],
  ['memory requested', '#ff7f0e', path(series('memory_requested_share'))],
  ['nodes ready', '#2ca02c', path(ready)],
] as const

const grid = [0, 0.25, 0.5, 0.75, 1]
  .map((share) => {
    const label = `<text x="${LEFT - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`
    return `<line x1="${LEFT}" x2="${WIDTH - 12}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>${label}`
  })
  .join('\n')
const hours = [0, 6, 12, 18, 24, 30]
  .map((hour) => `<text x="${x(hour)}" y="${HEIGHT - 14}" text-anchor="middle">${hour} h</text>`)
  .join('\n')
const legend = drawn
  .map(
    ([name, colour], index) =>
      `<text x="${LEFT + index * 150}" y="16" fill="${colour}" font-weight="bold">${name}</text>`,
  )
  .join('\n')
const curves = drawn
  .map(([, colour, shape]) => `<path d="${shape}" fill="none" stroke="${colour}" stroke-width="1.6"/>`)
  .join('\n')
const outage = `<text x="${x(14.2)}" y="${y(0.07)}" fill="#2ca02c">a zone is down from 14:00 to 14:20</text>`

writeFileSync(
  'docs/picture.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${grid}
${hours}
${curves}
${legend}
${outage}
</svg>
`,
)
