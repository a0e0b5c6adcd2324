import { goJson } from '../../base/go-json.ts'
import { quote } from './go-text.ts'

/** Kinds of errors, as causes of a Status name them. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'

/**
 * What is wrong with one field.
 *
 * Source: Kubernetes v1.37, apimachinery `field.Error`.
 */
export interface FieldError {
  readonly type: FieldErrorType
  /** Path from the root of the object, such as `spec.containers[0].name` or `metadata.labels`. */
  readonly field: string
  /** The whole text without the path: kind, value, detail. */
  readonly message: string
  /** What was expected; may be empty. */
  readonly detail: string
}

/** The errors of a value; none when it is valid. */
export type FieldErrors = readonly FieldError[]

/** A value that is written as JSON: structs, lists, maps, and texts of a named Go type. */
export interface JsonValue {
  readonly json: unknown
}

/** A value in an error: a text is quoted, JSON marshalled; undefined is a nil pointer. */
export type BadValue = string | number | boolean | undefined | JsonValue

const NAMES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
}

/** A required value is missing. */
export function required(field: string, detail = ''): FieldError {
  return withoutValue('FieldValueRequired', field, detail)
}

/** A value that would be allowed elsewhere. */
export function forbidden(field: string, detail: string): FieldError {
  return withoutValue('FieldValueForbidden', field, detail)
}

/** A malformed value. */
export function invalid(field: string, value: BadValue, detail: string): FieldError {
  return withValue('FieldValueInvalid', field, value, detail)
}

/** A malformed value that is not shown. */
export function invalidOmitted(field: string, detail: string): FieldError {
  return withoutValue('FieldValueInvalid', field, detail)
}

/** A value that must be unique and is not. */
export function duplicate(field: string, value: BadValue, detail = ''): FieldError {
  return withValue('FieldValueDuplicate', field, value, detail)
}

/** A name that refers to nothing. */
export function notFound(field: string, value: BadValue, detail = ''): FieldError {
  return withValue('FieldValueNotFound', field, value, detail)
}

/** An unknown value of an enumeration. Texts are of a named type, so written as JSON. */
export function notSupported(field: string, value: BadValue, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`
  return withValue(
    'FieldValueNotSupported',
    field,
    typeof value === 'string' ? { json: value } : value,
    detail,
  )
}

/** A text beyond so many bytes. */
export function tooLong(field: string, bytesMax: number): FieldError {
  return withoutValue(
    'FieldValueTooLong',
    field,
    `may not be more than ${bytesMax} ${plural('byte', bytesMax)}`,
  )
}

/** A list beyond so many items. */
export function tooMany(field: string, count: number, countMax: number): FieldError {
  return withValue(
    'FieldValueTooMany',
    field,
    count,
    `must have at most ${countMax} ${plural('item', countMax)}`,
  )
}

/** A failure that is not the user's. */
export function internalError(field: string, detail: string): FieldError {
  return withoutValue('InternalError', field, detail)
}

/** One error of the same kind and value for each detail. */
export function invalidEach(field: string, value: BadValue, details: readonly string[]): FieldErrors {
  return details.map((detail) => invalid(field, value, detail))
}

/** Errors unless the condition holds: one when it does not. */
export function unless(condition: boolean, error: () => FieldError): FieldErrors {
  return condition ? [] : [error()]
}

/**
 * The API server's text of a refused object: `Pod "x" is invalid: spec.containers: Required value`; several
 * errors as `[one, other]`, equal ones once.
 *
 * Source: Kubernetes v1.37, apimachinery `errors.NewInvalid` and `field.ErrorList.ToAggregate`.
 */
export function formatErrors(kind: string, name: string, errors: FieldErrors): string {
  const texts = [...new Set(errors.map(formatError))]
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`
  return `${kind} ${quote(name)} is invalid: ${list}`
}

/** One error with its path. */
export function formatError(error: FieldError): string {
  return `${error.field}: ${error.message}`
}

function withValue(type: FieldErrorType, field: string, value: BadValue, detail: string): FieldError {
  return { type, field, detail, message: join(`${NAMES[type]}: ${valueText(value)}`, detail) }
}

function withoutValue(type: FieldErrorType, field: string, detail: string): FieldError {
  return { type, field, detail, message: join(NAMES[type], detail) }
}

function join(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`
}

function valueText(value: BadValue): string {
  if (value === undefined) return quote('null')
  if (typeof value === 'string') return quote(value)
  return typeof value === 'object' ? goJson(value.json) : String(value)
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`
}
