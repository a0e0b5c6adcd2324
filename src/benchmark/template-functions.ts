/** A value of the wrong type in a template; becomes an `InputError` with the file's name. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

type TemplateFunction = (...args: readonly unknown[]) => unknown

/**
 * The functions of scheduler_perf's templates, and those of Go that need no types: numbers may also be texts.
 *
 * Source: Kubernetes v1.37, test/integration/scheduler_perf/operations.go, and Go 1.24, text/template.
 */
export const TEMPLATE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  Int: (value) => Math.trunc(numberOf(value)),
  Float: (value) => numberOf(value),
  AddInt: (...numbers) => Math.trunc(sum(numbers)),
  AddFloat: (...numbers) => sum(numbers),
  SubtractInt: (one, other) => Math.trunc(numberOf(one) - numberOf(other)),
  SubtractFloat: (one, other) => numberOf(one) - numberOf(other),
  MultiplyInt: (...numbers) => Math.trunc(product(numbers)),
  MultiplyFloat: (...numbers) => product(numbers),
  DivideInt: (one, other) => Math.trunc(quotient(one, other)),
  DivideFloat: (one, other) => quotient(one, other),
  Mod: (one, other) => remainder(one, other),
  JSON: (value) => JSON.stringify(value ?? null),
  and: (...values) => firstOrLast(values, (value) => !isTrue(value)),
  or: (...values) => firstOrLast(values, isTrue),
  not: (value) => !isTrue(value),
  eq: (one, ...others) => others.some((other) => compare(one, other) === 0),
  ne: (one, other) => compare(one, other) !== 0,
  lt: (one, other) => compare(one, other) < 0,
  le: (one, other) => compare(one, other) <= 0,
  gt: (one, other) => compare(one, other) > 0,
  ge: (one, other) => compare(one, other) >= 0,
  len: (value) => lengthOf(value),
  print: (...values) => values.map(textOf).join(''),
  printf: (format, ...values) => formatted(textOf(format), values),
}

function firstOrLast(values: readonly unknown[], isWanted: (value: unknown) => boolean): unknown {
  const index = values.findIndex(isWanted)
  return values.at(index)
}

/** Whether a value counts as true: not false, 0, empty or absent. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** A value as a template prints it. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value as string | number | boolean)
}

function numberOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new TemplateError(`${value === undefined ? 'a value that is missing' : textOf(value)} is no number`)
}

function sum(numbers: readonly unknown[]): number {
  return numbers.reduce<number>((total, number) => total + numberOf(number), 0)
}

function product(numbers: readonly unknown[]): number {
  return numbers.reduce<number>((total, number) => total * numberOf(number), 1)
}

function quotient(one: unknown, other: unknown): number {
  const divisor = numberOf(other)
  if (divisor === 0) throw new TemplateError('division by zero')
  return numberOf(one) / divisor
}

/** Of the whole numbers, with the sign of the first, as Go's. */
function remainder(one: unknown, other: unknown): number {
  const divisor = Math.trunc(numberOf(other))
  if (divisor === 0) throw new TemplateError('division by zero')
  const rest = Math.trunc(numberOf(one)) % divisor
  return rest === 0 ? 0 : rest
}

/** Below 0, 0 or above 0; texts and numbers are each compared with their own kind only. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return one === other ? 0 : one < other ? -1 : 1
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other)
  if (one === undefined || other === undefined) return one === other ? 0 : -1
  throw new TemplateError(`cannot compare ${textOf(one)} with ${textOf(other)}`)
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return Object.keys(value).length
  throw new TemplateError(`${textOf(value)} has no length`)
}

/** `%d`, `%s`, `%v`, `%q` with a width, zeros in front allowed. */
function formatted(format: string, values: readonly unknown[]): string {
  let next = 0
  return format.replaceAll(/%(0?)(\d*)([dsvq%])/g, (_, zero: string, width: string, verb: string) => {
    if (verb === '%') return '%'
    const value = values[next++]
    const text = verb === 'q' ? JSON.stringify(textOf(value)) : textOf(value)
    return text.padStart(Number(width || 0), zero === '' ? ' ' : '0')
  })
}
