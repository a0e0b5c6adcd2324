import { compileDistribution, plainNumber } from '../base/distribution.ts'
import type { Sampler } from '../base/distribution.ts'
import { InputError } from '../base/errors.ts'
import { MINUTE, NEVER, SECOND, parseDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { quantityMilliExact, quantityValueExact, requireQuantity } from './quantity.ts'

/** A use over time: from each step on, counted from the start of the container, a value is drawn; steps ascend from 0. */
export type UsageSteps = readonly { readonly at: Micros; readonly value: Sampler }[]

/** A span of the run of a container, from its start; `to` is not in it. */
export interface RunSpan {
  readonly from: Micros
  readonly to: Micros
}

/** How a container behaves, where somebody said so: what a manifest cannot tell. Draws are made at each start. */
export interface ContainerBehaviour {
  /** How long it runs: time, or with `cpu` the work that takes so long at the cpu that it wants. For ever without. */
  readonly duration?: Sampler
  /** Work between two checkpoints of a run with a duration: the next run, or pod in its place, goes on from the last. None without. */
  readonly checkpointInterval?: Sampler
  /** Exit codes of its runs in turn; the last one stays. */
  readonly exitCode?: readonly number[]
  /** Millicores that it wants. */
  readonly cpu?: UsageSteps
  /** Bytes in use. */
  readonly memory?: UsageSteps
  /** Bytes a second by which memory grows besides. */
  readonly memoryLeak?: number
  /** Bytes on the disk of the node. */
  readonly disk?: UsageSteps
  /** How often uses are drawn anew. */
  readonly resample?: Micros
  /** Time from its start until its probes may succeed. */
  readonly timeToReady?: Sampler
  /** When which probes fail besides. */
  readonly startupFails?: readonly RunSpan[]
  readonly livenessFails?: readonly RunSpan[]
  readonly readinessFails?: readonly RunSpan[]
  /** Time that a probe takes; one beyond its timeout fails. */
  readonly probeLatency?: Micros
  /** Time from SIGTERM until it ends. */
  readonly terminationTime?: Sampler
  /** Exit code when it ends on SIGTERM. */
  readonly terminationExitCode?: number
  /** Time that its hooks take, if they do not sleep. */
  readonly postStart?: Sampler
  readonly preStop?: Sampler
}

/** Name of a field of a behaviour. */
export type BehaviourField = keyof ContainerBehaviour

type Parse<T> = (value: unknown, field: string) => T

const PARSERS: { readonly [Field in BehaviourField]-?: Parse<NonNullable<ContainerBehaviour[Field]>> } = {
  duration: spans,
  checkpointInterval: intervals,
  exitCode: exitCodes,
  cpu: (value, field) => steps(value, field, millicores),
  memory: (value, field) => steps(value, field, bytes),
  memoryLeak: rate,
  disk: (value, field) => steps(value, field, bytes),
  resample: period,
  timeToReady: spans,
  startupFails: runSpans,
  livenessFails: runSpans,
  readinessFails: runSpans,
  probeLatency: (value, field) => parseDuration(scalar(value, field), field),
  terminationTime: spans,
  terminationExitCode: (value, field) => exitCode(scalar(value, field), field),
  postStart: spans,
  preStop: spans,
}

/** All fields of a behaviour. */
export const BEHAVIOUR_FIELDS = Object.keys(PARSERS) as readonly BehaviourField[]

/** Reads one field of a behaviour; throws `InputError` naming `field`. */
export function parseBehaviourField(name: BehaviourField, value: unknown, field: string): ContainerBehaviour {
  return { [name]: PARSERS[name](value, field) }
}

function scalar(value: unknown, field: string): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new InputError({ field, message: 'expected one value' })
}

/** Spans of time that are never below 0. */
function spans(value: unknown, field: string): Sampler {
  const draw = compileDistribution(value, field, parseDuration)
  return (stream) => Math.max(0, Math.round(draw(stream)))
}

/** Spans of time that are above 0. */
function intervals(value: unknown, field: string): Sampler {
  const draw = compileDistribution(value, field, (text, place) => {
    const span = parseDuration(text, place)
    if (span > 0) return span
    throw new InputError({ field: place, message: 'is 0', hint: 'expected more than 0' })
  })
  return (stream) => Math.max(1, Math.round(draw(stream)))
}

function period(value: unknown, field: string): Micros {
  const span = parseDuration(scalar(value, field), field)
  if (span > 0) return span
  throw new InputError({ field, message: 'is 0', hint: 'expected more than 0' })
}

function exitCodes(value: unknown, field: string): readonly number[] {
  const parts = Array.isArray(value) ? value : String(scalar(value, field)).split(',')
  return parts.map((part: unknown) => exitCode(scalar(part, field), field))
}

function exitCode(value: string | number, field: string): number {
  const code = plainNumber(value, field)
  if (Number.isInteger(code) && code >= 0 && code <= 255) return code
  throw new InputError({ field, message: `"${value}" is no exit code`, hint: 'expected 0 to 255' })
}

/** `from-to` spans, separated by commas; without an end they last. */
function runSpans(value: unknown, field: string): readonly RunSpan[] {
  const parts = Array.isArray(value) ? value : String(scalar(value, field)).split(',')
  return parts.map((part: unknown) => {
    const [from = '', to, ...others] = String(scalar(part, field)).split('-')
    const span = {
      from: parseDuration(from.trim(), field),
      to: to === undefined || to.trim() === '' ? NEVER : parseDuration(to.trim(), field),
    }
    if (others.length === 0 && span.from < span.to) return span
    throw new InputError({ field, message: `"${String(part)}" is no span`, hint: 'expected 30s-60s, or 2m-' })
  })
}

/** A value, a distribution, or `start=value` steps separated by commas. */
function steps(value: unknown, field: string, parse: Parse<number>): UsageSteps {
  const amount = (text: string | number, place: string): number => parse(text, place)
  if (typeof value !== 'string' || !value.includes('=')) {
    return [{ at: 0, value: compileDistribution(value, field, amount) }]
  }
  const read = value.split(',').map((part) => {
    const [at = '', text = '', ...others] = part.split('=')
    if (others.length > 0) throw new InputError({ field, message: `"${part.trim()}" is no step` })
    return { at: parseDuration(at.trim(), field), value: compileDistribution(text.trim(), field, amount) }
  })
  const sorted = read.toSorted((one, other) => one.at - other.at)
  return sorted[0]?.at === 0 ? sorted : [{ at: 0, value: () => 0 }, ...sorted]
}

function millicores(value: unknown, field: string): number {
  return positive(Number(quantityMilliExact(requireQuantity(scalar(value, field), field))), value, field)
}

function bytes(value: unknown, field: string): number {
  return positive(Number(quantityValueExact(requireQuantity(scalar(value, field), field))), value, field)
}

function positive(amount: number, value: unknown, field: string): number {
  if (amount >= 0) return amount
  throw new InputError({ field, message: `"${String(value)}" is below 0` })
}

const RATE_UNITS: Readonly<Record<string, Micros>> = { s: SECOND, m: MINUTE, h: 60 * MINUTE }

/** `10Mi/m`: bytes for each second, minute or hour; as bytes a second. */
function rate(value: unknown, field: string): number {
  const [amount = '', unit = 's', ...others] = String(scalar(value, field)).split('/')
  const span = RATE_UNITS[unit.trim()]
  if (span === undefined || others.length > 0) {
    throw new InputError({
      field,
      message: `"${String(value)}" is no rate`,
      hint: 'expected 10Mi/m or 1Mi/s',
    })
  }
  return (bytes(amount.trim(), field) * SECOND) / span
}
