import type { DecisionNode, PodDecision } from '../../report-data.ts'
import { element } from '../element.ts'
import { countText, numberText, timeText } from '../format.ts'

/** Why a pod got its node: each cycle that decided on it, or which field of the scenario would have recorded them. */
export function decisionView(
  decisions: readonly PodDecision[],
  { pod, node }: { readonly pod: number; readonly node: string | undefined },
): HTMLElement {
  const own = decisions.filter((decision) => decision.pod === pod)
  const holder = element(
    'div',
    { class: 'decisions' },
    element('h4', {}, node === undefined ? 'Why no node' : 'Why this node'),
  )
  if (own.length > 0) holder.append(...own.map((decision) => cycleView(decision, node)))
  else if (decisions.length > 0) {
    holder.append(
      element('p', {}, 'No decision on this pod was kept in this file; decisions.csv of the run has all.'),
    )
  } else {
    holder.append(
      element(
        'p',
        {},
        'Decisions were not recorded. Set ',
        element('code', {}, 'spec.report.decisions: true'),
        ' in the scenario to record them, and ',
        element('code', {}, 'spec.report.nodeDecisions: true'),
        ' for the scores and rejections of each node.',
      ),
    )
  }
  return holder
}

function cycleView(decision: PodDecision, node: string | undefined): HTMLElement {
  const { at, attempt, outcome, message, feasibleNodes, evaluatedNodes, nodes } = decision
  const view = element(
    'section',
    { class: 'decision' },
    element(
      'p',
      {},
      element('strong', {}, `${timeText(at)}, attempt ${attempt}: ${outcome}.`),
      ` ${numberText(feasibleNodes)} of ${countText(evaluatedNodes, 'node')} looked at could take it.`,
    ),
  )
  if (message !== '') view.append(element('p', { class: 'decision-message' }, element('bdi', {}, message)))
  if (nodes.length > 0) view.append(nodeTable(nodes, node))
  else {
    view.append(
      element(
        'p',
        { class: 'quiet' },
        'What was said of each node was not recorded: ',
        element('code', {}, 'spec.report.nodeDecisions: true'),
        ' does.',
      ),
    )
  }
  return view
}

/** A row a node that was looked at; a column a plugin that scored. */
function nodeTable(nodes: readonly DecisionNode[], chosen: string | undefined): HTMLElement {
  const plugins = [...new Set(nodes.flatMap(({ scores }) => scores.map(([plugin]) => plugin)))]
  const row = ({ name, total, scores, rejected }: DecisionNode): HTMLElement => {
    const byPlugin = new Map(scores)
    const head = element(
      'th',
      { scope: 'row' },
      element('bdi', {}, name),
      name === chosen ? element('span', { class: 'chosen-note' }, ' its node') : undefined,
    )
    const attributes = { class: name === chosen ? 'chosen' : rejected === undefined ? '' : 'rejected' }
    if (rejected !== undefined) {
      const reason = element(
        'td',
        { colspan: plugins.length + 1 },
        'rejected by ',
        element('bdi', {}, rejected),
      )
      return element('tr', attributes, head, reason)
    }
    return element(
      'tr',
      attributes,
      head,
      element('td', { class: 'number' }, total === undefined ? '–' : numberText(total)),
      ...plugins.map((plugin) => {
        const score = byPlugin.get(plugin)
        return element('td', { class: 'number' }, score === undefined ? '–' : numberText(score))
      }),
    )
  }
  const heads = ['Node', 'Total', ...plugins].map((title, index) =>
    element('th', { scope: 'col', class: index === 0 ? undefined : 'number' }, title),
  )
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Nodes and their scores' },
    element(
      'table',
      { class: 'decision-table' },
      element('caption', {}, 'Weighted scores by plugin, and who rejected the others'),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...nodes.map(row)),
    ),
  )
}
