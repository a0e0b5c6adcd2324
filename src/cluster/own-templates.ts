import type { PodRow, TemplateId } from './rows.ts'

/** Pods whose templates were made for their owners alone: which template has none left. */
export class OwnTemplates {
  readonly #templateOf = new Map<PodRow, TemplateId>()
  readonly #counts = new Map<TemplateId, number>()

  /** A new pod has the row, and a template that is its owner's. */
  add(row: PodRow, template: TemplateId): void {
    this.#templateOf.set(row, template)
    this.#counts.set(template, (this.#counts.get(template) ?? 0) + 1)
  }

  /** The template of the row's pod is kept for good, if it is its owner's: then true. */
  keep(row: PodRow): boolean {
    const template = this.#templateOf.get(row)
    if (template === undefined) return false
    this.#counts.set(template, (this.#counts.get(template) ?? 0) + 1)
    return true
  }

  /** The row is free; returns the template that was its pod's if no other pod has it. */
  take(row: PodRow): TemplateId | undefined {
    if (this.#templateOf.size === 0) return undefined
    const template = this.#templateOf.get(row)
    if (template === undefined) return undefined
    this.#templateOf.delete(row)
    const left = (this.#counts.get(template) ?? 1) - 1
    if (left > 0) {
      this.#counts.set(template, left)
      return undefined
    }
    this.#counts.delete(template)
    return template
  }
}
