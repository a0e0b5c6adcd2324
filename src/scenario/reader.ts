import { existsSync } from 'node:fs'
import path from 'node:path'

import { parseShape } from '../api/node-shape.ts'
import { quantityValueExact, requireQuantity } from '../api/quantity.ts'
import { Calendar } from '../base/calendar.ts'
import { compileDistribution } from '../base/distribution.ts'
import type { Sampler } from '../base/distribution.ts'
import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { isDirectory } from '../base/unreadable.ts'
import { fieldText, positionOf } from './validate.ts'
import type { YamlPositions } from './validate.ts'

/** Where a scenario comes from: for paths and for errors. */
export interface ResolveSetting {
  readonly file: string | undefined
  readonly folder: string
  readonly digest: string
  readonly positions: YamlPositions | undefined
}

export type Step = string | number
export type Fields = Readonly<Record<string, unknown>>

/** A field of a scenario, and where it stands in the text. */
export type FieldPlace = ReturnType<typeof positionOf> & { readonly field: string }

/** Reads values of a raw scenario by path; what is wrong with one is told with its place in the text. */
export class ScenarioReader {
  readonly #raw: Fields
  readonly #setting: ResolveSetting

  constructor(raw: Fields, setting: ResolveSetting) {
    this.#raw = raw
    this.#setting = setting
  }

  get(at: readonly Step[]): unknown {
    let value: unknown = this.#raw
    for (const step of at) {
      if (typeof value !== 'object' || value === null) return undefined
      value = (value as Record<Step, unknown>)[step]
    }
    return value ?? undefined
  }

  list(at: readonly Step[]): readonly unknown[] {
    return (this.get(at) ?? []) as readonly unknown[]
  }

  text(at: readonly Step[], fallback: string): string {
    return String(this.get(at) ?? fallback)
  }

  number(at: readonly Step[], fallback: number): number {
    return Number(this.get(at) ?? fallback)
  }

  /** The shape of a node, as it is written. */
  shape(at: readonly Step[]): string {
    const text = this.text(at, '')
    this.placed(at, () => parseShape(text, fieldText(at)))
    return text
  }

  flag(at: readonly Step[], fallback: boolean): boolean {
    return Boolean(this.get(at) ?? fallback)
  }

  path(file: string): string {
    return path.isAbsolute(file)
      ? file
      : path.relative(process.cwd(), path.resolve(this.#setting.folder, file)) || '.'
  }

  /** Path of a file that is named in the scenario, and is there. */
  file(at: readonly Step[]): string {
    const file = this.path(this.text(at, ''))
    if (isDirectory(file)) this.fail(at, `${file} is a directory`, 'give a file')
    return existsSync(file)
      ? file
      : this.fail(at, `${file} cannot be read`, 'is the path right? it is relative to the scenario')
  }

  maybeDuration(at: readonly Step[]): Micros | undefined {
    const value = this.get(at)
    if (value === undefined) return undefined
    return this.placed(at, () => parseDuration(value as string | number, fieldText(at)))
  }

  duration(at: readonly Step[], fallback: Micros): Micros {
    return this.maybeDuration(at) ?? fallback
  }

  /** The time after which something comes again: never 0. */
  period(at: readonly Step[], fallback: Micros): Micros {
    const value = this.duration(at, fallback)
    return value > 0 ? value : this.fail(at, 'is 0', 'expected more than 0')
  }

  /** A time of the calendar, in RFC 3339; undefined when none is said. */
  calendarTime(at: readonly Step[]): string | undefined {
    const value = this.get(at)
    if (value === undefined) return undefined
    this.placed(at, () => new Calendar(String(value), fieldText(at)))
    return String(value)
  }

  /** An instant of the run: a duration from its start, a time of day, or a time of the calendar in RFC 3339. */
  instant(at: readonly Step[], fallback: Micros = 0): Micros {
    const value = this.get(at)
    if (value === undefined) return fallback
    const calendar = new Calendar(this.calendarTime(['spec', 'startTime']))
    return this.placed(at, () => calendar.instant(value as string | number, fieldText(at)))
  }

  bytes(at: readonly Step[], fallback: number): number {
    const value = this.get(at) as string | number | undefined
    if (value === undefined) return fallback
    return this.placed(at, () => this.#positiveBytes(value, at))
  }

  /** Amounts, quantities from 0 on, drawn from a distribution. */
  maybeAmounts(at: readonly Step[]): Sampler | undefined {
    if (this.get(at) === undefined) return undefined
    return this.distribution(at, 0, (value) => this.#positiveBytes(value, at))
  }

  /** Times after which something comes again: one that is always 0 would never let time pass. */
  periods(at: readonly Step[], fallback: string): Sampler {
    return this.durations(at, fallback, (value, field) => {
      const span = parseDuration(value, field)
      if (span > 0 || field.endsWith('.low')) return span
      throw new InputError({ field, message: 'is 0', hint: 'expected more than 0' })
    })
  }

  durations(at: readonly Step[], fallback: string, parse: typeof parseDuration = parseDuration): Sampler {
    const sampler = this.distribution(at, fallback, parse)
    return (stream) => Math.max(0, Math.round(sampler(stream)))
  }

  distribution(
    at: readonly Step[],
    fallback: string | number,
    parseValue: (value: string | number, field: string) => number,
  ): Sampler {
    return this.placed(at, () => compileDistribution(this.get(at) ?? fallback, fieldText(at), parseValue))
  }

  /** Where a field stands in the text. */
  placeOf(at: readonly Step[]): ReturnType<typeof positionOf> {
    return positionOf(at, this.#setting.positions)
  }

  /** A field with where it stands in the text, to say later what is wrong with it. */
  fieldAt(at: readonly Step[]): FieldPlace {
    return { ...this.placeOf(at), field: fieldText(at) }
  }

  fail(at: readonly Step[], message: string, hint?: string): never {
    throw new InputError({ ...this.fieldAt(at), message, ...(hint === undefined ? {} : { hint }) })
  }

  #positiveBytes(value: string | number, at: readonly Step[]): number {
    const quantity = requireQuantity(value, fieldText(at))
    if (quantity.nano >= 0n) return Number(quantityValueExact(quantity))
    throw new InputError({ field: fieldText(at), message: `"${value}" is below 0` })
  }

  /** Adds the place in the text to what a parser found wrong. */
  placed<Result>(at: readonly Step[], body: () => Result): Result {
    try {
      return body()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const place = positionOf(at, this.#setting.positions)
      throw new InputError(error.problems.map((problem) => ({ ...place, ...problem })))
    }
  }
}
