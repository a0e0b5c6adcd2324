/**
 * A number in [0, 1) that follows from a text alone: for choices that have to be the same whoever makes them and whenever,
 * and need no stream of their own.
 *
 * FNV-1a over the characters (Fowler, Noll, Vo), then the finaliser of MurmurHash3 (Appleby), for FNV's high bits hardly
 * follow from the last characters. 32 bits.
 */
export function uniformOfText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
