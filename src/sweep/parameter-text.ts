import { parse } from 'yaml'

import { InputError } from '../base/errors.ts'
import { SCALES, checkedRange, checkedValues } from './parameter.ts'
import type { Parameter, ParameterRange } from './parameter.ts'

/** `path=v1,v2,v3`: values as YAML, so that lists and objects can be given. Throws `InputError` for what is none. */
export function valuesParameter(text: string, flag: string): Parameter {
  const { path, rest } = split(text, flag, 'path=value,value,…')
  let values: readonly unknown[]
  try {
    values = parse(`[${rest}]`) as readonly unknown[]
  } catch {
    throw new InputError({
      field: flag,
      message: `"${rest}" are no values`,
      hint: 'expected YAML, as in 10,20',
    })
  }
  if (values.length === 0) throw new InputError({ field: flag, message: `${path} has no values` })
  const source = `${flag} ${path}`
  return { path, source, domain: { values: checkedValues(values, source) } }
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)([A-Za-z%]*)`
const RANGE = new RegExp(`^(?:(\\w+):)?${NUMBER}\\.\\.${NUMBER}$`)

/**
 * `path=1..10`, `path=log:0.1..10`, `path=1m..90m`: integers where both ends are written so, unless a scale is named before the
 * colon. Throws `InputError` for what is none.
 */
export function rangeParameter(text: string, flag: string): Parameter {
  const { path, rest } = split(text, flag, 'path=FROM..TO, or path=log:FROM..TO')
  const source = `${flag} ${path}`
  const [, scale, from = '', unit = '', to = '', unitTo = ''] = RANGE.exec(rest) ?? []
  const isRange = from !== '' && (scale === undefined || isScale(scale))
  if (!isRange || (unit !== unitTo && unit !== '')) {
    throw new InputError({
      field: source,
      message: `"${rest}" is no range`,
      hint: `expected FROM..TO, with ${SCALES.join(', ')} and a colon before it if need be, and one unit behind both`,
    })
  }
  const isWhole = [from, to].every((end) => /^-?\d+$/.test(end))
  const range: ParameterRange = {
    from: Number(from),
    to: Number(to),
    scale: scale !== undefined && isScale(scale) ? scale : isWhole ? 'integer' : 'linear',
    unit: unitTo,
  }
  return { path, source, domain: { range: checkedRange(range, source) } }
}

function isScale(text: string): text is (typeof SCALES)[number] {
  return (SCALES as readonly string[]).includes(text)
}

function split(text: string, flag: string, form: string): { readonly path: string; readonly rest: string } {
  const at = text.indexOf('=')
  if (at > 0) return { path: text.slice(0, at), rest: text.slice(at + 1) }
  throw new InputError({ field: flag, message: `"${text}" has no "="`, hint: `expected ${form}` })
}
