/** A JSON Schema, draft 2020-12, as far as the scenario uses it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** A span of time. */
export const duration: JsonSchema = {
  type: ['string', 'number'],
  description: 'a duration: 90s, 5m, 1h30m, 2d; a bare number is seconds',
}
/** An instant of the run. */
export const instant: JsonSchema = {
  type: ['string', 'number'],
  description:
    'when: a duration from the start, a time of day in UTC such as 14:00 (the first one there is), or a time in RFC 3339',
}
/** A number of things. */
export const count: JsonSchema = { type: 'integer', minimum: 0 }
/** Labels of an object. */
export const labels: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } }

/** An object of these fields and no others. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: 'object', additionalProperties: false, properties, required }
}

const parameter: JsonSchema = { type: ['string', 'number'] }

/** A distribution: a bare value is a constant. */
export const distribution: JsonSchema = {
  description: 'a value, or one distribution with its parameters',
  oneOf: [
    { type: ['string', 'number'] },
    object({
      constant: parameter,
      exponential: object({ mean: parameter }, ['mean']),
      weibull: object({ shape: parameter, scale: parameter, mean: parameter }, ['shape']),
      lognormal: object({ sigma: parameter, median: parameter, mean: parameter }, ['sigma']),
      gamma: object({ shape: parameter, scale: parameter, mean: parameter }, ['shape']),
      uniform: object({ low: parameter, high: parameter }, ['low', 'high']),
      empirical: { type: 'array', minItems: 1 },
    }),
  ],
}
