import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { numberText } from '../format.ts'
import { groupColours } from './colouring.ts'
import type { PlayerModel } from './player-model.ts'

/** What the colours and signs mean. */
export function playerLegend(model: PlayerModel, context: PageContext): HTMLElement {
  const legend = element('ul', { class: 'swatches', 'aria-label': 'Legend' })
  const show = (): void => {
    const { groups } = model.colouring.value
    const colours = groupColours(model.colouring.value, context.theme.value)
    legend.replaceChildren(
      ...groups.flatMap(({ label, pods }, index) =>
        pods === 0 ? [] : [entry(label, 'swatch', colours[index], numberText(pods))],
      ),
      entry('starting', 'swatch swatch-starting', colours[0]),
      entry('free', 'swatch swatch-free'),
      entry('more requested than there is', 'swatch swatch-over'),
      entry('down', 'swatch swatch-down'),
      ...(model.player.nodes.some(({ from, to }) => from !== undefined || to !== undefined)
        ? [entry('node not there', 'swatch swatch-absent')]
        : []),
    )
  }
  show()
  model.colouring.follow(show)
  context.theme.follow(show, context.signal)
  return legend
}

function entry(label: string, swatchClass: string, colour?: string, count?: string): HTMLElement {
  const swatch = element('span', { class: swatchClass, 'aria-hidden': 'true' })
  if (colour !== undefined) swatch.style.backgroundColor = colour
  return element(
    'li',
    {},
    swatch,
    element('bdi', {}, label),
    count === undefined ? undefined : element('span', { class: 'quiet' }, `${count} pods`),
  )
}
