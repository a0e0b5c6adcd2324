import type { Parsed } from './label-requirement.ts'

/** A requirement on one field: that it has a value, or another one. An absent field is an empty one. */
export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** The first operator of a term, the longest one there. */
const OPERATOR = /!=|==|=/

/**
 * Reads a field selector, as `kubectl get --field-selector` takes it: `status.phase!=Running,spec.nodeName=n1`. The
 * requirements come in the order of their texts; a backslash keeps a comma, an equals sign or a backslash in a value.
 *
 * Source: Kubernetes v1.37, apimachinery `fields.ParseSelector`, with its errors word by word.
 */
export function parseFieldSelector(text: string): Parsed<readonly FieldRequirement[]> {
  const requirements: FieldRequirement[] = []
  for (const term of termsOf(text).sort()) {
    if (term === '') continue
    const operator = OPERATOR.exec(term)
    if (operator === null) return { error: `invalid selector: '${text}'; can't understand '${term}'` }
    const value = unescapeValue(term.slice(operator.index + operator[0].length))
    if ('error' in value) return value
    const field = term.slice(0, operator.index)
    requirements.push({ field, operator: operator[0] === '!=' ? '!=' : '=', value: value.value })
  }
  return { value: requirements }
}

/** The canonical text of requirements, which can be parsed again. */
export function fieldRequirementsText(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replaceAll(/[\\,=]/g, '\\$&')}`)
    .join(',')
}

/** Whether fields fulfil all requirements. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(
    ({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='),
  )
}

/** The terms between commas that no backslash keeps. */
function termsOf(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...terms, text.slice(start)]
}

function unescapeValue(text: string): Parsed<string> {
  let value = ''
  let isEscaped = false
  for (const letter of text) {
    const isSpecial = letter === '\\' || letter === ',' || letter === '='
    if (isEscaped) {
      if (!isSpecial) return { error: `invalid field selector: invalid escape sequence: \\${letter}` }
      value += letter
      isEscaped = false
    } else if (letter === '\\') isEscaped = true
    else if (isSpecial)
      return { error: `invalid field selector: unescaped character in value: ${letter.charCodeAt(0)}` }
    else value += letter
  }
  return isEscaped ? { error: 'invalid field selector: invalid escape sequence: \\' } : { value }
}
