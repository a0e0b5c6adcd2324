import type { Chart } from '../report-data.ts'
import { element } from './element.ts'
import { lineKey } from './line-key.ts'
import type { TimeChart } from './time-chart.ts'

/** The names of a chart's lines: buttons that show and hide them. */
export interface Legend {
  readonly root: HTMLElement
  /** From now on its buttons show and hide lines of the chart. */
  connect(drawn: TimeChart): void
  /** Shows a value beside each name; nothing for none. */
  show(values: readonly string[]): void
}

/** The legend of a chart; lines that are hidden at first are not pressed. */
export function chartLegend(chart: Chart): Legend {
  let drawn: TimeChart | undefined
  const values = chart.lines.map(() => element('span', { class: 'value' }))
  const buttons = chart.lines.map(({ name, isHidden }, index) => {
    const button = element(
      'button',
      {
        type: 'button',
        class: 'key',
        'aria-pressed': String(isHidden !== true),
        title: `Show or hide ${name}`,
        click: () => {
          const isShown = button.getAttribute('aria-pressed') !== 'true'
          button.setAttribute('aria-pressed', String(isShown))
          drawn?.show(index, isShown)
        },
      },
      lineKey(index),
      element('span', { class: 'name' }, name),
      values[index],
    )
    return button
  })
  return {
    root: element(
      'div',
      { class: 'legend', role: 'group', 'aria-label': `Lines of ${chart.title}` },
      ...buttons,
    ),
    connect(chartDrawn) {
      drawn = chartDrawn
      for (const [index, button] of buttons.entries()) {
        if (button.getAttribute('aria-pressed') !== 'true') chartDrawn.show(index, false)
      }
    },
    show(texts) {
      for (const [index, value] of values.entries()) value.textContent = texts[index] ?? ''
    },
  }
}
