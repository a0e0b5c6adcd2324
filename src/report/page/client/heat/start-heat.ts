import { zoomButton } from '../buttons.ts'
import type { RunView } from '../../report-data.ts'
import { choice } from '../choice.ts'
import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import type { HeatFold } from './fold-cells.ts'
import { HEAT_HEIGHT_MAX, heatCanvas } from './heat-canvas.ts'
import { heatLegend } from './heat-legend.ts'
import { HEAT_WORDS, heatModel } from './heat-model.ts'
import type { HeatModel } from './heat-model.ts'
import { heatSentence } from './heat-summary.ts'
import { heatTables } from './heat-tables.ts'
import type { HeatSort } from './row-order.ts'

/** How much higher than fitting rows can be. */
const ZOOM_MAX = 512

const SORTS: readonly (readonly [sort: HeatSort, words: string])[] = [
  ['name', 'name'],
  ['mean', 'mean, fullest first'],
  ['peak', 'peak, fullest first'],
]

const FOLDS: readonly (readonly [fold: HeatFold, words: string])[] = [
  ['fullest', 'show the fullest, down first'],
  ['middle', 'show the middle one'],
]

const KEYS =
  'Arrows move a cursor over nodes and time, Page Up and Page Down by a window, Home and End to the ends of the time shown; Enter ' +
  'goes there in the player; + and − look closer and farther in time, Escape shows the whole run. With a pointer, click a cell or ' +
  'drag over a span of time.'

/** Unpacks a run's heat map and fills an element with it. */
export function startHeat(holder: HTMLElement, run: RunView, context: PageContext): void {
  const model = run.heat === undefined ? undefined : heatModel(run.heat, run.markers)
  if (model === undefined) return
  const words = element('p', { class: 'words', id: 'heat-words' })
  const describe = (): void => {
    const { heat, shares, resource } = model.view.value
    words.textContent = heatSentence(heat, shares, HEAT_WORDS[resource])
  }
  describe()
  model.view.follow(describe)
  holder.append(
    element(
      'div',
      { class: 'heat' },
      controls(model),
      heatCanvas(model, context),
      heatLegend(model, context),
      words,
      element('p', { class: 'player-keys quiet controls', id: 'heat-keys' }, KEYS),
      heatTables(model, context),
    ),
  )
}

function controls(model: HeatModel): HTMLElement {
  return element(
    'div',
    { class: 'heat-controls controls' },
    element(
      'div',
      { class: 'control-group', role: 'group', 'aria-label': 'What is shown' },
      choice(
        'Resource',
        model.resources.map((name) => [name, `${HEAT_WORDS[name]} requested`]),
        (value) => {
          const resource = model.resources.find((name) => name === value)
          if (resource !== undefined) model.show({ resource })
        },
      ),
      choice('Sort by', SORTS, (value) => {
        const found = SORTS.find(([sort]) => sort === value)
        if (found !== undefined) model.show({ sort: found[0] })
      }),
      model.view.value.heat.rows <= HEAT_HEIGHT_MAX
        ? undefined
        : choice('Rows that share a pixel', FOLDS, (value) => {
            const found = FOLDS.find(([fold]) => fold === value)
            if (found !== undefined) model.fold.set(found[0])
          }),
    ),
    element(
      'div',
      { class: 'control-group', role: 'group', 'aria-label': 'Height of the rows' },
      element('span', { class: 'group-label', 'aria-hidden': 'true' }, 'Row height'),
      zoomButton(model.zoom, ZOOM_MAX, ['Lower rows', '−', 0.5]),
      zoomButton(model.zoom, ZOOM_MAX, ['Higher rows', '+', 2]),
    ),
  )
}
