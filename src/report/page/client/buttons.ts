import { element } from './element.ts'
import type { Observable } from './observable.ts'

/** A button whose sign says little: its label is read out, and shown under the pointer. */
export function labelledButton(label: string, sign: string, click: () => void): HTMLElement {
  return element('button', { type: 'button', 'aria-label': label, title: label, click }, sign)
}

/** A button that multiplies a zoom, which stays from 1 to `max`. */
export function zoomButton(
  zoom: Observable<number>,
  max: number,
  [label, sign, factor]: readonly [label: string, sign: string, factor: number],
): HTMLElement {
  return labelledButton(label, sign, () => {
    zoom.set(Math.min(Math.max(zoom.value * factor, 1), max))
  })
}

/**
 * The button that adds the items of a list that were left out at first, and goes away; the first of them that matches `focused` is
 * then where the keyboard is. Undefined where none was left out.
 */
export function moreButton(
  list: Element,
  left: readonly Element[],
  { text, focused }: { readonly text: string; readonly focused: 'button' | 'summary' },
): HTMLElement | undefined {
  if (left.length === 0) return undefined
  const more = element(
    'button',
    {
      type: 'button',
      class: 'more',
      click: () => {
        list.append(...left)
        more.remove()
        left[0]?.querySelector<HTMLElement>(focused)?.focus()
      },
    },
    text,
  )
  return more
}
