import type { Sampler } from '../../base/distribution.ts'
import { parseDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ScenarioReader, Step } from '../reader.ts'
import { distribution, instant } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'

/** When something fails, and for how long: once, or again and again with times between that are drawn. */
export type OccurrenceSource =
  | { readonly kind: 'once'; readonly at: Micros; readonly span: Sampler }
  | { readonly kind: 'recurring'; readonly timeBetweenFailures: Sampler; readonly span: Sampler }

/** Fields that say when something fails. */
export const occurrenceFields: Readonly<Record<string, JsonSchema>> = {
  at: instant,
  timeBetweenFailures: {
    ...distribution,
    description: 'in place of an instant: time from the start, or the end of the last failure, to the next',
  },
  for: { ...distribution, description: 'how long it lasts' },
}

/** Reads when something fails; `for` is there, or what it is by default is given. */
export function occurrenceOf(reader: ScenarioReader, at: readonly Step[], lasts = '10m'): OccurrenceSource {
  const isOnce = reader.get([...at, 'at']) !== undefined
  const isRecurring = reader.get([...at, 'timeBetweenFailures']) !== undefined
  if (isOnce === isRecurring) reader.fail(at, 'expected either at or timeBetweenFailures')
  const span = spanOf(reader, [...at, 'for'], lasts)
  if (isOnce) return { kind: 'once', at: reader.instant([...at, 'at']), span }
  return {
    kind: 'recurring',
    timeBetweenFailures: reader.periods([...at, 'timeBetweenFailures'], '30d'),
    span,
  }
}

/** Reads how long a failure lasts. Throws `InputError` for one that is always over at once; some of those drawn may be. */
export function spanOf(reader: ScenarioReader, at: readonly Step[], lasts: string): Sampler {
  return reader.durations(at, lasts, (value, field) => {
    const span = parseDuration(value, field)
    const isDrawn = /\.(?:low|empirical.*)$/.test(field)
    return span > 0 || isDrawn ? span : reader.fail(at, 'is 0', 'expected more than 0')
  })
}
