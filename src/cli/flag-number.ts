import { InputError } from '../base/errors.ts'

/** The value of a flag that counts something: a whole number, 0 or more. */
export function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InputError({ field: flag, message: `${text} is no whole number`, hint: 'expected 0 or more' })
}
