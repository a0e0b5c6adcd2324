import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { DOWN, FULL, OVER } from './heat-cells.ts'
import type { HeatModel } from './heat-model.ts'
import { heatRamp } from './heat-ramp.ts'

/** Stops of the gradient that stands for the ramp. */
const STOPS = 20

/** What the colours of the cells mean. */
export function heatLegend(model: HeatModel, context: PageContext): HTMLElement {
  const bar = element('span', { class: 'ramp', 'aria-hidden': 'true' })
  const over = element('span', { class: 'swatch', 'aria-hidden': 'true' })
  const down = element('span', { class: 'swatch', 'aria-hidden': 'true' })
  const show = (): void => {
    const { colourOf } = heatRamp(context.theme.value)
    const stops = Array.from({ length: STOPS + 1 }, (_, stop) => colourOf(Math.round((stop / STOPS) * FULL)))
    bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(', ')})`
    over.style.backgroundColor = colourOf(OVER)
    down.style.backgroundColor = colourOf(DOWN)
  }
  show()
  context.theme.follow(show, context.signal)
  return element(
    'ul',
    { class: 'swatches', 'aria-label': 'Legend' },
    element('li', {}, element('span', {}, 'nothing requested'), bar, element('span', {}, '100 %')),
    element('li', {}, over, 'more than 100 %'),
    element('li', {}, down, 'machine down'),
    element(
      'li',
      {},
      element('span', { class: 'swatch swatch-none', 'aria-hidden': 'true' }),
      'no such node',
    ),
    model.nodesPerRow === 1
      ? undefined
      : element(
          'li',
          { class: 'quiet' },
          `A row is ${model.nodesPerRow} nodes, of which the fullest is shown.`,
        ),
  )
}
