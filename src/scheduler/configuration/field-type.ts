/** What a field of the configuration may hold, and how Go calls it: for the messages of the decoder. */
export type FieldType =
  | { readonly kind: 'bool' | 'duration' | 'any' | 'bytes' }
  | { readonly kind: 'string'; readonly go: string }
  | { readonly kind: 'integer'; readonly go: 'int32' | 'int64' }
  | { readonly kind: 'float'; readonly go: 'float32' }
  | { readonly kind: 'list'; readonly go: string; readonly of: FieldType }
  | { readonly kind: 'map'; readonly go: string; readonly of: FieldType }
  | ObjectType

/** An object with known fields. */
export interface ObjectType {
  readonly kind: 'object'
  /** Name of the Go type, with its package: `v1.KubeSchedulerProfile`. */
  readonly go: string
  readonly fields: Readonly<Record<string, FieldType>>
}

export const BOOL: FieldType = { kind: 'bool' }
export const DURATION: FieldType = { kind: 'duration' }
/** Not looked into: what it holds depends on something else. */
export const ANY: FieldType = { kind: 'any' }
/** Bytes, written as base64. */
export const BYTES: FieldType = { kind: 'bytes' }
export const STRING: FieldType = { kind: 'string', go: 'string' }
export const INT32: FieldType = { kind: 'integer', go: 'int32' }
export const INT64: FieldType = { kind: 'integer', go: 'int64' }
export const FLOAT32: FieldType = { kind: 'float', go: 'float32' }

/** A text that Go gives a type of its own. */
export function named(go: string): FieldType {
  return { kind: 'string', go }
}

/** A list of values of one type. */
export function listOf(of: FieldType): FieldType {
  return { kind: 'list', go: `[]${goName(of)}`, of }
}

/** An object whose keys are free. */
export function mapOf(of: FieldType): FieldType {
  return { kind: 'map', go: `map[string]${goName(of)}`, of }
}

/** An object with known fields. */
export function objectOf(go: string, fields: Readonly<Record<string, FieldType>>): ObjectType {
  return { kind: 'object', go, fields }
}

/** What Go calls a type. */
export function goName(type: FieldType): string {
  switch (type.kind) {
    case 'bool':
      return 'bool'
    case 'duration':
      return 'v1.Duration'
    case 'any':
      return 'runtime.RawExtension'
    case 'bytes':
      return '[]uint8'
    default:
      return type.go
  }
}
