import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import type { ParsedQuantity } from '../../api/quantity.ts'
import { goDuration } from '../../base/go-duration.ts'
import { MILLISECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { isEvictionSignal } from './signals.ts'
import type { EvictionSignal } from './signals.ts'
import { isHard } from './thresholds.ts'
import type { Threshold, ThresholdValue } from './thresholds.ts'

/** Texts by signal, as in a kubelet's configuration. */
export type SignalTexts = Readonly<Record<string, string>>

/** The part of a KubeletConfiguration that says when to evict; fields as there. */
export interface EvictionConfiguration {
  readonly evictionHard?: SignalTexts | null
  readonly evictionSoft?: SignalTexts | null
  readonly evictionSoftGracePeriod?: SignalTexts | null
  readonly evictionMinimumReclaim?: SignalTexts | null
  /** With `pods` hard thresholds of memory hold for what the pods together may use, too. */
  readonly enforceNodeAllocatable?: readonly string[] | null
}

/** The hard thresholds of a kubelet without any setting (kubelet v1.37, eviction/defaults_linux.go). */
export const DEFAULT_EVICTION_HARD: SignalTexts = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
}

/** What was wrong, and with which setting. */
export class ThresholdError extends Error {
  readonly part: keyof EvictionConfiguration
  readonly signal: string

  constructor(part: keyof EvictionConfiguration, signal: string, message: string) {
    super(message)
    this.part = part
    this.signal = signal
  }
}

/**
 * The thresholds of a configuration: hard ones, then soft ones, then those of allocatable memory. Throws
 * `ThresholdError` with the kubelet's own text. Shares of 0% and 100% are none.
 *
 * Source: kubelet v1.37, eviction/helpers.go `ParseThresholdConfig`.
 */
export function parseThresholds(configuration: EvictionConfiguration): Threshold[] {
  const hard = parseStatements(configuration, 'evictionHard')
  const soft = parseStatements(configuration, 'evictionSoft')
  const graces = parseGracePeriods(configuration)
  const reclaims = parseMinimumReclaims(configuration)
  const thresholds: Threshold[] = []
  for (const [signal, value] of hard) thresholds.push({ signal, value, grace: 0 })
  for (const [signal, value] of soft) {
    const grace = graces.get(signal)
    if (grace === undefined) {
      const message = `grace period must be specified for the soft eviction threshold ${signal}`
      throw new ThresholdError('evictionSoft', signal, message)
    }
    thresholds.push({ signal, value, grace })
  }
  const reclaimed = thresholds.map((threshold) => {
    const minReclaim = reclaims.get(threshold.signal)
    return minReclaim === undefined ? threshold : { ...threshold, minReclaim }
  })
  if (configuration.enforceNodeAllocatable?.includes('pods') !== true) return reclaimed
  const ofPods = reclaimed
    .filter((threshold) => threshold.signal === 'memory.available' && isHard(threshold))
    .map((threshold): Threshold => ({ ...threshold, signal: 'allocatableMemory.available' }))
  return [...reclaimed, ...ofPods]
}

type Part = Exclude<keyof EvictionConfiguration, 'enforceNodeAllocatable'>

/** The texts of a part by signal, in order of the signals; throws when there is no such signal. */
function statementsOf(configuration: EvictionConfiguration, part: Part): [EvictionSignal, string][] {
  const statements = Object.entries(configuration[part] ?? {})
  return statements
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([signal, text]) => {
      if (isEvictionSignal(signal)) return [signal, text]
      throw new ThresholdError(part, signal, `unsupported eviction signal ${signal}`)
    })
}

function parseStatements(
  configuration: EvictionConfiguration,
  part: 'evictionHard' | 'evictionSoft',
): [EvictionSignal, ThresholdValue][] {
  const values: [EvictionSignal, ThresholdValue][] = []
  for (const [signal, text] of statementsOf(configuration, part)) {
    if (text === '0%' || text === '100%') continue
    const fail = (message: string): never => {
      throw new ThresholdError(part, signal, message)
    }
    if (text.endsWith('%')) {
      const percentage = parsePercentage(text, fail)
      if (percentage < 0) fail(`eviction percentage threshold ${signal} must be >= 0%: ${text}`)
      if (percentage > 1) fail(`eviction percentage threshold ${signal} must be <= 100%: ${text}`)
      values.push([signal, { percentage }])
      continue
    }
    const quantity = parseAmount(text, fail)
    if (quantity.nano <= 0n) {
      fail(`eviction threshold ${signal} must be positive: ${formatQuantity(quantity)}`)
    }
    values.push([signal, { quantity }])
  }
  return values
}

function parseGracePeriods(configuration: EvictionConfiguration): ReadonlyMap<EvictionSignal, Micros> {
  const part = 'evictionSoftGracePeriod'
  const graces = new Map<EvictionSignal, Micros>()
  for (const [signal, text] of statementsOf(configuration, part)) {
    const milliseconds = goDuration(text)
    if (typeof milliseconds === 'string') throw new ThresholdError(part, signal, milliseconds)
    if (milliseconds < 0) {
      const message = `invalid eviction grace period specified: ${text}, must be a positive value`
      throw new ThresholdError(part, signal, message)
    }
    graces.set(signal, Math.round(milliseconds * MILLISECOND))
  }
  return graces
}

function parseMinimumReclaims(
  configuration: EvictionConfiguration,
): ReadonlyMap<EvictionSignal, ThresholdValue> {
  const part = 'evictionMinimumReclaim'
  const reclaims = new Map<EvictionSignal, ThresholdValue>()
  for (const [signal, text] of statementsOf(configuration, part)) {
    const fail = (message: string): never => {
      throw new ThresholdError(part, signal, message)
    }
    if (text.endsWith('%')) {
      const percentage = parsePercentage(text, fail)
      if (percentage <= 0) fail(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`)
      reclaims.set(signal, { percentage })
      continue
    }
    const quantity = parseAmount(text, fail)
    if (quantity.nano < 0n) fail(`negative eviction minimum reclaim specified for ${signal}`)
    reclaims.set(signal, { quantity })
  }
  return reclaims
}

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/
const SPECIAL = /^(?:[-+]?inf(?:inity)?|nan)$/i

/** A percentage as a share of 32 bits (Go, strconv.ParseFloat with 32 bits, divided by 100). */
function parsePercentage(text: string, fail: (message: string) => never): number {
  const digits = text.replace(/%+$/, '')
  const quoted = JSON.stringify(digits)
  if (SPECIAL.test(digits)) return specialNumber(digits.toLowerCase())
  if (!DECIMAL.test(digits)) return fail(`strconv.ParseFloat: parsing ${quoted}: invalid syntax`)
  const value = Math.fround(Number(digits))
  if (!Number.isFinite(value)) return fail(`strconv.ParseFloat: parsing ${quoted}: value out of range`)
  return Math.fround(value / 100)
}

function specialNumber(text: string): number {
  if (text === 'nan') return Number.NaN
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** What has the form of a quantity, with a suffix that may be none. */
const QUANTITY_FORM = /^[-+]?\d*(?:\.\d*)?[eEinumkKMGTP]*[-+]?\d*$/
const NO_QUANTITY =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function parseAmount(text: string, fail: (message: string) => never): ParsedQuantity {
  const quantity = parseQuantity(text)
  if (quantity !== undefined) return quantity
  const hasForm = text !== '' && QUANTITY_FORM.test(text)
  return fail(hasForm ? "unable to parse quantity's suffix" : NO_QUANTITY)
}
