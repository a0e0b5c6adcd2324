import { editDistance } from '../../base/nearest-word.ts'

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
    const distance = isBeginning ? 1 : editDistance(word.toLowerCase(), name.toLowerCase())
    if (distance >= least) continue
    nearest = name
    least = distance
  }
  return nearest
}
