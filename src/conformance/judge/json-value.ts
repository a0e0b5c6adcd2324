/** What a JSON value is; `none` is both absent and null. */
export type JsonKind = 'none' | 'list' | 'object' | 'string' | 'number' | 'boolean' | 'other'

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The kind of a value. */
export function kindOf(value: unknown): JsonKind {
  if (value === undefined || value === null) return 'none'
  if (Array.isArray(value)) return 'list'
  const type = typeof value
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'other'
}

/** Whether a value is an object: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return kindOf(value) === 'object'
}

/** The value as an object; one without keys when it is none. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** Whether a value counts as absent: absent, null, a list or an object without anything in it. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) ? Object.keys(value).length === 0 : kindOf(value) === 'none'
}

/** The keys of two objects, each once, in order. */
export function keysOfBoth(one: unknown, other: unknown): readonly string[] {
  return [...new Set([...Object.keys(objectOf(one)), ...Object.keys(objectOf(other))])].sort()
}

/** A text that two values share when they are equal where absent, null and empty are the same. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const entries = Object.keys(value)
    .sort()
    .map((key): [string, string] => [key, canonicalText(value[key])])
    .filter(([, text]) => text !== 'null' && text !== '[]' && text !== '{}')
  return `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`
}

/** The items of a list in order of their canonical texts; none for what is no list. */
export function inOrderOfText(list: unknown): readonly unknown[] {
  if (!Array.isArray(list)) return []
  const texts = list.map((item: unknown): [string, unknown] => [canonicalText(item), item])
  return texts.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)).map(([, item]) => item)
}
