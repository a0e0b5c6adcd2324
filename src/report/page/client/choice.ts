import { element } from './element.ts'

/** A choice with its label in front. */
export function choice(
  label: string,
  options: readonly (readonly [value: string, words: string])[],
  chosen: (value: string) => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLElement {
  const select = element(
    'select',
    {
      ...attributes,
      change: () => {
        chosen(select.value)
      },
    },
    ...options.map(([value, words]) => element('option', { value }, words)),
  )
  return element('label', { class: 'choice' }, element('span', {}, label), select)
}
