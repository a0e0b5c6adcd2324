import { FIELD_TYPES } from './field-types.generated.ts'

/** A value of a type that its field does not have. */
export interface MistypedField {
  readonly field: string
  readonly message: string
}

const SCALARS: Readonly<Record<string, readonly [isOne: (value: unknown) => boolean, noun: string]>> = {
  s: [(value) => typeof value === 'string', 'text'],
  i: [(value) => Number.isInteger(value), 'a whole number'],
  n: [(value) => typeof value === 'number', 'a number'],
  b: [(value) => typeof value === 'boolean', 'true or false'],
  q: [(value) => typeof value === 'string' || typeof value === 'number', 'a number or text'],
  '?': [() => true, 'anything'],
}

const fieldsByType = new Map<string, readonly (readonly [field: string, type: string])[]>()

/**
 * Where an object of Kubernetes has values of wrong types: the API server could not decode it. Fields that are null are
 * absent; those that its kind does not have are not looked at.
 */
export function mistypedFields(object: { readonly kind?: string }): readonly MistypedField[] {
  return objectErrors(object, object.kind ?? '', '')
}

function objectErrors(value: object, type: string, path: string): readonly MistypedField[] {
  return fieldsOf(type).flatMap(([field, fieldType]) => {
    const given: unknown = (value as Readonly<Record<string, unknown>>)[field]
    if (given === undefined || given === null) return []
    return valueErrors(given, fieldType, path === '' ? field : `${path}.${field}`)
  })
}

function fieldsOf(type: string): readonly (readonly [field: string, type: string])[] {
  const known = fieldsByType.get(type)
  if (known !== undefined) return known
  const fields = (FIELD_TYPES[type] ?? '').split(',').map((pair) => {
    const [field = '', fieldType = '?'] = pair.split(' ')
    return [field, fieldType] as const
  })
  fieldsByType.set(type, fields)
  return fields
}

function valueErrors(value: unknown, type: string, path: string): readonly MistypedField[] {
  const scalar = SCALARS[type]
  if (scalar !== undefined) {
    const [isOne, noun] = scalar
    return isOne(value) ? [] : [wrong(path, value, noun)]
  }
  if (type.startsWith('*')) {
    if (!Array.isArray(value)) return [wrong(path, value, 'a list')]
    return value.flatMap((item, index) => valueErrors(item, type.slice(1), `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [wrong(path, value, 'an object')]
  }
  if (!type.startsWith('%')) return objectErrors(value, type, path)
  return Object.entries(value).flatMap(([key, item]) =>
    item === null ? [] : valueErrors(item, type.slice(1), `${path}[${key}]`),
  )
}

function wrong(field: string, value: unknown, noun: string): MistypedField {
  return { field, message: `${nounOf(value)} where Kubernetes has ${noun}` }
}

function nounOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value) ?? 'nothing'
}
