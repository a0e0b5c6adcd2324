import type { Micros } from '../base/time.ts'
import type { ReplayedParts } from '../run/run.ts'

/** Prime and start of FNV-1a with 32 bits; the other half of the digest starts elsewhere. */
const PRIME = 0x01000193
const STARTS = [0x811c9dc5, 0x9747b28c] as const

/** What happened to pods, the same for two runs whose pods were written alike, and which of them were tried in vain. */
export class PodHistory {
  #halves: readonly [number, number] = [...STARTS]
  /** The digest before the writes of each instant that had any. */
  readonly #before: { readonly at: Micros; readonly digest: string }[] = []
  /** Cycles that found no node, as instant and pod, in order. */
  readonly #tries = new Map<string, Micros>()

  /** Follows the writes and the cycles of a run from now on. */
  follow({ sim, api, scheduler }: ReplayedParts): void {
    const { table } = api.pods
    api.pods.observe((event, row) => {
      if (this.#before.at(-1)?.at !== sim.now) this.#before.push({ at: sim.now, digest: this.digest })
      for (const value of [sim.now / 0x100000000, sim.now, event, table.serial(row), table.node(row)]) {
        const [one, other] = this.#halves
        this.#halves = [Math.imul(one ^ value, PRIME), Math.imul((other ^ value) + 1, PRIME)]
      }
    })
    scheduler.observe(({ pod, outcome }) => {
      if (outcome !== 'bound') this.#tries.set(`${sim.now} ${table.serial(pod)}`, sim.now)
    })
  }

  /** Digest of all writes, 16 hexadecimal digits. */
  get digest(): string {
    return this.#halves.map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** Digest of the writes before an instant. */
  digestBefore(at: Micros): string {
    return this.#before.find((one) => one.at >= at)?.digest ?? this.digest
  }

  /** When a pod was first tried in vain that was not in the other run at that instant; undefined when that never was. */
  firstTryBeyond(other: PodHistory): Micros | undefined {
    for (const [key, at] of this.#tries) if (!other.#tries.has(key)) return at
    return undefined
  }
}
