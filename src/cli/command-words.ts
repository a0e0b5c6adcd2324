/** Flags that change nothing of what is computed: what may be replaced, and what is shown. */
const SILENT: ReadonlySet<string> = new Set(['--force', '--quiet', '--json', '--profile-cost'])

/** The same, of flags that have a value. */
const SILENT_WITH_VALUE: ReadonlySet<string> = new Set(['--out', '--workers'])

/** The command line without what does not change what is computed: where reports go, and what is shown. */
export function commandWords(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => {
    return !SILENT.has(word) && ![word, words[index - 1] ?? ''].some((one) => SILENT_WITH_VALUE.has(one))
  })
}
