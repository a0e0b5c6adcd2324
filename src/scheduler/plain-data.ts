/**
 * A text that is equal for equal values, or undefined where a value is more than plain data: text, finite numbers,
 * booleans, undefined, and arrays and objects of these.
 */
export function plainText(value: unknown): string | undefined {
  return isPlain(value) ? JSON.stringify(value) : undefined
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      if (value === null) return true
      if (Array.isArray(value)) return value.every(isPlain)
      if (Object.getPrototypeOf(value) !== Object.prototype) return false
      return Object.values(value).every(isPlain)
    default:
      return false
  }
}
