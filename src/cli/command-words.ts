/** Flags that change nothing of what is computed: what may be replaced, and what is shown. */
const SILENT: ReadonlySet<string> = new Set(['--force', '--quiet', '--json', '--all', '--profile-cost'])

/** The same with a word of their own: where reports go, by how many threads, and how a run is gone on with that ends early. */
const SILENT_WITH_WORD: ReadonlySet<string> = new Set(['--out', '--checkpoint', '--resume', '--workers'])

/** The command line without what does not change what is computed: where reports go, and what is shown. */
export function commandWords(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => {
    return ![word, words[index - 1] ?? ''].some((one) => SILENT_WITH_WORD.has(one)) && !SILENT.has(word)
  })
}
