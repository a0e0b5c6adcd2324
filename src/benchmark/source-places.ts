import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a function stands, as V8 says it: lines and columns from 0. */
export interface CodePlace {
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/**
 * Finds the source file of a function: of bundled code by the source map beside the bundle, which is read when a function
 * of it comes up first.
 */
export class SourcePlaces {
  readonly #root: string
  readonly #maps = new Map<string, SourceMap | undefined>()

  /** `root` is the folder of the package: places are relative to it. */
  constructor(root: string) {
    this.#root = root
  }

  /**
   * Path of the source below the package, as `src/engine/simulation` without its ending; of a file elsewhere its whole
   * path; undefined for code that has no file: Node's own, and what V8 does.
   */
  of(place: CodePlace): string | undefined {
    const file = fileOf(place.url)
    if (file === undefined) return undefined
    const source = this.#mapped(file, place) ?? file
    const inside = path.relative(this.#root, source)
    if (inside.startsWith('..') || path.isAbsolute(inside)) return source
    return inside.replace(/^dist\/(?!bin\/)/, '').replace(/\.[mc]?[jt]s$/, '')
  }

  #mapped(file: string, { lineNumber, columnNumber }: CodePlace): string | undefined {
    const entry = this.#mapOf(file)?.findEntry(lineNumber, columnNumber)
    if (entry === undefined || !('originalSource' in entry)) return undefined
    return path.resolve(path.dirname(file), entry.originalSource)
  }

  #mapOf(file: string): SourceMap | undefined {
    if (this.#maps.has(file)) return this.#maps.get(file)
    const place = `${file}.map`
    const isBundled = path.dirname(file) === path.join(this.#root, 'dist/bin') && existsSync(place)
    const payload = isBundled ? (JSON.parse(readFileSync(place, 'utf8')) as SourceMap['payload']) : undefined
    const map = payload === undefined ? undefined : new SourceMap(payload)
    this.#maps.set(file, map)
    return map
  }
}

function fileOf(url: string): string | undefined {
  if (url.startsWith('file:')) return fileURLToPath(url)
  return path.isAbsolute(url) ? url : undefined
}
