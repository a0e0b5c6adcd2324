import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'

/** Texts of specs that are kept; beyond, all are forgotten, and equal claims get another number from then on. */
const SHAPES_MAX = 10_000

/** Numbers for what claims ask for: claims with equal specs have the same one, as those made from one template do. */
export class ClaimShapes {
  readonly #byText = new Map<string, number>()
  readonly #bySpec = new WeakMap<object, number>()
  #made = 0

  of({ spec }: ResourceClaim): number {
    if (spec === undefined) return 0
    const known = this.#bySpec.get(spec)
    if (known !== undefined) return known
    const text = JSON.stringify(spec)
    let shape = this.#byText.get(text)
    if (shape === undefined) {
      if (this.#byText.size >= SHAPES_MAX) this.#byText.clear()
      this.#made += 1
      shape = this.#made
      this.#byText.set(text, shape)
    }
    this.#bySpec.set(spec, shape)
    return shape
  }
}
