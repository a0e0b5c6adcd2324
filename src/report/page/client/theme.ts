import { observable } from './observable.ts'
import type { Observable } from './observable.ts'
import type { Theme } from './palette.ts'

/** The theme that is shown: what was chosen on the page, else what the system asks for; light on paper. */
export interface PageTheme {
  readonly shown: Observable<Theme>
  /** Shows the other theme. */
  toggle(): void
}

/** Name under which a browser remembers the theme that was chosen, for all reports that it lets share it. */
const REMEMBERED = 'stowage-theme'

/** Follows the system and the printer; begins with the theme that was chosen on an earlier page, where the browser remembers it. */
export function startTheme(): PageTheme {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const print = window.matchMedia('print')
  let chosen = rememberedTheme()
  if (chosen !== undefined) document.documentElement.dataset['theme'] = chosen
  const onScreen = (): Theme => chosen ?? (system.matches ? 'dark' : 'light')
  const shown = observable<Theme>(print.matches ? 'light' : onScreen())
  const update = (): void => {
    shown.set(print.matches ? 'light' : onScreen())
  }
  for (const query of [system, print]) query.addEventListener('change', update)
  window.addEventListener('beforeprint', () => {
    shown.set('light')
  })
  window.addEventListener('afterprint', update)
  return {
    shown,
    toggle() {
      chosen = onScreen() === 'dark' ? 'light' : 'dark'
      document.documentElement.dataset['theme'] = chosen
      rememberTheme(chosen)
      update()
    },
  }
}

function rememberedTheme(): Theme | undefined {
  try {
    const theme = localStorage.getItem(REMEMBERED)
    return theme === 'dark' || theme === 'light' ? theme : undefined
  } catch {
    // Browsers may keep nothing for a file, or for a reader who asked for that: then the page begins as the system asks.
    return undefined
  }
}

function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(REMEMBERED, theme)
  } catch {
    // As above: it holds for this page.
  }
}
