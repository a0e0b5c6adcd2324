/** Bytes that a label value, or the name part of a key, may have. */
const NAME_BYTES_MAX = 63
/** Bytes that the prefix of a label key may have. */
const PREFIX_BYTES_MAX = 253

const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const VALUE = `(${NAME})?`
const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const PART_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
  'and end with an alphanumeric character'
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start " +
  'and end with an alphanumeric character'

const NAME_WHOLE = new RegExp(`^${NAME}$`)
const VALUE_WHOLE = new RegExp(`^${VALUE}$`)
const SUBDOMAIN_WHOLE = new RegExp(`^${SUBDOMAIN}$`)
const bytes = new TextEncoder()

/**
 * What is wrong with the key of a label: a name, with a DNS subdomain and a slash before it if need be. Empty when it
 * is right.
 *
 * Source: Kubernetes v1.37, apimachinery `content.IsLabelKey`.
 */
export function labelKeyProblems(key: string): readonly string[] {
  const parts = key.split('/')
  const nameRule = ruleText(PART_RULE, NAME, ['MyName', 'my.name', '123-abc'])
  const [first = '', second] = parts
  if (parts.length > 2) {
    const whole = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    return [`a qualified name ${nameRule} ${whole}`]
  }
  const problems: string[] = []
  if (second !== undefined) problems.push(...prefixProblems(first).map((text) => `prefix part ${text}`))
  const name = second ?? first
  if (name === '') problems.push('name part must be non-empty')
  else if (isLonger(name, NAME_BYTES_MAX)) problems.push(`name part ${tooLong(NAME_BYTES_MAX)}`)
  if (!NAME_WHOLE.test(name)) problems.push(`name part ${nameRule}`)
  return problems
}

/**
 * What is wrong with the value of a label; empty when it is right.
 *
 * Source: Kubernetes v1.37, apimachinery `validation.IsValidLabelValue`.
 */
export function labelValueProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (isLonger(value, NAME_BYTES_MAX)) problems.push(tooLong(NAME_BYTES_MAX))
  if (!VALUE_WHOLE.test(value)) problems.push(ruleText(VALUE_RULE, VALUE, ['MyValue', 'my_value', '12345']))
  return problems
}

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['must be non-empty']
  const problems: string[] = []
  if (isLonger(prefix, PREFIX_BYTES_MAX)) problems.push(tooLong(PREFIX_BYTES_MAX))
  if (!SUBDOMAIN_WHOLE.test(prefix)) problems.push(ruleText(SUBDOMAIN_RULE, SUBDOMAIN, ['example.com']))
  return problems
}

function ruleText(rule: string, expression: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or ')
  return `${rule} (e.g. ${list}regex used for validation is '${expression}')`
}

function tooLong(max: number): string {
  return `must be no more than ${max} bytes`
}

function isLonger(text: string, max: number): boolean {
  return text.length > max || bytes.encode(text).length > max
}
