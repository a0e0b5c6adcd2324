import type { TimelineStyle } from '../report/timeline-text.ts'

/** Letters of a line over time where nothing says how many there is room for, and at most. */
const WIDTH = 60
const WIDTH_MAX = 120
const WIDTH_MIN = 20
/** Letters that stand beside it: a label, the greatest value, blanks. */
const BESIDE = 40

/** Text for files, logs and pipes: the same wherever it is written. */
export const PLAIN_STYLE: TimelineStyle = { width: WIDTH, glyphs: 'unicode', colour: false }

/** A stream that words go to, and what the environment says of it. */
export interface TextTarget {
  readonly isTerminal: boolean
  readonly columns: number | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * How text is drawn. Only a terminal has colour, and none with NO_COLOR (https://no-color.org); where its locale is said and is
 * not UTF-8 (POSIX: LC_ALL before LC_CTYPE before LANG), or it is dumb, lines over time are ASCII.
 */
export function textStyleOf({ isTerminal, columns, environment }: TextTarget): TimelineStyle {
  if (!isTerminal) return PLAIN_STYLE
  const { LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = environment
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '')
  const isUnicode = TERM !== 'dumb' && (locale === undefined || /utf-?8/i.test(locale))
  return {
    width: columns === undefined ? WIDTH : Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, columns - BESIDE)),
    glyphs: isUnicode ? 'unicode' : 'ascii',
    colour: (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb',
  }
}
