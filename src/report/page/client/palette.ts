/** A colour of the page by what it is for; in CSS, `var(--name)`. */
export type ColourName = keyof typeof LIGHT

/** How the page is shown; printed pages are light. */
export type Theme = 'light' | 'dark'

/**
 * Light colours. Text keeps a contrast of 4.5:1, lines and marks 3:1, to the page and to panels. Series differ in lightness as
 * well as in hue, so that they stay apart for colour-blind readers, and have dashes of their own besides.
 */
const LIGHT = {
  page: '#ffffff',
  panel: '#f6f7f9',
  raised: '#ffffff',
  text: '#16191f',
  muted: '#555c69',
  border: '#d5d9e0',
  /** Edge of what can be pressed or typed into. */
  control: '#7b8494',
  grid: '#e6e9ee',
  accent: '#0a5fb4',
  onAccent: '#ffffff',
  good: '#1a6e3a',
  warn: '#8a5800',
  bad: '#b3261e',
  series1: '#0a5fb4',
  series2: '#c4520a',
  series3: '#00796b',
  series4: '#86409c',
  series5: '#7d6608',
  series6: '#b0266a',
  series7: '#4b5563',
  failure: '#b3261e',
  scaling: '#00796b',
  action: '#0a5fb4',
  controlPlane: '#86409c',
}

const DARK: Readonly<Record<ColourName, string>> = {
  page: '#111419',
  panel: '#191d24',
  raised: '#20252e',
  text: '#e8eaee',
  muted: '#a3abb8',
  border: '#333a46',
  control: '#7d8798',
  grid: '#262c36',
  accent: '#6cb2ff',
  onAccent: '#0b1420',
  good: '#5fcf8a',
  warn: '#e8b64c',
  bad: '#ff8a80',
  series1: '#6cb2ff',
  series2: '#ff9e5e',
  series3: '#4fd1b5',
  series4: '#d3a3f0',
  series5: '#e0c552',
  series6: '#ff8fc0',
  series7: '#aab4c0',
  failure: '#ff8a80',
  scaling: '#4fd1b5',
  action: '#6cb2ff',
  controlPlane: '#d3a3f0',
}

/** Colours of both themes, as hexadecimal RGB. */
export const PALETTE: Readonly<Record<Theme, Readonly<Record<ColourName, string>>>> = {
  light: LIGHT,
  dark: DARK,
}

/** Colours that lines take in turn. */
export const SERIES = [
  'series1',
  'series2',
  'series3',
  'series4',
  'series5',
  'series6',
  'series7',
] as const satisfies readonly ColourName[]

/** Dashes of lines in turn, in CSS pixels: lines can be told apart without colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [10, 3, 2, 3],
  [4, 2],
  [14, 4],
  [1, 2],
]

/** What a line looks like. */
export interface LineLook {
  readonly colour: ColourName
  /** Lengths of dashes and gaps, in CSS pixels; none of a whole line. */
  readonly dash: readonly number[]
}

/** Colour and dashes of the line with a number: 49 lines differ in at least one of them. */
export function lineLook(index: number): LineLook {
  const round = Math.floor(index / SERIES.length)
  return {
    colour: SERIES[index % SERIES.length] ?? 'series1',
    dash: DASHES[(index + round) % DASHES.length] ?? [],
  }
}

/** The palette as CSS variables: what the reader's system asks for, unless `data-theme` of the root says otherwise. */
export function paletteStyle(): string {
  const light = variables('light')
  const dark = variables('dark')
  return [
    `:root{color-scheme:light;${light}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${dark}}`,
    `@media print{:root:root:root{color-scheme:light;${light}}}`,
    '',
  ].join('\n')
}

function variables(theme: Theme): string {
  return Object.entries(PALETTE[theme])
    .map(
      ([name, colour]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${colour}`,
    )
    .join(';')
}
