import { quote } from './go-text.ts'
import { isTimeZone } from './time-zones.ts'

/** Limits of a field of a schedule, and names for its values. */
interface Bounds {
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
]
const DESCRIPTORS: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
])
const EVERY = '@every '
const UNITS: ReadonlySet<string> = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'])
const INT64_MAX = 2n ** 63n - 1n

/** A number, or why there is none. */
type Read = { readonly value: number } | { readonly problem: string }

/**
 * What is wrong with a schedule; undefined when it is right.
 *
 * Source: robfig/cron v3 `ParseStandard`, which Kubernetes v1.37 checks schedules with: texts are those of
 * its errors.
 */
export function scheduleProblem(schedule: string): string | undefined {
  const zoned = /^(?:CRON_)?TZ=([^ ]*)( .*)?$/s.exec(schedule)
  if (zoned !== null) {
    const zone = zoned[1] ?? ''
    const isKnown = zone === '' || zone === 'Local' || isTimeZone(zone)
    if (!isKnown) return `provided bad location ${zone}: unknown time zone ${zone}`
    return plainProblem((zoned[2] ?? '').trim())
  }
  return plainProblem(schedule)
}

function plainProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return descriptorProblem(schedule)
  const fields = schedule.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`
  }
  for (const [index, bounds] of FIELDS.entries()) {
    const problem = fieldProblem(fields[index] ?? '', bounds)
    if (problem !== undefined) return problem
  }
  return undefined
}

function descriptorProblem(descriptor: string): string | undefined {
  if (DESCRIPTORS.has(descriptor)) return undefined
  if (!descriptor.startsWith(EVERY)) return `unrecognized descriptor: ${descriptor}`
  const problem = durationProblem(descriptor.slice(EVERY.length))
  return problem === undefined ? undefined : `failed to parse duration ${descriptor}: ${problem}`
}

/** Source: Go, `time.ParseDuration`. */
function durationProblem(duration: string): string | undefined {
  let rest = duration.replace(/^[-+]/, '')
  if (rest === '0') return undefined
  if (rest === '') return `time: invalid duration ${quote(duration)}`
  while (rest !== '') {
    const [whole = '', unit = ''] = /^(?:\d+\.?\d*|\.\d+)([^.0-9]*)/.exec(rest) ?? []
    if (whole === '') return `time: invalid duration ${quote(duration)}`
    if (unit === '') return `time: missing unit in duration ${quote(duration)}`
    if (!UNITS.has(unit)) return `time: unknown unit ${quote(unit)} in duration ${quote(duration)}`
    rest = rest.slice(whole.length)
  }
  return undefined
}

function fieldProblem(field: string, bounds: Bounds): string | undefined {
  for (const range of field.split(',').filter((part) => part !== '')) {
    const problem = rangeProblem(range, bounds)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** `*`, a value, or two with a hyphen; then a slash and a step, or not. */
function rangeProblem(range: string, bounds: Bounds): string | undefined {
  const [values = '', stepText, ...moreSteps] = range.split('/')
  const [low = '', high, ...moreValues] = values.split('-')
  const isAll = low === '*' || low === '?'
  const start: Read = isAll ? { value: bounds.least } : readValue(low, bounds)
  if ('problem' in start) return start.problem
  let end: Read = isAll ? { value: bounds.most } : start
  if (!isAll && high !== undefined) {
    if (moreValues.length > 0) return `too many hyphens: ${range}`
    end = readValue(high, bounds)
    if ('problem' in end) return end.problem
  }
  if (moreSteps.length > 0) return `too many slashes: ${range}`
  const step: Read = stepText === undefined ? { value: 1 } : readNumber(stepText)
  if ('problem' in step) return step.problem
  const last = stepText !== undefined && high === undefined ? bounds.most : end.value
  return limitProblem(range, { start: start.value, last, step: step.value }, bounds)
}

function limitProblem(
  range: string,
  { start, last, step }: { readonly start: number; readonly last: number; readonly step: number },
  { least, most }: Bounds,
): string | undefined {
  if (start < least) return `beginning of range (${start}) below minimum (${least}): ${range}`
  if (last > most) return `end of range (${last}) above maximum (${most}): ${range}`
  if (start > last) return `beginning of range (${start}) beyond end of range (${last}): ${range}`
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined
}

function readValue(value: string, { names }: Bounds): Read {
  const index = names?.indexOf(value.toLowerCase()) ?? -1
  return value !== '' && index >= 0 ? { value: index } : readNumber(value)
}

function readNumber(value: string): Read {
  const failure = `failed to parse int from ${value}: strconv.Atoi: parsing ${quote(value)}`
  if (!/^[-+]?\d+$/.test(value)) return { problem: `${failure}: invalid syntax` }
  const exact = BigInt(value.replace(/^\+/, ''))
  if (exact > INT64_MAX || exact < -INT64_MAX - 1n) return { problem: `${failure}: value out of range` }
  return exact < 0n
    ? { problem: `negative number (${exact}) not allowed: ${value}` }
    : { value: Number(exact) }
}
