import { QOS_CLASSES } from '../../report-data.ts'
import { choice } from '../choice.ts'
import { element } from '../element.ts'
import { countText, timeText } from '../format.ts'
import type { PlayerModel } from './player-model.ts'

/** Rows that the list shows at first, and more at each wish. */
const PAGE = 25

/** Between two lists while time goes by, in milliseconds. */
const SHOWN_EVERY = 1000

/** Pods as a table: what a click into the picture gives, for the keyboard and for screen readers. */
export function podList(model: PlayerModel, signal: AbortSignal): HTMLElement {
  const summary = element('summary', {}, 'Pods as a list')
  const body = element('tbody')
  const count = element('p', { class: 'quiet', role: 'status' })
  let scope: PodScope = 'now'
  let limit = PAGE
  const more = element('button', { type: 'button' }, `Show ${PAGE} more`)
  const holder = element('details', { class: 'pod-list controls' }, summary)
  const show = (): void => {
    if (!holder.open) return
    const rows = listedPods(model, scope)
    count.textContent = `${countText(rows.length, 'pod')} ${SCOPES[scope]}${
      model.matches.value === undefined ? '' : ' that were looked for'
    }; the first ${Math.min(limit, rows.length)} are shown.`
    more.hidden = rows.length <= limit
    const focused = body.contains(document.activeElement) ? document.activeElement?.textContent : undefined
    body.replaceChildren(...rows.slice(0, limit).map((row) => podRow(model, row)))
    if (focused === undefined) return
    const again = [...body.querySelectorAll('button')].find(({ textContent }) => textContent === focused)
    again?.focus({ preventScroll: true })
  }
  more.addEventListener('click', () => {
    limit += PAGE
    show()
  })
  const scopes = choice(
    'Show',
    Object.entries(SCOPES).map(([value, words]) => [value, `pods ${words}`]),
    (value) => {
      scope = value as PodScope
      show()
    },
  )
  const heads = ['Pod', 'Workload', 'Node', 'QoS', 'Created', 'Bound', 'Ended'].map((head) =>
    element('th', { scope: 'col' }, head),
  )
  holder.append(
    element('div', { class: 'control-group' }, scopes),
    count,
    element(
      'div',
      { class: 'scroll' },
      element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body),
    ),
    more,
  )
  body.addEventListener('keydown', moveFocus)
  holder.addEventListener('toggle', show)
  model.matches.follow(show)
  model.chosen.follow(show)
  let waiting: ReturnType<typeof setTimeout> | undefined
  model.at.follow(() => {
    if (scope === 'all') return
    waiting ??= setTimeout(
      () => {
        waiting = undefined
        show()
      },
      model.isPlaying.value ? SHOWN_EVERY : 100,
    )
  })
  signal.addEventListener('abort', () => {
    clearTimeout(waiting)
  })
  return holder
}

/** Which pods the list has, and how it says so. */
const SCOPES = { now: 'on nodes now', waiting: 'that wait for a node now', all: 'of the run' } as const
type PodScope = keyof typeof SCOPES

/** Rows that are looked for, in order of binding; those that wait in order of their creation. */
function listedPods({ pods, placement, matches }: PlayerModel, scope: PodScope): readonly number[] {
  if (scope === 'waiting') {
    return placement.waiting.first(pods.count).filter((row) => matches.value?.[row] !== 0)
  }
  const rows: number[] = []
  for (let row = 0; row < pods.count; row++) {
    if (matches.value !== undefined && matches.value[row] === 0) continue
    const isThere = (pods.boundAt[row] ?? Infinity) <= placement.at && placement.at < (pods.endedAt[row] ?? 0)
    if (scope === 'all' || isThere) rows.push(row)
  }
  return rows
}

function podRow(model: PlayerModel, row: number): HTMLElement {
  const { player, pods, chosen } = model
  const isChosen = chosen.value?.kind === 'pod' && chosen.value.pod === row
  const ended = pods.endedAt[row] ?? Infinity
  const name = element(
    'button',
    {
      type: 'button',
      class: 'link',
      'aria-pressed': String(isChosen),
      click: () => {
        model.chosen.set({ kind: 'pod', pod: row })
      },
    },
    element('bdi', {}, pods.names[row] ?? ''),
  )
  const cells = [
    player.workloads[pods.workload[row] ?? 0] ?? '',
    player.nodes[pods.node[row] ?? 0]?.name ?? '–',
    QOS_CLASSES[pods.qos[row] ?? 0] ?? '',
    timeText(pods.createdAt[row] ?? 0),
    timeText(pods.boundAt[row] ?? Infinity),
    ended === Infinity ? '–' : timeText(ended),
  ]
  return element(
    'tr',
    { class: isChosen ? 'chosen' : '' },
    element('th', { scope: 'row' }, name),
    ...cells.map((text) => element('td', {}, element('bdi', {}, text))),
  )
}

/** Up and down go from pod to pod. */
function moveFocus(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const row = event.target instanceof Element ? event.target.closest('tr') : null
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling
  const button = next?.querySelector('button')
  if (button === null || button === undefined) return
  event.preventDefault()
  event.stopPropagation()
  button.focus()
}
