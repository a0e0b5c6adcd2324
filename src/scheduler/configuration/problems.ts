import type { InputProblem } from '../../base/errors.ts'

/** Way to a field of the configuration from its root: names of fields and places in lists. */
export type FieldPath = readonly (string | number)[]

/** Where a field stands in the text that the configuration was read from. */
export type PlaceOf = (path: FieldPath) => Pick<InputProblem, 'file' | 'line' | 'column'>

/** Something in the configuration that has no meaning here. */
export interface ConfigurationWarning {
  readonly path: string
  readonly message: string
}

/** Collects what is wrong with a configuration, and what has no meaning; in the words of Kubernetes' field errors. */
export class Problems {
  readonly found: InputProblem[] = []
  readonly warnings: ConfigurationWarning[] = []
  readonly #root: string
  readonly #placeOf: PlaceOf

  /** `root` is what paths begin with; empty for a file of its own. */
  constructor(root: string, placeOf: PlaceOf) {
    this.#root = root
    this.#placeOf = placeOf
  }

  add(path: FieldPath, message: string, hint?: string): void {
    this.found.push({
      ...this.#placeOf(path),
      field: this.text(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    })
  }

  invalid(path: FieldPath, value: unknown, message: string): void {
    this.add(path, `Invalid value: ${JSON.stringify(value)}: ${message}`)
  }

  required(path: FieldPath, message = ''): void {
    this.add(path, message === '' ? 'Required value' : `Required value: ${message}`)
  }

  duplicate(path: FieldPath, value: string): void {
    this.add(path, `Duplicate value: ${JSON.stringify(value)}`)
  }

  forbidden(path: FieldPath, message: string): void {
    this.add(path, `Forbidden: ${message}`)
  }

  /** The supported values are told in the order of their names. */
  notSupported(path: FieldPath, value: unknown, supported: readonly string[]): void {
    const list = [...supported].sort().map((name) => JSON.stringify(name))
    this.add(path, `Unsupported value: ${JSON.stringify(value)}: supported values: ${list.join(', ')}`)
  }

  /** A file of its own is named with the line. */
  warn(path: FieldPath, message: string): void {
    const { file, line } = this.#placeOf(path)
    const place = this.#root === '' && file !== undefined ? `${[file, line].join(':')}: ` : ''
    this.warnings.push({ path: place + this.text(path), message })
  }

  /** `profiles[0].plugins.score` of a path, below the root. */
  text(path: FieldPath): string {
    const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return this.#root === '' ? text.replace(/^\./, '') : this.#root + text
  }
}
