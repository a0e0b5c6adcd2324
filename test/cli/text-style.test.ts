import { expect, it } from 'vitest'

import { PLAIN_STYLE, textStyleOf } from '../../src/cli/text-style.ts'

it('draws the same into files, whatever the environment says', () => {
  const environment = { LANG: 'C', TERM: 'dumb' }
  expect(textStyleOf({ isTerminal: false, columns: 200, environment })).toEqual(PLAIN_STYLE)
})

it.each([
  [{}, 'unicode', true],
  [{ LANG: 'en_GB.UTF-8' }, 'unicode', true],
  [{ LANG: 'C' }, 'ascii', true],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, 'ascii', true],
  [{ LANG: 'C', LC_CTYPE: 'C.utf8' }, 'unicode', true],
  [{ TERM: 'dumb' }, 'ascii', false],
  [{ NO_COLOR: '1' }, 'unicode', false],
  [{ NO_COLOR: '' }, 'unicode', true],
] as const)('draws for a terminal with %j', (environment, glyphs, colour) => {
  expect(textStyleOf({ isTerminal: true, columns: undefined, environment })).toEqual({
    width: 60,
    glyphs,
    colour,
  })
})

it('makes lines as long as a terminal has room for, within bounds', () => {
  const widthOf = (columns: number): number =>
    textStyleOf({ isTerminal: true, columns, environment: {} }).width
  expect([10, 100, 500].map(widthOf)).toEqual([20, 60, 120])
})
