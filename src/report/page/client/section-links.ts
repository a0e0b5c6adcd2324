import { element } from './element.ts'

/** Links to the sections of the page; the one that is being read is marked. */
export function sectionLinks(sections: readonly HTMLElement[], signal: AbortSignal): HTMLElement {
  const links = new Map(
    sections.map((section) => [
      section,
      element('a', { href: `#${section.id}` }, section.querySelector('h2')?.textContent ?? section.id),
    ]),
  )
  const mark = (): void => {
    const line = window.innerHeight / 3
    const read =
      sections.filter((section) => section.getBoundingClientRect().top < line).at(-1) ?? sections[0]
    for (const [section, link] of links) {
      if (section === read) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }
  window.addEventListener('scroll', mark, { signal, passive: true })
  requestAnimationFrame(mark)
  return element('nav', { 'aria-label': 'Sections' }, ...links.values())
}
