/** Offset and prime of FNV-1 with 32 bits. */
const OFFSET = 2166136261
const PRIME = 16777619
/** Letters of safe texts (apimachinery v1.37, util/rand `SafeEncodeString`). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * Hash in the name of a ControllerRevision: FNV-1 over its data as text and the number of collisions so far, in decimal digits
 * written with other letters. Source: Kubernetes v1.37, controller/history `HashControllerRevision`.
 */
export function revisionHash(data: string, collisionCount: number): string {
  let hash = OFFSET
  for (const byte of new TextEncoder().encode(`${data}${collisionCount}`)) {
    hash = (Math.imul(hash, PRIME) ^ byte) >>> 0
  }
  let text = ''
  for (const digit of String(hash)) text += LETTERS[digit.charCodeAt(0) % LETTERS.length] ?? ''
  return text
}
