import { runPlugin } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'

/**
 * Signatures of pods: two of one profile are equal if no plugin that filters or scores can tell the pods apart, in the
 * same state of the cluster. A pod, or all pods of a profile, may have none.
 *
 * Source: kube-scheduler v1.37, framework/runtime `SignPod`.
 */
export class PodSignatures {
  readonly #byClass = new WeakMap<PodClass, string>()
  readonly #signers = new WeakMap<Profile, readonly PluginIndex[]>()

  /** The pod's signature; undefined when a plugin cannot give one. */
  of(profile: Profile, podClass: PodClass): string | undefined {
    const signers = this.#signersOf(profile)
    if (signers.length === 0) return undefined
    let signature = this.#byClass.get(podClass)
    if (signature === undefined) {
      signature = sign(profile, signers, podClass)
      this.#byClass.set(podClass, signature)
    }
    return signature === '' ? undefined : signature
  }

  /** Whether pods of the profile may have one. */
  areFor(profile: Profile): boolean {
    return this.#signersOf(profile).length > 0
  }

  /** The plugins to ask; none when one of those that matter gives no signatures. */
  #signersOf(profile: Profile): readonly PluginIndex[] {
    let signers = this.#signers.get(profile)
    if (signers === undefined) {
      const { preFilter, filter, preScore, score } = profile
      const asked = [...new Set([...preFilter, ...filter, ...preScore, ...score])]
      signers = asked.every((index) => profile.plugins[index]?.sign !== undefined) ? asked : []
      this.#signers.set(profile, signers)
    }
    return signers
  }
}

/** The signature as text, empty for none. */
function sign(profile: Profile, signers: readonly PluginIndex[], podClass: PodClass): string {
  const parts: Record<string, unknown> = { schedulerName: podClass.shape.spec.schedulerName ?? '' }
  for (const index of signers) {
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
