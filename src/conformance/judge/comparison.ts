/** Keys and indices from the root to a value. */
export type JsonPath = readonly (string | number)[]

/** One place where a result is not as it was recorded. */
export interface Difference {
  /** What of the case it belongs to: a key of the result or of a step, or one of the texts that count apart. */
  readonly aspect: string
  /** JSON pointer. */
  readonly path: string
  readonly expected: unknown
  readonly actual: unknown
}

/** How often an aspect was compared, and how often it differed. */
export interface AspectCount {
  total: number
  different: number
  /** A loose aspect may differ. */
  readonly isLoose: boolean
}

/** A leaf that counts as an aspect of its own. */
export interface Leaf {
  readonly aspect: string
  readonly isLoose: boolean
  readonly path: JsonPath
  readonly expected: unknown
  readonly actual: unknown
  readonly isEqual: boolean
}

/** Collects what one case differs in, and counts by aspect. */
export class Comparison {
  readonly differences: Difference[] = []
  readonly aspects = new Map<string, AspectCount>()
  /** Input of the case, which some rules ask. */
  readonly input: unknown
  readonly #isStrict: boolean
  #isListing = true
  #aspect = ''
  #isDifferent = false

  constructor(input: unknown, isStrict: boolean) {
    this.input = input
    this.#isStrict = isStrict
  }

  /** Compares something that is judged as a whole: however much of it differs, it counts once. */
  part(aspect: string, compare: () => void): void {
    this.#aspect = aspect
    this.#isDifferent = false
    compare()
    const count = this.#count(aspect, false)
    count.total += 1
    if (this.#isDifferent) count.different += 1
  }

  /** Notes a difference within the part that is being compared. */
  differ(path: JsonPath, expected: unknown, actual: unknown): void {
    this.#isDifferent = true
    this.note(this.#aspect, path, expected, actual)
  }

  /** Notes a difference beside the parts. */
  note(aspect: string, path: JsonPath, expected: unknown, actual: unknown): void {
    if (this.#isListing) this.differences.push({ aspect, path: pointer(path), expected, actual })
  }

  /** Counts a leaf that does not decide over the part that it stands in. */
  leaf({ aspect, isLoose, path, expected, actual, isEqual }: Leaf): void {
    const count = this.#count(aspect, isLoose && !this.#isStrict)
    count.total += 1
    if (isEqual) return
    count.different += 1
    if (!count.isLoose) this.note(aspect, path, expected, actual)
  }

  /** From now on differences are counted, but not listed: they follow from those that are. */
  listNoMore(): void {
    this.#isListing = false
  }

  #count(aspect: string, isLoose: boolean): AspectCount {
    const known = this.aspects.get(aspect)
    if (known !== undefined) return known
    const count = { total: 0, different: 0, isLoose }
    this.aspects.set(aspect, count)
    return count
  }
}

function pointer(path: JsonPath): string {
  return `/${path.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
}
