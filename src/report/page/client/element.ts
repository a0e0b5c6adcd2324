/** Attributes of an element: `true` is one without a value, `false` and undefined leave it out, functions hear events. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => void)>
>

/** What goes into an element; text stays text, whatever is in it. */
export type Child = Node | string | undefined

/**
 * An element with its attributes and children: `element('button', { type: 'button', click: reset }, 'Reset')`. Names of a
 * run's objects come from users: there is no way here to give markup.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children)
}

/** As `element`, of SVG. */
export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function filled<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value))
  }
  for (const child of children) if (child !== undefined) made.append(child)
  return made
}

/** A section of the page with its heading, and a sentence under it where one helps. */
export function sectionElement(
  { id, title, intro }: { readonly id: string; readonly title: string; readonly intro?: string },
  ...children: readonly Child[]
): HTMLElement {
  return element(
    'section',
    { id, class: 'section', 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title`, tabindex: -1 }, title),
    intro === undefined ? undefined : element('p', { class: 'intro' }, intro),
    ...children,
  )
}
