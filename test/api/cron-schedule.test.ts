import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseCron } from '../../src/api/cron-parser.ts'
import { cronSchedule } from '../../src/api/cron-schedule.ts'
import { MILLISECOND, MINUTE, SECOND } from '../../src/base/time.ts'

function at(text: string): number {
  return Date.parse(text) * MILLISECOND
}

/** The next runs of a schedule after a time. */
function runs(text: string, after: string, count: number): string[] {
  const read = cronSchedule(text)
  if (!read.ok) throw new Error(read.message)
  const found: string[] = []
  for (let time: number | undefined = at(after); time !== undefined && found.length < count;) {
    time = read.schedule.next(time)
    found.push(time === undefined ? 'never' : new Date(time / MILLISECOND).toISOString().slice(0, 16))
  }
  return found
}

describe('cronSchedule', () => {
  it.each([
    ['*/20 9-10 * * *', ['2026-01-01T09:00', '2026-01-01T09:20', '2026-01-01T09:40', '2026-01-01T10:00']],
    ['5/30 0 * * *', ['2026-01-01T00:05', '2026-01-01T00:35', '2026-01-02T00:05']],
    ['0 0 * FEB mon,Fri', ['2026-02-02T00:00', '2026-02-06T00:00']],
    ['@weekly', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['@every 90m', ['2026-01-01T01:30', '2026-01-01T03:00']],
    // Both days restricted: either matches. A step of a star leaves the field open no more.
    ['0 0 13 * 5', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00', '2026-01-16T00:00']],
    ['0 0 */10 * 5', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-11T00:00']],
    ['0 0 29 2 *', ['2028-02-29T00:00']],
    ['0 0 31 2 *', ['never']],
    [', * * * *', ['never']],
  ])('runs %s at its times', (schedule, expected) => {
    expect(runs(schedule, '2026-01-01T00:00:00Z', expected.length)).toEqual(expected)
  })

  it('skips a time that daylight saving leaves out, and runs at both of one that comes twice', () => {
    expect(runs('TZ=Europe/Berlin 30 2 * * *', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ])
    expect(runs('CRON_TZ=America/New_York 30 1 * * *', '2026-10-31T12:00:00Z', 3)).toEqual([
      '2026-11-01T05:30',
      '2026-11-01T06:30',
      '2026-11-02T06:30',
    ])
  })

  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-3 * * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['* * * * x', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@reboot', 'unrecognized descriptor: @reboot'],
    ['@every never', 'failed to parse duration @every never: time: invalid duration "never"'],
    ['TZ=Mars/Olympus * * * * *', 'provided bad location Mars/Olympus: unknown time zone Mars/Olympus'],
  ])('says why "%s" is no schedule', (schedule, message) => {
    expect(parseCron(schedule)).toEqual({ ok: false, message })
  })

  it('finds the next time, and none between, at which all fields match', () => {
    const field = (max: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: 1, max }).map(String),
        fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`),
      )
    const start = at('2026-01-01T00:00:00Z')
    const offset = fc.integer({ min: 0, max: 365 * 24 * 60 }).map((minutes) => start + minutes * MINUTE)
    fc.assert(
      fc.property(field(59), field(23), offset, (minute, hour, after) => {
        const read = cronSchedule(`${minute} ${hour} * * *`)
        if (!read.ok) throw new Error(read.message)
        const parsed = parseCron(`${minute} ${hour} * * *`)
        if (!parsed.ok || parsed.cron.kind !== 'fields') throw new Error('no fields')
        const { cron } = parsed
        const matches = (time: number): boolean => {
          const date = new Date(time / MILLISECOND)
          return cron.minute.values.has(date.getUTCMinutes()) && cron.hour.values.has(date.getUTCHours())
        }
        const next = read.schedule.next(after)
        let expected = after + MINUTE
        while (!matches(expected)) expected += MINUTE
        expect(next).toBe(expected)
        expect(read.schedule.next(after + 17 * SECOND)).toBe(expected)
      }),
    )
  })
})
