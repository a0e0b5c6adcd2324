import { describe, expect, it } from 'vitest'

import { UTC, timeZoneOf } from '../../src/base/time-zone.ts'

function at(text: string): number {
  return Date.parse(text) / 1000
}

function zone(name: string): NonNullable<ReturnType<typeof timeZoneOf>> {
  const found = timeZoneOf(name)
  if (found === undefined) throw new Error(`${name} is no zone`)
  return found
}

describe('timeZoneOf', () => {
  it('knows the names that Go knows, and no others', () => {
    for (const name of ['', 'UTC', 'Local']) expect(timeZoneOf(name)).toBe(UTC)
    for (const name of [
      'Europe/Berlin',
      'America/Port-au-Prince',
      'Etc/GMT+1',
      'EST5EDT',
      'CET',
      'US/Pacific',
    ]) {
      expect(timeZoneOf(name)?.name).toBe(name)
    }
    for (const name of ['Mars/Olympus', 'europe/berlin', 'GMT+1', 'IST', '+01:00', '../UTC', 'Europe']) {
      expect(timeZoneOf(name)).toBeUndefined()
    }
  })
})

describe('TimeZone', () => {
  it('changes its offset at the second of the transition', () => {
    const berlin = zone('Europe/Berlin')
    expect(berlin.offsetAt(at('2026-03-29T00:59:59Z'))).toBe(3600)
    expect(berlin.offsetAt(at('2026-03-29T01:00:00Z'))).toBe(7200)
    expect(berlin.offsetAt(at('2026-10-25T00:59:59Z'))).toBe(7200)
    expect(berlin.offsetAt(at('2026-10-25T01:00:00Z'))).toBe(3600)
    expect(zone('Australia/Lord_Howe').offsetAt(at('2026-04-04T15:00:00Z'))).toBe(37_800)
  })

  it('gives civil times and takes them back, those in a gap by the offset before it', () => {
    const berlin = zone('Europe/Berlin')
    const noon = berlin.civil(at('2026-07-01T10:00:00Z'))
    expect(noon).toEqual({ year: 2026, month: 7, day: 1, hour: 12, minute: 0, second: 0, weekday: 3 })
    expect(berlin.instant(noon)).toBe(at('2026-07-01T10:00:00Z'))
    const gap = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0 }
    expect(berlin.instant(gap)).toBe(at('2026-03-29T01:30:00Z'))
    const overflow = { year: 2026, month: 13, day: 32, hour: 0, minute: 0, second: 0 }
    expect(UTC.instant(overflow)).toBe(at('2027-02-01T00:00:00Z'))
  })
})
