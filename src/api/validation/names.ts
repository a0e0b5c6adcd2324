import { byteLength } from './absent.ts'

/**
 * Forms of names, labels, ports and keys: each function gives what is wrong with a value, nothing when it is
 * right.
 *
 * Source: Kubernetes v1.37, apimachinery pkg/util/validation and pkg/api/validate/content.
 */
export type NameCheck = (value: string) => readonly string[]

/** As `NameCheck`, of a name or of a prefix that gets a suffix. */
export type ObjectNameCheck = (name: string, isPrefix: boolean) => readonly string[]

const LABEL_FORM = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_FORM = `${LABEL_FORM}(\\.${LABEL_FORM})*`
const UNDERSCORE_LABEL_FORM = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const UNDERSCORE_FORM = `${UNDERSCORE_LABEL_FORM}(\\.${UNDERSCORE_LABEL_FORM})*`
const DNS_1035_FORM = '[a-z]([-a-z0-9]*[a-z0-9])?'
const KEY_FORM = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const VALUE_FORM = `(${KEY_FORM})?`
const CONFIG_KEY_FORM = '[-._a-zA-Z0-9]+'
const PERCENT_FORM = '[0-9]+%'
const HEADER_FORM = '[-A-Za-z0-9]+'
const PATH_FORM = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`

const LABEL = whole(LABEL_FORM)
const SUBDOMAIN = whole(SUBDOMAIN_FORM)
const UNDERSCORE = whole(UNDERSCORE_FORM)
const WILDCARD = whole(`\\*\\.${SUBDOMAIN_FORM}`)
const DNS_1035 = whole(DNS_1035_FORM)
const KEY = whole(KEY_FORM)
const VALUE = whole(VALUE_FORM)
const CONFIG_KEY = whole(CONFIG_KEY_FORM)
const PERCENT = whole(PERCENT_FORM)
const HEADER = whole(HEADER_FORM)
const PATH = whole(PATH_FORM)

const RANGE_END = 'and must start and end with an alphanumeric character'
const LOWER = 'lower case alphanumeric characters'
const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of ${LOWER}, '-' or '.', ${RANGE_END}`
const KEY_TEXT = `must consist of alphanumeric characters, '-', '_' or '.', ${RANGE_END}`
const KEY_EXAMPLES = ['MyName', 'my.name', '123-abc']

/** A label of DNS (RFC 1123), at most 63 characters. */
export function dns1123Label(value: string): readonly string[] {
  const problems = longerThan(value, 63)
  if (LABEL.test(value)) return problems
  if (SUBDOMAIN.test(value)) return [...problems, 'must not contain dots']
  const expected = `a lowercase RFC 1123 label must consist of ${LOWER} or '-', ${RANGE_END}`
  return [...problems, formText(expected, LABEL_FORM, ['my-name', '123-abc'])]
}

/** A subdomain of DNS (RFC 1123), at most 253 characters. */
export function dns1123Subdomain(value: string): readonly string[] {
  const problems = longerThan(value, 253)
  return SUBDOMAIN.test(value)
    ? problems
    : [...problems, formText(SUBDOMAIN_TEXT, SUBDOMAIN_FORM, ['example.com'])]
}

/** As `dns1123Subdomain`, with underscores: what search domains may have. */
export function dns1123SubdomainWithUnderscore(value: string): readonly string[] {
  const problems = longerThan(value, 253)
  if (UNDERSCORE.test(value)) return problems
  const expected = `a lowercase RFC 1123 subdomain must consist of ${LOWER}, '_', '-' or '.', ${RANGE_END}`
  return [...problems, formText(expected, UNDERSCORE_FORM, ['example.com'])]
}

/** `*.` and a subdomain. */
export function wildcardSubdomain(value: string): readonly string[] {
  const problems = longerThan(value, 253)
  if (WILDCARD.test(value)) return problems
  const expected =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must " +
    "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  return [...problems, formText(expected, `\\*\\.${SUBDOMAIN_FORM}`, ['*.example.com'])]
}

/** A label of DNS (RFC 1035): starts with a letter. */
export function dns1035Label(value: string): readonly string[] {
  const problems = longerThan(value, 63)
  if (DNS_1035.test(value)) return problems
  const expected =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
    'character, and end with an alphanumeric character'
  return [...problems, formText(expected, DNS_1035_FORM, ['my-name', 'abc-123'])]
}

/** A key of a label: a name, with a subdomain and `/` before it or not. Also called a qualified name. */
export function labelKey(value: string): readonly string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    const form = formText(`a valid label key ${KEY_TEXT}`, KEY_FORM, KEY_EXAMPLES)
    return [`${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const name = parts.at(-1) ?? ''
  const problems = parts.length === 2 ? prefixProblems(parts[0] ?? '') : []
  if (name === '') problems.push('name part must be non-empty')
  else if (byteLength(name) > 63) problems.push('name part must be no more than 63 bytes')
  if (!KEY.test(name)) problems.push(`name part ${formText(KEY_TEXT, KEY_FORM, KEY_EXAMPLES)}`)
  return problems
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  const problems = byteLength(prefix) > 253 ? ['prefix part must be no more than 253 bytes'] : []
  if (!SUBDOMAIN.test(prefix)) {
    problems.push(`prefix part ${formText(SUBDOMAIN_TEXT, SUBDOMAIN_FORM, ['example.com'])}`)
  }
  return problems
}

/** A value of a label. */
export function labelValue(value: string): readonly string[] {
  const problems = byteLength(value) > 63 ? ['must be no more than 63 bytes'] : []
  if (VALUE.test(value)) return problems
  const expected = `a valid label must be an empty string or ${KEY_TEXT.slice('must '.length)}`
  return [...problems, formText(expected, VALUE_FORM, ['MyValue', 'my_value', '12345'])]
}

/** A port number that is not zero. */
export function portNumber(port: number): readonly string[] {
  return inRange(port, 1, 65_535)
}

/** A name of a port (RFC 6335, lower case). */
export function portName(value: string): readonly string[] {
  const problems = [...longerThan(value, 15)]
  if (!/^[-a-z0-9]+$/.test(value)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)')
  if (value.includes('--')) problems.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems
}

/** The identifier of a user or of a group. */
export function userOrGroup(id: number): readonly string[] {
  return inRange(id, 0, 2 ** 31 - 1)
}

/** A whole percentage. */
export function percent(value: string): readonly string[] {
  if (PERCENT.test(value)) return []
  const expected = "a valid percent string must be a numeric string followed by an ending '%'"
  return [formText(expected, PERCENT_FORM, ['1%', '93%'])]
}

/** A key of a ConfigMap or a Secret. */
export function configMapKey(value: string): readonly string[] {
  const problems = [...longerThan(value, 253)]
  if (!CONFIG_KEY.test(value)) {
    const expected = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    problems.push(formText(expected, CONFIG_KEY_FORM, ['key.name', 'KEY_NAME', 'key-name']))
  }
  if (value === '.') problems.push("must not be '.'")
  else if (value === '..') problems.push("must not be '..'")
  else if (value.startsWith('..')) problems.push("must not start with '..'")
  return problems
}

/** A name of an environment variable, by the relaxed rule. */
export function environmentName(value: string): readonly string[] {
  if (value === '') return ['environment variable name must be non-empty']
  if (/^[ -<>-~]+$/.test(value)) return []
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** A name of an HTTP header. */
export function headerName(value: string): readonly string[] {
  if (HEADER.test(value)) return []
  return [
    formText("a valid HTTP header must consist of alphanumeric characters or '-'", HEADER_FORM, [
      'X-Header-Name',
    ]),
  ]
}

/** A part of a path of HTTP. */
export function httpPath(value: string): readonly string[] {
  return PATH.test(value) ? [] : [`Invalid path (regex used for validation is '${PATH_FORM}')`]
}

/** Names of objects that are subdomains: most of them. */
export const subdomainName: ObjectNameCheck = (name, isPrefix) => dns1123Subdomain(masked(name, isPrefix))
/** Names of objects that are labels: namespaces, services, StatefulSets. */
export const labelName: ObjectNameCheck = (name, isPrefix) => dns1123Label(masked(name, isPrefix))

/** Names of objects that are one segment of a path: roles and their bindings. */
export const pathSegmentName: ObjectNameCheck = (name, isPrefix) => {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

/** "must be between …". */
export function inRange(value: number, least: number, most: number): readonly string[] {
  return value >= least && value <= most ? [] : [`must be between ${least} and ${most}, inclusive`]
}

/** A prefix may end in a hyphen, for something follows. */
function masked(name: string, isPrefix: boolean): string {
  return isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

function longerThan(value: string, lengthMax: number): readonly string[] {
  return byteLength(value) > lengthMax ? [`must be no more than ${lengthMax} characters`] : []
}

function formText(expected: string, form: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${expected} (e.g. ${shown}regex used for validation is '${form}')`
}

/** Go's `$` without flags matches at the end of the text only, as JavaScript's. */
function whole(form: string): RegExp {
  return new RegExp(`^${form}$`)
}
