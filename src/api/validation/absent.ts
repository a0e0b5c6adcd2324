/**
 * What an absent field is to Kubernetes, whose types are Go's: the empty text, zero, no items.
 *
 * Input is not yet known to hold even the fields that its type demands.
 */
export function text(value: string | undefined): string {
  return value ?? ''
}

/** As `text`, for numbers. */
export function whole(value: number | undefined): number {
  return value ?? 0
}

/** As `text`, for lists. */
export function items<Item>(list: readonly Item[] | undefined): readonly Item[] {
  return list ?? []
}

/** As `text`, for maps: its entries by key, in the order of code points. */
export function entriesOf<Value>(
  map: Readonly<Record<string, Value>> | undefined,
): readonly (readonly [string, Value])[] {
  return Object.entries(map ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** Length in bytes of UTF-8, which is what Go counts. */
export function byteLength(value: string): number {
  return new TextEncoder().encode(value).length
}
