import type { CallCost } from './cost-account.ts'
import type { Component } from './cost-place.ts'

const WIDTH = 1200
const ROW = 17
const TOP = 44
/** Narrower calls are not drawn. */
const NARROWEST = 0.6
/** Calls narrower than this have no words. */
const NARROWEST_TEXT = 28
const CHARACTER = 6.2
const DEPTH_MAX = 60

const COLOURS: Readonly<Record<Component, string>> = {
  engine: '#8dd3c7',
  scheduling: '#80b1d3',
  api: '#fdb462',
  kubelet: '#b3de69',
  controllers: '#fccde5',
  workload: '#d9d9d9',
  metrics: '#bebada',
  output: '#ffed6f',
  gc: '#fb8072',
  threads: '#ccebc5',
  other: '#eeeeee',
}

/** A drawing of calls, SVG: callers above what they call, widths in processor time, colours by component, dearest first. */
export function flameGraph(root: CallCost, title: string, cpuSeconds: number): string {
  const boxes: string[] = []
  let deepest = 0
  const draw = (call: CallCost, x: number, width: number, depth: number): void => {
    if (width < NARROWEST || depth > DEPTH_MAX) return
    deepest = Math.max(deepest, depth)
    boxes.push(box(call, { x, width, depth }, (cpuSeconds * width) / WIDTH))
    let at = x
    const callees = [...call.callees.values()].toSorted(
      (one, other) => other.samples - one.samples || (one.name < other.name ? -1 : 1),
    )
    for (const callee of callees) {
      const share = call.samples === 0 ? 0 : (callee.samples / call.samples) * width
      draw(callee, at, share, depth + 1)
      at += share
    }
  }
  draw(root, 0, WIDTH, 0)
  const height = TOP + (deepest + 1) * ROW + 6
  const legend = Object.entries(COLOURS).map(
    ([name, colour], index) =>
      `<rect x="${6 + index * 100}" y="24" width="12" height="12" fill="${colour}"/><text x="${22 + index * 100}" y="34">${name}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="6" y="16" font-size="13" font-weight="bold">${escaped(title)}</text>
${legend.join('\n')}
${boxes.join('\n')}
</svg>
`
}

function box(
  call: CallCost,
  { x, width, depth }: { readonly x: number; readonly width: number; readonly depth: number },
  seconds: number,
): string {
  const y = TOP + depth * ROW
  const place = `${call.component}: ${call.part}`
  const tip = `<title>${escaped(`${call.name} (${place}): ${seconds.toFixed(3)} s`)}</title>`
  const shape = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${COLOURS[call.component]}" stroke="#fff" stroke-width="0.5"/>`
  if (width < NARROWEST_TEXT) return `<g>${tip}${shape}</g>`
  const words = escaped(call.name.slice(0, Math.floor((width - 4) / CHARACTER)))
  return `<g>${tip}${shape}<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${words}</text></g>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
