import type { RunView, Tile } from '../report-data.ts'
import { element, sectionElement } from './element.ts'
import { timeText } from './format.ts'

/** A digest is looked up, not read. */
const DIGEST = /^[0-9a-f]{16,}$/

/** What a tone looks like besides its colour, and what is read out for it. */
const TONES: Readonly<Record<Tile['tone'], readonly [mark: string, words: string]>> = {
  good: ['✓', 'good: '],
  neutral: ['', ''],
  bad: ['!', 'look at this: '],
}

/** The run in short: what it was, whether it is whole, its main numbers in plain words. */
export function summarySection(run: RunView): HTMLElement {
  return sectionElement(
    { id: 'summary', title: 'Summary' },
    run.interrupted
      ? element(
          'p',
          { class: 'banner', role: 'note' },
          element('strong', {}, 'This run was interrupted. '),
          `It got as far as ${timeText(run.end)}; all numbers are of what ran until then.`,
        )
      : undefined,
    warningList(run.warnings),
    run.tiles.length === 0 ? undefined : element('ul', { class: 'tiles' }, ...run.tiles.map(tileItem)),
    factList(run.facts),
  )
}

function warningList(warnings: readonly string[]): HTMLElement | undefined {
  if (warnings.length === 0) return undefined
  return element(
    'div',
    { class: 'warnings', role: 'note', 'aria-label': 'Warnings' },
    element('strong', {}, warnings.length === 1 ? 'Warning' : `${warnings.length} warnings`),
    element('ul', {}, ...warnings.map((warning) => element('li', {}, element('bdi', {}, warning)))),
  )
}

function tileItem({ title, value, words, tone }: Tile): HTMLElement {
  const [mark, spoken] = TONES[tone]
  return element(
    'li',
    { class: `tile ${tone}` },
    element('span', { class: 'tile-title' }, title),
    element(
      'span',
      { class: 'tile-value' },
      spoken === '' ? undefined : element('span', { class: 'hidden' }, spoken),
      value,
      mark === '' ? undefined : element('span', { class: 'tile-mark', 'aria-hidden': 'true' }, mark),
    ),
    element('span', { class: 'tile-words' }, words),
  )
}

function factList(facts: RunView['facts']): HTMLElement | undefined {
  if (facts.length === 0) return undefined
  return element(
    'dl',
    { class: 'facts' },
    ...facts.map(([name, value]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', DIGEST.test(value) ? { class: 'digest' } : {}, element('bdi', {}, value)),
      ),
    ),
  )
}
