import { observable } from './observable.ts'
import type { Observable } from './observable.ts'
import type { Theme } from './palette.ts'

/** The theme that is shown: what was chosen on the page, else what the system asks for; light on paper. */
export interface PageTheme {
  readonly shown: Observable<Theme>
  /** Shows the other theme. */
  toggle(): void
}

/** Follows the system and the printer. */
export function startTheme(): PageTheme {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const print = window.matchMedia('print')
  let chosen: Theme | undefined
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
      update()
    },
  }
}
