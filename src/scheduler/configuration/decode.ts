import { nearestWord } from '../../base/nearest-word.ts'
import { goDuration } from '../../base/go-duration.ts'
import { goName } from './field-type.ts'
import type { FieldType, ObjectType } from './field-type.ts'
import type { FieldPath, Problems } from './problems.ts'

const INTEGER_BOUNDS = { int32: 2n ** 31n, int64: 2n ** 63n }

/** Where in the Go types a value stands: its nearest struct, and the names of fields on the way there. */
interface GoPlace {
  readonly struct: string
  readonly fields: readonly string[]
}

/**
 * Checks that an object has no unknown fields and no values of a wrong type, as the strict decoder does.
 *
 * `prefix` is put before the messages: what the decoder was busy with.
 * Source: Kubernetes v1.37, apimachinery serializer/json and sigs.k8s.io/json, whose messages these are.
 */
export function decodeStrictly(
  value: unknown,
  type: ObjectType,
  path: FieldPath,
  problems: Problems,
  prefix = '',
): void {
  new Decoder(problems, prefix, path.length).check(value, type, path, { struct: '', fields: [] })
}

class Decoder {
  readonly #problems: Problems
  readonly #prefix: string
  readonly #rootLength: number

  constructor(problems: Problems, prefix: string, rootLength: number) {
    this.#problems = problems
    this.#prefix = prefix
    this.#rootLength = rootLength
  }

  check(value: unknown, type: FieldType, path: FieldPath, place: GoPlace): void {
    if (value === undefined || value === null) return
    switch (type.kind) {
      case 'any':
        return
      case 'bool':
        if (typeof value !== 'boolean') this.#wrongType(value, type, path, place)
        return
      case 'string':
        if (typeof value !== 'string') this.#wrongType(value, type, path, place)
        return
      case 'bytes':
        this.#checkBytes(value, type, path, place)
        return
      case 'float':
        if (typeof value !== 'number') this.#wrongType(value, type, path, place)
        return
      case 'integer':
        this.#checkInteger(value, type, path, place)
        return
      case 'duration':
        this.#checkDuration(value, path)
        return
      case 'list':
        if (!Array.isArray(value)) this.#wrongType(value, type, path, place)
        else value.forEach((item: unknown, index) => this.#checkItem(item, type.of, [...path, index], place))
        return
      case 'map':
      case 'object':
        if (typeof value !== 'object' || Array.isArray(value)) this.#wrongType(value, type, path, place)
        else this.#checkFields(value as Readonly<Record<string, unknown>>, type, path, place)
    }
  }

  /** Departs from Kubernetes: an item that is null is refused; Go would take it for one with nothing in it. */
  #checkItem(item: unknown, type: FieldType, path: FieldPath, place: GoPlace): void {
    if (item === null) this.#problems.add(path, `${this.#prefix}null is no ${goName(type)}`)
    else this.check(item, type, path, place)
  }

  #checkFields(
    value: Readonly<Record<string, unknown>>,
    type: ObjectType | Extract<FieldType, { kind: 'map' }>,
    path: FieldPath,
    place: GoPlace,
  ): void {
    for (const [name, field] of Object.entries(value)) {
      const below = [...path, name]
      if (type.kind === 'map') {
        this.check(field, type.of, below, place)
        continue
      }
      const fieldType = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
      if (fieldType === undefined) this.#unknown(name, Object.keys(type.fields), below)
      else {
        const struct = type.go.slice(type.go.indexOf('.') + 1)
        this.check(field, fieldType, below, { struct, fields: [...place.fields, name] })
      }
    }
  }

  #unknown(name: string, known: readonly string[], path: FieldPath): void {
    const near = nearestWord(name, known)
    const below = path.slice(this.#rootLength)
    const text = below.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    this.#problems.add(
      path,
      `${this.#prefix}strict decoding error: unknown field "${text.replace(/^\./, '')}"`,
      near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`,
    )
  }

  #checkInteger(
    value: unknown,
    type: Extract<FieldType, { kind: 'integer' }>,
    path: FieldPath,
    place: GoPlace,
  ): void {
    if (typeof value !== 'number') {
      this.#wrongType(value, type, path, place)
      return
    }
    const bound = INTEGER_BOUNDS[type.go]
    const isWhole = Number.isInteger(value) && BigInt(value) < bound && BigInt(value) >= -bound
    if (!isWhole) this.#wrongType(value, type, path, place, `number ${value}`)
  }

  #checkBytes(value: unknown, type: FieldType, path: FieldPath, place: GoPlace): void {
    if (typeof value !== 'string') {
      this.#wrongType(value, type, path, place)
      return
    }
    const illegal = illegalBase64(value)
    if (illegal !== undefined)
      this.#problems.add(path, `${this.#prefix}illegal base64 data at input byte ${illegal}`)
  }

  #checkDuration(value: unknown, path: FieldPath): void {
    if (typeof value !== 'string') {
      const message = `json: cannot unmarshal ${jsonKind(value)} into Go value of type string`
      this.#problems.add(path, this.#prefix + message)
      return
    }
    const duration = goDuration(value)
    if (typeof duration === 'string') this.#problems.add(path, this.#prefix + duration)
  }

  #wrongType(
    value: unknown,
    type: FieldType,
    path: FieldPath,
    place: GoPlace,
    found = jsonKind(value),
  ): void {
    const into =
      place.struct === ''
        ? `Go value of type ${goName(type)}`
        : `Go struct field ${place.struct}.${place.fields.join('.')} of type ${goName(type)}`
    this.#problems.add(path, `${this.#prefix}json: cannot unmarshal ${found} into ${into}`)
  }
}

/** Place of the first byte that is no base64 with padding; undefined when all of it is. Line breaks do not count. */
function illegalBase64(text: string): number | undefined {
  const digits = /^[A-Za-z0-9+/\r\n]*/.exec(text)?.[0] ?? ''
  const padding = text.slice(digits.length).replaceAll(/[\r\n]/g, '')
  const count = digits.replaceAll(/[\r\n]/g, '').length
  const needed = { 0: '', 2: '==', 3: '=' }[count % 4]
  return needed === padding ? undefined : digits.length
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
