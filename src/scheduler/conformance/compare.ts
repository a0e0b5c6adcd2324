/** One place where two results differ, with both values as JSON. */
export interface Difference {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** What is recorded but not compared: it repeats the input. */
const NOT_COMPARED = new Set(['mode'])

/**
 * All differences between a recorded result and ours, by the rules of the recorded cases: an absent value is an empty
 * one; lists of words are sets; a tie set counts where both have one. Which plugins were skipped counts, too.
 */
export function differencesOf(expected: unknown, actual: unknown): Difference[] {
  const differences: Difference[] = []
  compare(expected, actual, '', differences)
  return differences
}

function compare(expected: unknown, actual: unknown, path: string, found: Difference[]): void {
  if (isEmpty(expected) && isEmpty(actual)) return
  if (isWords(expected) && isWords(actual)) {
    if (sorted(expected) !== sorted(actual)) found.push(difference(path, expected, actual))
    return
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    compareLists(expected, actual, path, found)
    return
  }
  if (isRecord(expected) && isRecord(actual)) {
    compareRecords(expected, actual, path, found)
    return
  }
  if (!Object.is(expected, actual)) found.push(difference(path, expected, actual))
}

function compareLists(
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: string,
  found: Difference[],
): void {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const one = expected[i]
    const name = isRecord(one) && typeof one['pod'] === 'string' ? one['pod'] : ''
    compare(one, actual[i], `${path}/${i}${name === '' ? '' : ` (${name})`}`, found)
  }
}

function compareRecords(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
  path: string,
  found: Difference[],
): void {
  for (const key of [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()) {
    if (NOT_COMPARED.has(key)) continue
    if (
      key === 'tieSet' &&
      'tieSetSize' in expected &&
      (expected[key] === undefined || actual[key] === undefined)
    )
      continue
    if (
      key === 'nodes' &&
      path.endsWith('/preFilter') &&
      (expected[key] === null) !== ((actual[key] ?? null) === null)
    ) {
      found.push(difference(`${path}/${key}`, expected[key], actual[key]))
      continue
    }
    // Only whether a pod is ignored counts; the text is the recorder's.
    if (key === 'ignored' && !isEmpty(expected[key]) && !isEmpty(actual[key])) continue
    compare(expected[key], actual[key], `${path}/${key}`, found)
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.values(value).every(isEmpty)
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(words: readonly string[]): string {
  return JSON.stringify([...words].sort())
}

function difference(path: string, expected: unknown, actual: unknown): Difference {
  const show = (value: unknown): string =>
    value === undefined ? '(absent)' : JSON.stringify(value).slice(0, 300)
  return { path: path === '' ? '/' : path, expected: show(expected), actual: show(actual) }
}
