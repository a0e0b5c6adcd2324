import { nearestWord } from '../base/nearest-word.ts'
import { FIELD_TYPES, KIND_TYPES } from './field-types.generated.ts'

/** A field that its kind does not have, or a value of a type that its field does not have. */
export interface UndecodableField {
  readonly field: string
  readonly message: string
  /** What may have been meant. */
  readonly hint?: string
  /** Whether nothing that is simulated looks at the part that has the field. */
  readonly isIdle: boolean
}

/** What is asked of the fields of an object. */
interface Decoding {
  /** Whether fields that a type does not have are errors. */
  readonly isStrict: boolean
}

const SCALARS: Readonly<Record<string, readonly [isOne: (value: unknown) => boolean, noun: string]>> = {
  s: [(value) => typeof value === 'string', 'text'],
  i: [(value) => Number.isInteger(value), 'a whole number'],
  n: [(value) => typeof value === 'number', 'a number'],
  b: [(value) => typeof value === 'boolean', 'true or false'],
  q: [(value) => typeof value === 'string' || typeof value === 'number', 'a number or text'],
  '?': [() => true, 'anything'],
}

const SERVED_KINDS = Object.keys(KIND_TYPES).map((key) => {
  const [apiVersion = '', kind = ''] = key.split(' ')
  return { apiVersion, kind }
})
const SERVED: ReadonlySet<string> = new Set(SERVED_KINDS.map(({ apiVersion }) => apiVersion))
/** Types of which nothing is simulated. */
const IDLE_TYPES: ReadonlySet<string> = new Set(['SecurityContext', 'PodSecurityContext'])
const fieldsByType = new Map<string, ReadonlyMap<string, string>>()

/**
 * Where an object of Kubernetes has values of wrong types, or fields that its kind does not have: the API server could not
 * decode it, or would not when asked to be strict, as kubectl asks it. Fields that are null are absent.
 *
 * Objects of other groups are not looked at; of those whose version is no longer served, only types of values.
 * Source: Kubernetes v1.37, apimachinery `runtime.NewStrictDecodingError`, kubectl apply `--validate=true`.
 */
export function undecodableFields(object: {
  readonly apiVersion?: unknown
  readonly kind?: string
}): readonly UndecodableField[] {
  const { apiVersion, kind = '' } = object
  const served = ownText(KIND_TYPES, `${String(apiVersion)} ${kind}`)
  if (served !== undefined) return objectErrors(object, served, '', { isStrict: true })
  if (SERVED.has(String(apiVersion))) return [unknownKind(String(apiVersion), kind)]
  const isOurs = apiVersion === undefined || apiVersion === null || isOfKubernetes(String(apiVersion))
  if (!isOurs) return []
  return objectErrors(object, kind, '', { isStrict: apiVersion === undefined || apiVersion === null })
}

/**
 * The version that a kind is served in, for an object that names one that Kubernetes served once (`extensions/v1beta1`);
 * undefined for others.
 */
export function servedVersion(object: {
  readonly apiVersion?: unknown
  readonly kind?: string
}): string | undefined {
  const { apiVersion, kind = '' } = object
  if (typeof apiVersion !== 'string' || !isOfKubernetes(apiVersion)) return undefined
  if (ownText(KIND_TYPES, `${apiVersion} ${kind}`) !== undefined) return undefined
  return versionsOf(kind)[0]
}

/** Versions that have the kind. */
function versionsOf(kind: string): readonly string[] {
  return SERVED_KINDS.filter((served) => served.kind === kind).map(({ apiVersion }) => apiVersion)
}

function unknownKind(apiVersion: string, kind: string): UndecodableField {
  const message = `"${kind}" is no kind of ${apiVersion}`
  const [version] = versionsOf(kind)
  if (version !== undefined)
    return { field: 'kind', message, hint: `expected apiVersion: ${version}`, isIdle: false }
  const kinds = SERVED_KINDS.filter((served) => served.apiVersion === apiVersion)
  const hint = meant(
    kind,
    kinds.map((served) => served.kind),
  )
  return { field: 'kind', message, ...hint, isIdle: false }
}

/** Whether a group is one that Kubernetes has or had; what others define may have the names of its kinds. */
function isOfKubernetes(apiVersion: string): boolean {
  const [group = ''] = apiVersion.split('/')
  return !group.includes('.') || group.endsWith('.k8s.io')
}

function ownText(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function objectErrors(
  value: object,
  type: string,
  path: string,
  decoding: Decoding,
): readonly UndecodableField[] {
  const fields = fieldsOf(type)
  if (fields.size === 0) return []
  return Object.entries(value).flatMap(([field, given]: [string, unknown]) => {
    const place = path === '' ? field : `${path}.${field}`
    const fieldType = fields.get(field)
    if (fieldType === undefined) {
      if (!decoding.isStrict) return []
      const hint = meant(field, [...fields.keys()])
      return [{ field: place, message: 'unknown field', ...hint, isIdle: IDLE_TYPES.has(type) }]
    }
    if (given === undefined || given === null) return []
    return valueErrors(given, fieldType, place, decoding)
  })
}

function meant(word: string, known: readonly string[]): { readonly hint?: string } {
  const nearest = nearestWord(word, known)
  return nearest === undefined ? {} : { hint: `did you mean ${nearest}?` }
}

/** Types of the fields of a type; empty for one of which nothing is known. */
function fieldsOf(type: string): ReadonlyMap<string, string> {
  const known = fieldsByType.get(type)
  if (known !== undefined) return known
  const text = ownText(FIELD_TYPES, type) ?? ''
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split(' '))
  const fields = new Map(pairs.map(([field = '', fieldType = '?']) => [field, fieldType]))
  fieldsByType.set(type, fields)
  return fields
}

function valueErrors(
  value: unknown,
  type: string,
  path: string,
  decoding: Decoding,
): readonly UndecodableField[] {
  const scalar = SCALARS[type]
  if (scalar !== undefined) {
    const [isOne, noun] = scalar
    return isOne(value) ? [] : [wrong(path, value, noun)]
  }
  if (type.startsWith('*')) {
    if (!Array.isArray(value)) return [wrong(path, value, 'a list')]
    return value.flatMap((item, index) => valueErrors(item, type.slice(1), `${path}[${index}]`, decoding))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [wrong(path, value, 'an object')]
  }
  if (!type.startsWith('%')) return objectErrors(value, type, path, decoding)
  return Object.entries(value).flatMap(([key, item]) =>
    item === null ? [] : valueErrors(item, type.slice(1), `${path}[${key}]`, decoding),
  )
}

function wrong(field: string, value: unknown, noun: string): UndecodableField {
  return { field, message: `${nounOf(value)} where Kubernetes has ${noun}`, isIdle: false }
}

function nounOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value) ?? 'nothing'
}
