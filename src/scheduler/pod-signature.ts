import { runPlugin } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'

/**
 * Signatures of pods: two of one profile are equal if no plugin that filters or scores can tell the pods apart, in the
 * same state of the cluster. A pod, or all pods of a profile, may have none.
 *
 * Source: kube-scheduler v1.37, framework/runtime `SignPod`.
 */
export class PodSignatures {
  readonly #byClass = new WeakMap<PodClass, string>()

  /** The pod's signature; undefined when a plugin cannot give one. */
  of(profile: Profile, podClass: PodClass): string | undefined {
    if (profile.signers.length === 0) return undefined
    let signature = this.#byClass.get(podClass)
    if (signature === undefined) {
      signature = sign(profile, podClass)
      this.#byClass.set(podClass, signature)
    }
    return signature === '' ? undefined : signature
  }
}

/** The signature as text, empty for none. */
function sign(profile: Profile, podClass: PodClass): string {
  const parts: Record<string, unknown> = { schedulerName: podClass.shape.spec.schedulerName ?? '' }
  for (const index of profile.signers) {
    const plugin = profile.plugins[index]
    if (plugin === undefined) continue
    const signed = runPlugin(plugin.name, 'sign', () => plugin.sign?.(podClass.shape))
    if (signed === undefined) return ''
    Object.assign(parts, signed)
  }
  return JSON.stringify(sorted(parts))
}

/** The same data with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).sort()
  const record = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(keys.map((key) => [key, sorted(record[key])]))
}
