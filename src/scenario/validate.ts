import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Document, LineCounter } from 'yaml'

import type { InputProblem } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'
import { alternativesText, narrowed } from './alternatives.ts'
import { schemaCheck } from './schema-check.ts'
import type { JsonSchema } from './schema-parts.ts'

/** A parsed YAML text that can say where a field stands. */
export interface YamlPositions {
  readonly file: string
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

/**
 * Everything in which a raw scenario differs from the schema, or a value of another kind from that of its check; with positions
 * where the text is known.
 */
export function schemaProblems(
  raw: unknown,
  positions: YamlPositions | undefined,
  check: ValidateFunction = schemaCheck,
): InputProblem[] {
  if (check(raw)) return []
  const errors = (check.errors ?? []).filter((error) => error.keyword !== 'if')
  const problems = narrowed(errors).map((error) => problemOf(error, positions))
  const unique = new Map(problems.map((problem) => [`${problem.field}|${problem.message}`, problem]))
  return [...unique.values()]
}

/** Where a field of the scenario stands: file, line and column, as far as they are known. */
export function positionOf(
  path: readonly (string | number)[],
  positions: YamlPositions | undefined,
): Pick<InputProblem, 'file' | 'line' | 'column'> {
  if (positions === undefined) return {}
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = positions.document.getIn(path.slice(0, length), true)
    const range = (node as { readonly range?: readonly number[] } | undefined)?.range
    if (range === undefined || range === null) continue
    const { line, col } = positions.lines.linePos(range[0] ?? 0)
    return { file: positions.file, line, column: col }
  }
  return { file: positions.file }
}

/** `spec.nodes[0].count` of a path. */
export function fieldText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('')
}

function problemOf(error: ErrorObject, positions: YamlPositions | undefined): InputProblem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  if (error.keyword === 'additionalProperties') {
    const unknown = String((error.params as { additionalProperty: unknown }).additionalProperty)
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
    const near = nearestWord(unknown, known)
    return {
      ...positionOf([...path, unknown], positions),
      field: fieldText([...path, unknown]),
      message: 'unknown field',
      hint: near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`,
    }
  }
  return {
    ...positionOf(path, positions),
    field: fieldText(path),
    message: messageOf(error),
    ...hintOf(error),
  }
}

function messageOf(error: ErrorObject): string {
  const found = JSON.stringify(error.data)
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'required':
      return `the field ${String(params['missingProperty'])} is missing`
    case 'enum':
      return `${found} is not known; expected one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`
    case 'const':
      return `${found} is not known; expected ${JSON.stringify(params['allowedValue'])}`
    case 'type':
      return `${found} is of the wrong type; expected ${[params['type']].flat().join(' or ')}`
    case 'pattern':
      return `${found} is not of the form; it ${String(error.parentSchema?.['description'])}`
    case 'oneOf':
      return `${found} is not known; expected one of ${alternativesText(error.schema as readonly JsonSchema[])}`
    case 'minItems':
    case 'minProperties':
      return `${found} has too few entries; expected at least ${String(params['limit'])}`
    default:
      return `${found} ${error.message ?? 'is wrong'}`
  }
}

/** What a missing field says, and how it may look. */
function hintOf({ keyword, params, parentSchema }: ErrorObject): Pick<InputProblem, 'hint'> {
  if (keyword !== 'required') return {}
  const name = String((params as { readonly missingProperty: unknown }).missingProperty)
  const properties = (parentSchema?.['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const { description, oneOf = [{}], ...schema } = (properties[name] ?? {}) as JsonSchema
  const [{ type = schema['type'] }] = oneOf as readonly [JsonSchema]
  const [value] = (schema['enum'] ?? []) as readonly unknown[]
  const example = value ?? (Array.isArray(type) && type.includes('number') ? '10m' : undefined)
  const parts = [description, ...(example === undefined ? [] : [`as in ${name}: ${String(example)}`])]
  const hint = parts.filter((part) => part !== undefined).join('; ')
  return hint === '' ? {} : { hint }
}
