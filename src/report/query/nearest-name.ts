/** Letters that a name is known by. */
const BEGINNING_MIN = 3

/**
 * The name that a mistyped one may stand for: the fewest letters changed, a third of them at most, or one that goes on behind three
 * letters or more; undefined when none is near.
 */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const name of names) {
    const isBeginning = word.length >= BEGINNING_MIN && name.toLowerCase().startsWith(word.toLowerCase())
    const distance = isBeginning ? 1 : changes(word.toLowerCase(), name.toLowerCase())
    if (distance >= least) continue
    nearest = name
    least = distance
  }
  return nearest
}

/** Letters put in, left out or changed that make one word of the other (Levenshtein). */
function changes(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const changed = (row[j - 1] ?? 0) + (isSame ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
