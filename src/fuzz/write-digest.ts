import type { ReplayedParts } from '../run/run.ts'

/** Prime and start of FNV-1a with 32 bits; the other half of the digest starts elsewhere. */
const PRIME = 0x01000193
const STARTS = [0x811c9dc5, 0x9747b28c] as const

/** A digest of what happened to pods: the same for two runs whose pods were written alike, whatever went on in between. */
export class WriteDigest {
  #halves: readonly [number, number] = [...STARTS]

  /** Follows the writes of a run from now on. */
  follow({ sim, api }: ReplayedParts): void {
    const { table } = api.pods
    api.pods.observe((event, row) => {
      for (const value of [sim.now / 0x100000000, sim.now, event, table.serial(row), table.node(row)]) {
        const [one, other] = this.#halves
        this.#halves = [Math.imul(one ^ value, PRIME), Math.imul((other ^ value) + 1, PRIME)]
      }
    })
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return this.#halves.map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
