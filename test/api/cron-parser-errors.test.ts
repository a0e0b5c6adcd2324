import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseCron } from '../../src/api/cron-parser.ts'
import { timeZoneOf } from '../../src/base/time-zone.ts'

/** What is wrong with a schedule. */
function scheduleProblem(schedule: string): string | undefined {
  const parsed = parseCron(schedule)
  return parsed.ok ? undefined : parsed.message
}

/** A field of a schedule within its limits. */
function field(least: number, most: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: least, max: most })
  const range = fc
    .tuple(value, value)
    .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`)
  const base = fc.oneof(fc.constant('*'), fc.constant('?'), value.map(String), range)
  const stepped = fc.tuple(base, fc.integer({ min: 1, max: 70 })).map(([text, step]) => `${text}/${step}`)
  return fc.array(fc.oneof(base, stepped), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','))
}

describe('schedules', () => {
  it('are right when every field is within its limits', () => {
    const schedule = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
    fc.assert(fc.property(schedule, (fields) => scheduleProblem(fields.join(' ')) === undefined))
  })

  it.each([
    ['0 0 * jan-DEC mon,Fri', undefined],
    ['@hourly', undefined],
    ['@every 1h30m', undefined],
    ['CRON_TZ=Europe/Berlin 0 0 * * *', undefined],
    ['bad', 'expected exactly 5 fields, found 1: [bad]'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['@never', 'unrecognized descriptor: @never'],
    ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every 5d', 'failed to parse duration @every 5d: time: unknown unit "d" in duration "5d"'],
    ['TZ=Mars/X * * * * *', 'provided bad location Mars/X: unknown time zone Mars/X'],
  ])('%s: %s', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toBe(problem)
  })
})

describe('time zones', () => {
  it.each(['UTC', '', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'US/Eastern', 'GMT', 'Etc/GMT+5'])(
    'are known: %s',
    (zone) => expect(timeZoneOf(zone)).toBeDefined(),
  )

  it.each(['Mars/X', 'europe/berlin', 'us/eastern', 'utc', '+01:00'])('are not: %s', (zone) =>
    expect(timeZoneOf(zone)).toBeUndefined(),
  )
})
