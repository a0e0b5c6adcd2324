/** Gathers the values of a flag that may be given again, for commander. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}
