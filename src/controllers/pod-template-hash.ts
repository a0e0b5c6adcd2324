import type { PodTemplateSpec } from '../api/types.generated.ts'

/** Label by which the pods of a Deployment's ReplicaSets are told apart. */
export const POD_TEMPLATE_HASH = 'pod-template-hash'

/** Letters of safe-encoded numbers (apimachinery, util/rand `SafeEncodeString`). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619

const texts = new WeakMap<PodTemplateSpec, string>()

/**
 * Hash of a pod template as names and labels carry it, of up to ten letters: FNV-1a of 32 bits over the template and the number
 * of collisions so far.
 *
 * Departs from Kubernetes, which hashes a dump of its Go structures: here it is the JSON of the template with sorted keys, so
 * that equal templates have equal hashes, other than those of a real cluster.
 * Source: kube-controller-manager v1.37, controller_utils.go `ComputeHash`.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = FNV_OFFSET
  for (const byte of new TextEncoder().encode(stableText(template))) hash = fnv(hash, byte)
  if (collisionCount !== undefined) {
    for (let place = 0; place < 8; place++) {
      hash = fnv(hash, place < 4 ? (collisionCount >>> (8 * place)) & 255 : 0)
    }
  }
  let name = ''
  for (const digit of String(hash)) name += LETTERS[digit.charCodeAt(0) % LETTERS.length] ?? ''
  return name
}

/**
 * Whether two templates ask for the same pods: the hash label does not count, nor does it matter whether what is empty is there.
 *
 * Departs from Kubernetes: quantities are compared as they are written. O(1) for templates that were compared before.
 * Source: kube-controller-manager v1.37, deployment/util/deployment_util.go `EqualIgnoreHash`.
 */
export function isSameTemplate(one: PodTemplateSpec, other: PodTemplateSpec): boolean {
  return one === other || textWithoutHash(one) === textWithoutHash(other)
}

/** The template without its hash label. */
export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [POD_TEMPLATE_HASH]: hash, ...labels } = template.metadata?.labels ?? {}
  return hash === undefined ? template : { ...template, metadata: { ...template.metadata, labels } }
}

function textWithoutHash(template: PodTemplateSpec): string {
  let text = texts.get(template)
  if (text === undefined) {
    text = stableText(withoutHash(template))
    texts.set(template, text)
  }
  return text
}

/** JSON with sorted keys, without what is empty. */
function stableText(value: unknown): string {
  return JSON.stringify(stable(value)) ?? ''
}

function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((part) => stable(part) ?? {})
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const entries = Object.entries(value)
    .map(([key, part]) => [key, stable(part)] as const)
    .filter(([, part]) => part !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function fnv(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME) >>> 0
}
