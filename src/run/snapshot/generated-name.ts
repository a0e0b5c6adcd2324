import type { PodTemplateSpec } from '../../api/types.generated.ts'

/** Letters of generated names: no vowels, and nothing that is mistaken for them (apimachinery, util/rand). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Longest beginning of a generated name, and length of its ending (apiserver, storage/names). */
const BASE_MAX = 58
const ENDING = 5

const FNV_OFFSET = 2166136261
const FNV_PRIME = 16777619

/** Number of endings, and the step between those of neighbours: coprime, so that no ending comes twice. */
const ENDINGS = LETTERS.length ** ENDING
const STEP = 7_368_787

/**
 * A name as `generateName` gives it: the base and five letters. They follow from the kind of the owner, the base and the
 * place, so that the same manifest gives the same names.
 */
export function generatedName(kind: string, base: string, index: number): string {
  let number = (fnv32(`${kind}/${base}`) + index * STEP) % ENDINGS
  let ending = ''
  for (let i = 0; i < ENDING; i++) {
    ending += LETTERS[number % LETTERS.length] ?? ''
    number = Math.floor(number / LETTERS.length)
  }
  return base.slice(0, BASE_MAX) + ending
}

/**
 * The value of the label `pod-template-hash`: of the real one's form, not the real one's letters, which hash Go's memory
 * layout of the template.
 */
export function templateHash(template: PodTemplateSpec | undefined): string {
  const digits = String(fnv32(JSON.stringify(template ?? {})))
  let encoded = ''
  for (let i = 0; i < digits.length; i++) encoded += LETTERS[digits.charCodeAt(i) % LETTERS.length] ?? ''
  return encoded
}

/** FNV-1a over UTF-16 units. */
function fnv32(text: string): number {
  let hash = FNV_OFFSET
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME)
  return hash >>> 0
}
