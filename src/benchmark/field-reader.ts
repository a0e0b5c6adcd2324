import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Fields of a YAML object, before their types are known. */
export type Fields = Readonly<Record<string, unknown>>

/** Where an object stands: the file, and the path of its fields in it. */
export interface Place {
  readonly file: string
  readonly path: string
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error of a wrong value at a place. */
export function wrongField(place: Place, field: string, message: string, hint?: string): InputError {
  const path = [place.path, field].filter((part) => part !== '').join('.')
  return new InputError({ file: place.file, field: path, message, ...(hint === undefined ? {} : { hint }) })
}

/** The fields of a value that must be an object. */
export function requireFields(value: unknown, place: Place): Fields {
  if (isFields(value)) return value
  throw wrongField(place, '', 'is no object')
}

/**
 * Reads typed fields of one object and remembers which it read, so that `done` can refuse the rest.
 *
 * A field may have a twin `<name>Param` whose value `$key` is looked up in the parameters of the workload.
 */
export class FieldReader {
  readonly place: Place
  readonly #fields: Fields
  readonly #params: Fields
  readonly #known = new Set<string>()

  constructor(fields: Fields, place: Place, params: Fields = {}) {
    this.#fields = fields
    this.place = place
    this.#params = params
  }

  /** Whether the field, or the parameter that its twin names, is there. */
  has(name: string): boolean {
    const param = this.#fields[`${name}Param`]
    if (typeof param !== 'string') return this.#fields[name] !== undefined
    return this.#params[param.slice(1)] !== undefined
  }

  /** Takes a field and its twin as read, for another value. */
  skip<T>(name: string, value: T): T {
    this.#known.add(name).add(`${name}Param`)
    return value
  }

  /** The value as it is, after its parameter was looked up; undefined when there is none. */
  any(name: string): unknown {
    this.#known.add(name)
    this.#known.add(`${name}Param`)
    const param = this.#fields[`${name}Param`]
    return param === undefined ? this.#fields[name] : this.param(String(param as string), `${name}Param`)
  }

  text(name: string): string | undefined {
    const value = this.any(name)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw this.#wrong(name, `is ${JSON.stringify(value)}; expected a text`)
  }

  requiredText(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw this.#wrong(name, 'is missing')
    return value
  }

  /** A whole number, 0 or more. */
  count(name: string): number | undefined {
    const value = this.any(name)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
    throw this.#wrong(name, `is ${JSON.stringify(value)}; expected a whole number, 0 or more`)
  }

  requiredCount(name: string): number {
    const value = this.count(name)
    if (value === undefined) throw this.#wrong(name, `is missing; so is ${name}Param`)
    return value
  }

  flag(name: string): boolean {
    const value = this.any(name) ?? false
    if (typeof value === 'boolean') return value
    throw this.#wrong(name, `is ${JSON.stringify(value)}; expected true or false`)
  }

  duration(name: string): Micros | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : parseDuration(text, `${this.place.path}.${name}`)
  }

  texts(name: string): readonly string[] {
    const value = this.any(name) ?? []
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw this.#wrong(name, `is ${JSON.stringify(value)}; expected a list of texts`)
  }

  /** The list as it is; empty when there is none. */
  list(name: string): readonly unknown[] {
    const value = this.any(name) ?? []
    if (Array.isArray(value)) return value
    throw this.#wrong(name, 'is no list')
  }

  fields(name: string): Fields | undefined {
    const value = this.any(name)
    return value === undefined || value === null
      ? undefined
      : requireFields(value, { file: this.place.file, path: `${this.place.path}.${name}` })
  }

  /** Labels: texts by name. */
  labels(name: string): Readonly<Record<string, string>> | undefined {
    const fields = this.fields(name)
    if (fields === undefined) return undefined
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value as string)]))
  }

  /** Feature gates: true or false by name. */
  flags(name: string): Readonly<Record<string, boolean>> {
    return Object.fromEntries(
      Object.entries(this.fields(name) ?? {}).map(([key, value]) => {
        if (typeof value === 'boolean') return [key, value]
        throw this.#wrong(`${name}.${key}`, 'is neither true nor false')
      }),
    )
  }

  /** Parameters of a template, each `$key` or `$key|default` looked up. */
  templateParams(name: string): Fields {
    return Object.fromEntries(
      Object.entries(this.fields(name) ?? {}).map(([key, value]) => [
        key,
        typeof value === 'string' && value.startsWith('$') ? this.param(value, `${name}.${key}`) : value,
      ]),
    )
  }

  /** The parameter of the workload that `$key` names; `$key|default` has a default, which is a text. */
  param(reference: string, field: string): unknown {
    const match = /^\$([^|]+)(\|(.*))?$/.exec(reference)
    const key = match?.[1]
    if (key === undefined) throw this.#wrong(field, `is "${reference}"; expected $ and a parameter's name`)
    const value = this.#params[key]
    if (value !== undefined) return value
    if (match?.[2] !== undefined) return match[3] ?? ''
    if (key in this.#params) return undefined
    throw this.#wrong(field, `the workload has no parameter "${key}"`)
  }

  /** Refuses fields that nobody asked for. */
  done(): void {
    const unknown = Object.keys(this.#fields).find((name) => !this.#known.has(name))
    if (unknown === undefined) return
    throw this.#wrong(unknown, 'is not known here', `known are ${[...this.#known].join(', ')}`)
  }

  #wrong(field: string, message: string, hint?: string): InputError {
    return wrongField(this.place, field, message, hint)
  }
}
