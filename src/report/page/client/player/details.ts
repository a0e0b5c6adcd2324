import { element } from '../element.ts'
import type { Child } from '../element.ts'
import { countText, shareText, timeText } from '../format.ts'
import { RESOURCE_WORDS } from './cluster-state.ts'
import { decisionView } from './decision-view.ts'
import type { PlayerModel } from './player-model.ts'
import { capacities } from './pod-columns.ts'
import { amountText, podFacts, whereabouts } from './pod-words.ts'

/** Pods of a node that its details list. */
const PODS_MAX = 100

/** Between two looks of the details while time goes by, in milliseconds. */
const SHOWN_EVERY = 250

/** What is known of the pod or node that was clicked. */
export function detailsPanel(model: PlayerModel, signal: AbortSignal): HTMLElement {
  const panel = element('aside', { class: 'player-details', 'aria-label': 'Details', 'aria-live': 'off' })
  const show = (): void => {
    const chosen = model.chosen.value
    if (chosen === undefined) {
      panel.replaceChildren(
        element(
          'p',
          { class: 'quiet' },
          'Click a pod or a node, or choose a pod in the list below, to see what is known of it.',
        ),
      )
    } else if (chosen.kind === 'pod') panel.replaceChildren(...podDetails(model, chosen.pod))
    else panel.replaceChildren(...nodeDetails(model, chosen.node))
  }
  let waiting: ReturnType<typeof setTimeout> | undefined
  let shownWords = ''
  model.chosen.follow(show)
  model.at.follow(() => {
    waiting ??= setTimeout(() => {
      waiting = undefined
      const chosen = model.chosen.value
      const words = chosen?.kind === 'pod' ? (whereabouts(model, chosen.pod) ?? '') : String(model.at.value)
      if (chosen === undefined || (chosen.kind === 'pod' && words === shownWords)) return
      shownWords = words
      show()
    }, SHOWN_EVERY)
  })
  signal.addEventListener('abort', () => {
    clearTimeout(waiting)
  })
  show()
  return panel
}

function podDetails(model: PlayerModel, pod: number): HTMLElement[] {
  const { player, pods } = model
  const node = pods.node[pod] ?? 0
  const name = player.nodes[node]?.name
  const where = whereabouts(model, pod)
  const bound = pods.boundAt[pod] ?? Infinity
  const isBound = bound !== Infinity
  const start = isBound ? bound : (pods.createdAt[pod] ?? 0)
  return [
    title('Pod', pods.names[pod] ?? '', model),
    facts([
      [
        'Node',
        name === undefined
          ? 'none: it never had one'
          : press(name, () => {
              model.chosen.set({ kind: 'node', node })
            }),
      ],
      ...podFacts(model, pod),
    ]),
    ...(where === undefined
      ? []
      : [
          element(
            'p',
            { class: 'whereabouts' },
            where,
            ' ',
            press(`Go to its ${isBound ? 'binding' : 'creation'} (${timeText(start)})`, () => {
              model.goTo(start)
            }),
          ),
        ]),
    decisionView(player.decisions, { pod, node: name }),
  ]
}

function nodeDetails(model: PlayerModel, node: number): HTMLElement[] {
  const { player, pods, placement } = model
  const known = player.nodes[node]
  const rows = placement.podsOn(node)
  const state = placement.stateOf(node)
  const used = model.resources.map((resource): readonly [string, string] => {
    const column = pods[resource]
    const requested = rows.reduce((sum, row) => sum + (column[row] ?? 0), 0)
    const capacity = capacities(player, resource)[node] ?? 0
    const share = capacity === 0 ? '' : ` (${shareText(requested / capacity)})`
    return [
      RESOURCE_WORDS[resource],
      `${amountText(resource, requested)} of ${amountText(resource, capacity)}${share}`,
    ]
  })
  const list = rows.slice(0, PODS_MAX).map((row) =>
    element(
      'li',
      {},
      press(pods.names[row] ?? '', () => {
        model.chosen.set({ kind: 'pod', pod: row })
      }),
    ),
  )
  return [
    title('Node', known?.name ?? '', model),
    facts([
      ['Now', state === 'absent' ? 'not there' : state],
      ...used,
      ...(known?.from === undefined ? [] : [['Came', timeText(known.from)] as const]),
      ...(known?.to === undefined ? [] : [['Went', timeText(known.to)] as const]),
      ...(known?.down ?? []).map(
        ([from, to]) =>
          ['Down', `${timeText(from)} to ${Number.isFinite(to) ? timeText(to) : 'the end'}`] as const,
      ),
    ]),
    element('h4', {}, `${countText(rows.length, 'pod')} on it now`),
    element('ul', { class: 'node-pods' }, ...list),
    ...(rows.length > PODS_MAX
      ? [element('p', { class: 'quiet' }, `and ${rows.length - PODS_MAX} more`)]
      : []),
  ]
}

function title(kind: string, name: string, model: PlayerModel): HTMLElement {
  return element(
    'div',
    { class: 'details-title' },
    element('h3', {}, `${kind} `, element('bdi', {}, name)),
    element(
      'button',
      {
        type: 'button',
        'aria-label': 'Close the details',
        click: () => {
          model.chosen.set(undefined)
        },
      },
      '×',
    ),
  )
}

function facts(entries: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  return element(
    'dl',
    { class: 'known' },
    ...entries.flatMap(([name, value]) => [
      element('dt', {}, name),
      element('dd', {}, element('bdi', {}, value)),
    ]),
  )
}

function press(text: string, click: () => void): HTMLElement {
  return element('button', { type: 'button', class: 'link', click }, element('bdi', {}, text))
}
