import { InputError } from '../base/errors.ts'

/** The value of a flag that counts something: a whole number, 0 or more. */
export function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InputError({ field: flag, message: `${text} is no whole number`, hint: 'expected 0 or more' })
}

/** The value of a flag that counts something that must be there: a whole number from `min` to `max`. */
export function countNumber(flag: string, text: string, max = 1e9, min = 1): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (value >= min && value <= max) return value
  const hint = `expected a whole number from ${min} to ${max.toLocaleString('en')}`
  throw new InputError({ field: flag, message: `is "${text}"`, hint })
}

/** The value of a flag that measures something that must be there: a number above 0. */
export function positiveNumber(flag: string, text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new InputError({ field: flag, message: `is "${text}"`, hint: 'expected a number above 0' })
}

/** The values of a flag that takes several counts: `100,1000,10000`, in ascending order, each once. */
export function countNumbers(flag: string, text: string): readonly number[] {
  const counts = text.split(',').map((word) => countNumber(flag, word.trim()))
  if (counts.every((count, index) => index === 0 || count > (counts[index - 1] ?? 0))) return counts
  throw new InputError({ field: flag, message: `is "${text}"`, hint: 'expected ascending numbers' })
}

/** The value of `--shapes`: how many different sizes pods have; undefined for `all`. */
export function shapesNumber(text: string): number | undefined {
  return text === 'all' ? undefined : countNumber('--shapes', text, 1e6)
}
