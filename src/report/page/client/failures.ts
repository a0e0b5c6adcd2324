import { moreButton } from './buttons.ts'
import type { FailureView, RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { element, sectionElement } from './element.ts'
import { countText, shareText, timeText } from './format.ts'

/** Failures that are open at first. */
const OPEN = 2
/** Failures that are listed at once; the others on demand. */
const LISTED = 50

/** What failed: a timeline of how each failure went, and what the recovery from it waited for. */
export function failuresSection(run: RunView, context: PageContext): HTMLElement | undefined {
  if (run.failures.length === 0) return undefined
  const items = run.failures.map((failure, index) => failureItem(failure, index < OPEN, context))
  const list = element('div', { class: 'failures' }, ...items.slice(0, LISTED))
  return sectionElement(
    {
      id: 'failures',
      title: 'Failures',
      intro: 'How each failure went, and what the pods that it hit waited for.',
    },
    list,
    moreButton(list, items.slice(LISTED), {
      text: `Show all ${items.length} failures`,
      focused: 'summary',
    }),
  )
}

function failureItem(failure: FailureView, isOpen: boolean, context: PageContext): HTMLElement {
  const { id, at, until, label, podsAffected } = failure
  const details = element(
    'details',
    { class: 'failure', open: isOpen },
    element(
      'summary',
      {},
      element('h3', {}, element('bdi', {}, label)),
      element(
        'span',
        { class: 'failure-facts' },
        `at ${timeText(at)}, `,
        until === undefined ? 'not over at the end' : `lasted ${timeText(until - at)}`,
        `, ${countText(podsAffected, 'pod')} affected`,
      ),
      element('span', { class: 'failure-id' }, `#${id}`),
    ),
  )
  let isFilled = false
  const fill = (): void => {
    if (isFilled) return
    isFilled = true
    details.append(failureBody(failure, context))
  }
  if (isOpen) fill()
  else details.addEventListener('toggle', fill)
  return details
}

function failureBody(failure: FailureView, context: PageContext): HTMLElement {
  return element(
    'div',
    { class: 'failure-body' },
    stepTable(failure),
    limitTable(failure),
    element(
      'button',
      {
        type: 'button',
        class: 'controls',
        click: () => {
          const length = Math.max(lastStep(failure), (failure.until ?? failure.at) - failure.at, 1)
          context.zoom({ from: failure.at - length / 2, to: failure.at + length * 1.5 })
          context.instant.set(failure.at)
          document.querySelector('#charts')?.scrollIntoView({ behavior: context.isStill ? 'auto' : 'smooth' })
        },
      },
      'Show in the charts',
    ),
  )
}

function lastStep({ steps }: FailureView): number {
  return Math.max(0, ...steps.map(([, seconds]) => seconds))
}

/** A row a step, with a bar as long as it took from the failure on: steps of different pods overlap. */
function stepTable(failure: FailureView): HTMLElement | undefined {
  if (failure.steps.length === 0) return undefined
  const end = lastStep(failure) || 1
  const rows = failure.steps.map(([step, seconds]) => barRow(step, timeText(seconds), seconds / end))
  return element(
    'table',
    { class: 'steps' },
    element('caption', {}, 'Timeline'),
    headRow(['step', 'after', 'since the failure']),
    element('tbody', {}, ...rows),
  )
}

function limitTable({ limits }: FailureView): HTMLElement | undefined {
  if (limits.length === 0) return undefined
  const rows = limits.map(([cause, share]) => barRow(cause, shareText(share), share))
  return element(
    'table',
    { class: 'limits' },
    element('caption', {}, 'What limited it'),
    headRow(['cause', 'share', 'of the time that pods were unavailable']),
    element('tbody', {}, ...rows),
  )
}

function headRow(names: readonly string[]): HTMLElement {
  return element(
    'thead',
    {},
    element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))),
  )
}

function barRow(name: string, text: string, share: number): HTMLElement {
  const filled = element('span', { class: 'bar', 'aria-hidden': 'true' })
  filled.style.width = `${share * 100}%`
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', { class: 'number' }, text),
    element('td', { class: 'bar-cell' }, share > 0 ? filled : undefined),
  )
}
