import type { ErrorObject } from 'ajv'

import type { JsonSchema } from './schema-parts.ts'

/** What tells that a value is another alternative than one of a schema. */
const OTHER_KIND = new Set(['type', 'enum', 'const'])

/**
 * The errors of a value with those of alternatives (`oneOf`) left out that it was not meant to be: of several alternatives the
 * one stays that the value has the type of, and the fewest errors in; where that is none, or are some, the error of the choice.
 */
export function narrowed(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let left = errors
  const choices = errors
    .filter(({ keyword }) => keyword === 'oneOf')
    .toSorted((one, other) => other.schemaPath.length - one.schemaPath.length)
  for (const choice of choices) {
    if (!left.includes(choice)) continue
    const inside = left.filter((error) => isInside(error, choice))
    const meant = meantBy(choice, inside)
    left = left.filter((error) =>
      meant === undefined ? !inside.includes(error) : isKept(error, choice, inside, meant),
    )
  }
  return left
}

function isKept(
  error: ErrorObject,
  choice: ErrorObject,
  inside: readonly ErrorObject[],
  meant: readonly ErrorObject[],
): boolean {
  return error !== choice && (!inside.includes(error) || meant.includes(error))
}

function isInside({ schemaPath, instancePath }: ErrorObject, choice: ErrorObject): boolean {
  const isBelow = instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`)
  return isBelow && schemaPath.startsWith(`${choice.schemaPath}/`)
}

/** Errors in the alternative that a value was meant to be; undefined when that is not clear. */
function meantBy(choice: ErrorObject, inside: readonly ErrorObject[]): readonly ErrorObject[] | undefined {
  const groups = new Map<string, ErrorObject[]>()
  for (const error of inside) {
    const index = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? ''
    groups.set(index, [...(groups.get(index) ?? []), error])
  }
  const likely = [...groups.values()]
    .filter(
      (group) =>
        !group.some(
          ({ instancePath, keyword }) => instancePath === choice.instancePath && OTHER_KIND.has(keyword),
        ),
    )
    .toSorted((one, other) => one.length - other.length)
  const [first, second] = likely
  return first === undefined || first.length === second?.length ? undefined : first
}

/** What a value may be by alternatives: `integer`, `each`, `{ slow }`. */
export function alternativesText(alternatives: readonly JsonSchema[]): string {
  const words = alternatives.flatMap((one) => {
    if (Array.isArray(one['enum'])) return one['enum'].map(String)
    if ('const' in one) return [String(one['const'])]
    const required = (one['required'] ?? []) as readonly string[]
    return required.length > 0 ? [`{ ${required.join(', ')} }`] : [one['type']].flat().map(String)
  })
  return words.join(', ')
}
