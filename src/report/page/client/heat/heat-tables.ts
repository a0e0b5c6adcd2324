import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { shareText, timeText } from '../format.ts'
import type { HeatModel } from './heat-model.ts'
import { extremes, sharesOverTime } from './heat-summary.ts'

/** Rows of each table. */
const ROWS = 10
const TIMES = 13

/** The map's text alternative: the fullest and the emptiest nodes, and how full nodes were over time. */
export function heatTables(model: HeatModel, context: PageContext): HTMLElement {
  const body = element('div', { class: 'heat-tables' })
  const holder = element('details', { class: 'values' }, element('summary', {}, 'Values as tables'), body)
  const show = (): void => {
    if (!holder.open) return
    const { heat, shares } = model.view.value
    const { fullest, emptiest } = extremes(shares, ROWS)
    const nodeRows = (rows: readonly number[]): string[][] =>
      rows.map((row) => [
        heat.names[row] ?? '',
        shareText(shares.mean[row] ?? Number.NaN),
        shareText(shares.peak[row] ?? Number.NaN),
      ])
    const share = (value: number | undefined): string => (value === undefined ? '–' : shareText(value))
    const times = sharesOverTime(heat, TIMES).map(({ at, low, middle, high, greatest, down }) => [
      ...[timeText(at), share(low), share(middle), share(high), share(greatest), String(down)],
    ])
    body.replaceChildren(
      table('Fullest by mean', ['Node', 'Mean', 'Peak'], nodeRows(fullest)),
      table('Emptiest by mean', ['Node', 'Mean', 'Peak'], nodeRows(emptiest)),
      table('All nodes over time', ['From', '10th pct.', 'Median', '90th pct.', 'Fullest', 'Down'], times),
    )
  }
  holder.addEventListener('toggle', show)
  model.view.follow(show)
  context.signal.addEventListener('abort', () => {
    holder.open = false
  })
  return holder
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const numberClass = (index: number): string | undefined => (index === 0 ? undefined : 'number')
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...heads.map((head, index) => element('th', { scope: 'col', class: numberClass(index) }, head)),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map(([head = '', ...cells]) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, element('bdi', {}, head)),
            ...cells.map((cell) => element('td', { class: 'number' }, cell)),
          ),
        ),
      ),
    ),
  )
}
