interface Trouble {
  /** What full names of images begin with; empty for all. */
  readonly prefix: string
  /** Factor on the time that pulls take; infinite: there is no answer. */
  readonly slowness: number
}

/**
 * What is wrong with the registries that images come from, on behalf of causes: they do not answer, or slowly. It is by what full names
 * of images begin with, such as `docker.io` or `registry.example/team`; without any all registries are meant.
 */
export class Registries {
  readonly #troubles = new Map<string, Trouble>()

  /** No image of these can be pulled. */
  fail(prefix: string, cause: string): void {
    this.#troubles.set(cause, { prefix, slowness: Number.POSITIVE_INFINITY })
  }

  /** Pulls of these that begin from now on take that many times as long. */
  slow(prefix: string, factor: number, cause: string): void {
    this.#troubles.set(cause, { prefix, slowness: factor })
  }

  /** Ends what a cause did. */
  restore(cause: string): void {
    this.#troubles.delete(cause)
  }

  /** Factor on the time that a pull of an image takes: the greatest of all causes, infinite when its registry is down. */
  slownessOf(image: string): number {
    let slowness = 1
    for (const trouble of this.#troubles.values()) {
      if (isOf(image, trouble.prefix)) slowness = Math.max(slowness, trouble.slowness)
    }
    return slowness
  }
}

/** Whole parts of a name are meant: `docker.io` is no beginning of `docker.iox/web`. */
function isOf(image: string, prefix: string): boolean {
  if (!image.startsWith(prefix)) return false
  return (
    prefix === '' ||
    prefix.endsWith('/') ||
    image.length === prefix.length ||
    '/:@'.includes(image.charAt(prefix.length))
  )
}
