import type { RunView } from '../report-data.ts'
import { element } from './element.ts'

/** Chooses the run whose sections are shown below. */
export function runSwitch(
  runs: readonly RunView[],
  shown: number,
  show: (index: number) => void,
): HTMLElement {
  const select = element(
    'select',
    {
      id: 'run-choice',
      change: () => {
        show(select.selectedIndex)
        document.querySelector<HTMLElement>('#run-choice')?.focus()
      },
    },
    ...runs.map((run, index) =>
      element(
        'option',
        { selected: index === shown },
        run.interrupted ? `${run.name} (interrupted)` : run.name,
      ),
    ),
  )
  return element(
    'div',
    { class: 'run-switch' },
    element('label', { for: 'run-choice' }, `One of ${runs.length} runs`),
    select,
  )
}
