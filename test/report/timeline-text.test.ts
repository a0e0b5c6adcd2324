import { expect, it } from 'vitest'

import { timelineText } from '../../src/report/timeline-text.ts'
import { writeMadeRun } from './page/build/made-run.ts'
import { temporaryDirectory } from './temporary-directory.ts'

it('tells how a run went over time, a line a measure', async () => {
  const directory = temporaryDirectory()
  writeMadeRun(directory)
  expect(await timelineText(directory, { width: 60, glyphs: 'unicode', colour: false })).toBe(
    [
      'Over time, to 1m40s',
      '  cpu requested     ▃▅  most 50 %',
      '  pending pods      ██  most 1',
      '  running pods      █▅  most 2',
      '  nodes ready       ██  least 1',
      '  evictions         █▁  most 1',
      '',
    ].join('\n'),
  )
  expect(await timelineText(directory, { width: 1, glyphs: 'ascii', colour: false })).toContain(
    '  cpu requested     =  most',
  )
})

it('tells nothing of a run without intervals', async () => {
  expect(await timelineText(temporaryDirectory(), { width: 60, glyphs: 'unicode', colour: false })).toBe('')
})
