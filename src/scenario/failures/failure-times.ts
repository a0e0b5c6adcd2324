import type { FailureTimes } from '../../base/failure-times.ts'
import type { ScenarioReader, Step } from '../reader.ts'
import { distribution, duration } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'

/** Fields that say when a failure begins and how long it lasts: one at an instant, or again and again by chance. */
export function failureTimesSchema(whatLasts: string): Readonly<Record<string, JsonSchema>> {
  return {
    at: { ...duration, description: 'when, for one that happens once' },
    for: { ...distribution, description: `how long ${whatLasts}` },
    timeBetweenFailures: {
      ...distribution,
      description: 'time from the end of one to the next, in place of at',
    },
  }
}

/** Reads when a failure happens; `fallback` is how long it lasts when that is not said, for those that may leave it out. */
export function failureTimes(reader: ScenarioReader, at: readonly Step[], fallback?: string): FailureTimes {
  const once = reader.get([...at, 'at'])
  const again = reader.get([...at, 'timeBetweenFailures'])
  if ((once === undefined) === (again === undefined)) {
    reader.fail(at, 'expected either at or timeBetweenFailures')
  }
  if (reader.get([...at, 'for']) === undefined && fallback === undefined) reader.fail(at, 'expected for')
  const span = reader.durations([...at, 'for'], fallback ?? '0s')
  if (once !== undefined) return { kind: 'once', at: reader.duration([...at, 'at'], 0), span }
  return { kind: 'again', gap: reader.periods([...at, 'timeBetweenFailures'], '30d'), span }
}
