/** The object with these values where it has none: absent, null, or an empty text. The same object when it lacks nothing. */
export function withDefaults<T extends object>(object: T, defaults: Partial<T>): T {
  let filled: T | undefined
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    if (!isUnset(object[key])) continue
    filled ??= { ...object }
    filled[key] = defaults[key] as T[keyof T]
  }
  return filled ?? object
}

/** The object with what `change` makes of one of its fields; the same object when it has no such field. */
export function withChanged<T extends object, Key extends keyof T>(
  object: T,
  key: Key,
  change: (value: NonNullable<T[Key]>) => NonNullable<T[Key]>,
): T {
  const value = object[key]
  if (value === undefined || value === null) return object
  const next = change(value)
  return next === value ? object : { ...object, [key]: next }
}

/** The items, each as `change` gives it. */
export function eachOf<T>(change: (item: T) => T): (items: readonly T[]) => readonly T[] {
  return (items) => items.map(change)
}

/** Whether a field of an API object says nothing: absent, null, or an empty text. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}
