/** Characters that Go's `json.Marshal` escapes in texts, beyond what JSON asks for. */
const ESCAPED = /[<>&\u2028\u2029]/g

/** JSON as Go's `json.Marshal` writes a struct: fields in the order given, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    ESCAPED,
    (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON as Go's `json.Marshal` writes a map: keys in order, no spaces, `<`, `>` and `&` escaped. Equal for equal values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => `${canonicalJson(key)}:${canonicalJson(item)}`)
    return `{${parts.join(',')}}`
  }
  return goJson(value ?? null)
}
