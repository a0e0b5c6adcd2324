/** Letters that a word is known by when others follow. */
const BEGINNING_MIN = 3

/**
 * The known word that a mistyped one may stand for; undefined when none is near. Near are words with a third of the letters wrong at
 * most, and words that only go on behind it; the nearest is the one with the fewest wrong, the first of several. Case does not count.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const written = word.toLowerCase()
  const wrongMax = Math.max(1, Math.floor(word.length / 3))
  let nearest: string | undefined
  let least = wrongMax + 1
  for (const candidate of known) {
    const other = candidate.toLowerCase()
    const goesOn = written.length >= BEGINNING_MIN && other.startsWith(written)
    const distance = Math.min(editDistance(written, other), goesOn ? wrongMax : Infinity)
    if (distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

/**
 * Letters that are missing, too many, other ones, or changed places with their neighbour: the restricted Damerau-Levenshtein distance
 * (Boytsov, "Indexing methods for approximate dictionary searching", ACM JEA 16, 2011).
 */
function editDistance(one: string, other: string): number {
  let before: readonly number[] = []
  let previous: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const current = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity
      current.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    before = previous
    previous = current
  }
  return previous[other.length] ?? 0
}
