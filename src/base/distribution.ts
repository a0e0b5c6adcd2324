import { InputError } from './errors.ts'
import type { RandomStream } from './random.ts'
import { gammaFunction } from './special-functions.ts'

/** A draw from a distribution, with its numbers from a stream. */
export type Sampler = (stream: RandomStream) => number

/** Reads one parameter of a distribution that has the unit of the draws; throws `InputError` naming the field. */
export type ValueParser = (value: string | number, field: string) => number

type Parameters = Readonly<Record<string, unknown>>

/** How each distribution is made from its parameters. */
type Maker = (parameters: Parameters, field: string, parseValue: ValueParser) => Sampler

const MAKERS: Readonly<Record<string, Maker>> = {
  exponential(parameters, field, parseValue) {
    const mean = positive(parameters, 'mean', field, parseValue)
    return (stream) => stream.exponential(mean)
  },
  weibull(parameters, field, parseValue) {
    const shape = positive(parameters, 'shape', field, plainNumber)
    const scale =
      parameters['mean'] === undefined
        ? positive(parameters, 'scale', field, parseValue)
        : positive(parameters, 'mean', field, parseValue) / gammaFunction(1 + 1 / shape)
    return (stream) => stream.weibull(shape, scale)
  },
  lognormal(parameters, field, parseValue) {
    const sigma = positive(parameters, 'sigma', field, plainNumber)
    const mu =
      parameters['mean'] === undefined
        ? Math.log(positive(parameters, 'median', field, parseValue))
        : Math.log(positive(parameters, 'mean', field, parseValue)) - (sigma * sigma) / 2
    return (stream) => stream.lognormal(mu, sigma)
  },
  gamma(parameters, field, parseValue) {
    const shape = positive(parameters, 'shape', field, plainNumber)
    const scale =
      parameters['mean'] === undefined
        ? positive(parameters, 'scale', field, parseValue)
        : positive(parameters, 'mean', field, parseValue) / shape
    return (stream) => stream.gamma(shape, scale)
  },
  uniform(parameters, field, parseValue) {
    const low = parameter(parameters, 'low', field, parseValue)
    const high = parameter(parameters, 'high', field, parseValue)
    if (high < low) throw new InputError({ field: `${field}.high`, message: `is below low` })
    return (stream) => stream.uniformBetween(low, high)
  },
}

/** Names of the distributions, with those whose parameters are no object. */
export const DISTRIBUTION_NAMES = [...Object.keys(MAKERS), 'constant', 'empirical']

/**
 * Makes a sampler from a description: `{ exponential: { mean } }`, `{ weibull: { shape, scale | mean } }`,
 * `{ lognormal: { sigma, median | mean } }`, `{ gamma: { shape, scale | mean } }`, `{ uniform: { low, high } }`,
 * `{ constant: value }`, `{ empirical: [value | { value, weight }] }`; a bare value is a constant.
 *
 * Values are read by `parseValue`, so that the same forms serve durations and factors. Throws `InputError` for an
 * unknown name, a missing parameter, or one out of range.
 */
export function compileDistribution(spec: unknown, field: string, parseValue: ValueParser): Sampler {
  if (typeof spec === 'string' || typeof spec === 'number') {
    const value = parseValue(spec, field)
    return () => value
  }
  const entries = Object.entries((spec ?? {}) as Parameters)
  const [entry] = entries
  if (entry === undefined || entries.length !== 1) {
    throw new InputError({
      field,
      message: 'expected one distribution',
      hint: `one of ${DISTRIBUTION_NAMES.join(', ')}`,
    })
  }
  const [name, parameters] = entry
  const place = `${field}.${name}`
  if (name === 'constant') {
    const value = parseValue(parameters as string | number, place)
    return () => value
  }
  if (name === 'empirical') return empirical(parameters, place, parseValue)
  const maker = MAKERS[name]
  if (maker === undefined) {
    throw new InputError({
      field: place,
      message: `"${name}" is no distribution`,
      hint: `expected one of ${DISTRIBUTION_NAMES.join(', ')}`,
    })
  }
  return maker((parameters ?? {}) as Parameters, place, parseValue)
}

function empirical(values: unknown, field: string, parseValue: ValueParser): Sampler {
  if (!Array.isArray(values) || values.length === 0) {
    throw new InputError({ field, message: 'expected a list of values, or of { value, weight }' })
  }
  const points: number[] = []
  const cumulative: number[] = []
  let total = 0
  values.forEach((item: unknown, index) => {
    const isWeighted = typeof item === 'object' && item !== null
    const { value, weight } = isWeighted
      ? (item as { value?: unknown; weight?: unknown })
      : { value: item, weight: 1 }
    const counted = plainNumber((weight ?? 1) as string | number, `${field}[${index}].weight`)
    if (counted < 0) throw new InputError({ field: `${field}[${index}].weight`, message: 'is below 0' })
    total += counted
    points.push(parseValue(value as string | number, `${field}[${index}]`))
    cumulative.push(total)
  })
  if (total === 0) throw new InputError({ field, message: 'all weights are 0' })
  return (stream) => points[stream.pick(cumulative)] ?? 0
}

function parameter(parameters: Parameters, name: string, field: string, parse: ValueParser): number {
  const value = parameters[name]
  if (typeof value === 'string' || typeof value === 'number') return parse(value, `${field}.${name}`)
  throw new InputError({ field: `${field}.${name}`, message: 'is missing' })
}

function positive(parameters: Parameters, name: string, field: string, parse: ValueParser): number {
  const value = parameter(parameters, name, field, parse)
  if (value > 0) return value
  throw new InputError({ field: `${field}.${name}`, message: `${value} is not above 0` })
}

/** A parameter without a unit. */
export function plainNumber(value: string | number, field: string): number {
  const number = Number(value)
  if (String(value).trim() !== '' && Number.isFinite(number)) return number
  throw new InputError({ field, message: `"${value}" is no number` })
}
