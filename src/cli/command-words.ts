/** Flags that change nothing of what is computed: what may be replaced, and what is shown. */
const SILENT: ReadonlySet<string> = new Set(['--force', '--quiet', '--json', '--profile-cost'])

/** The command line without what does not change what is computed: where reports go, and what is shown. */
export function commandWords(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !SILENT.has(word) && word !== '--out' && words[index - 1] !== '--out')
}
