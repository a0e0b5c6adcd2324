import { InputError } from '../base/errors.ts'
import { placeDigests } from '../run/input-digests.ts'
import { loadScenario } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { RunUnit } from './run-unit.ts'

/** Digests of files by their paths. */
export type FileDigests = Readonly<Record<string, string>>

/** A scenario without its seed, as a run unit has it. */
type Unseeded = Pick<RunUnit, 'file' | 'raw' | 'overrides' | 'flags'>

/**
 * Files that single points of a sweep name and the scenario of all does not, such as traces or scheduler configurations that a parameter
 * goes over. Each file is read once.
 */
export class PointFiles {
  readonly #base: FileDigests
  readonly #digests = new Map<string, string>()
  readonly #found = new Map<string, FileDigests>()

  constructor(base: Unseeded) {
    this.#base = this.#of(base)
  }

  /** The files of all points that were asked about. */
  get all(): FileDigests {
    const files = [...this.#found.values()].flatMap((found) => Object.entries(found))
    return Object.fromEntries(files.toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  /**
   * The files of a point. Points whose values have equal texts in them name the same ones: a number names no file. None for a point whose
   * scenario cannot be loaded: it fails when it runs.
   */
  of(point: Unseeded, values: readonly unknown[]): FileDigests {
    const texts = values.map((value) => (typeof value === 'number' || typeof value === 'boolean' ? 0 : value))
    if (texts.every((text) => text === 0)) return {}
    const key = JSON.stringify(texts)
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const own = Object.entries(this.#of(point)).filter(([place]) => !(place in this.#base))
    const found = Object.fromEntries(own)
    this.#found.set(key, found)
    return found
  }

  #of(point: Unseeded): FileDigests {
    const scenario = loaded(point)
    return scenario === undefined ? {} : placeDigests(scenario, this.#digests)
  }
}

function loaded({ file, raw, overrides, flags }: Unseeded): Scenario | undefined {
  const named = { ...(file === undefined ? {} : { file }), ...(raw === undefined ? {} : { raw }) }
  try {
    return loadScenario({ ...named, overrides, flags: new Map(flags) })
  } catch (error) {
    // The scenario of all may lack what every point gives it.
    if (error instanceof InputError) return undefined
    throw error
  }
}
