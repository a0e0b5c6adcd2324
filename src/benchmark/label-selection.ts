import { InputError } from '../base/errors.ts'

/** Whether something with these labels is chosen. */
export type LabelSelection = (labels: readonly string[]) => boolean

/**
 * Reads a choice of labels: a comma list of `name` or `+name`, which must be there, and `-name`, which must not.
 *
 * The empty text chooses everything. Source: Kubernetes v1.37, test/integration/scheduler_perf/label_selector.go.
 */
export function parseLabelSelection(text: string): LabelSelection {
  const wanted: string[] = []
  const unwanted: string[] = []
  for (const part of text.split(',').map((word) => word.trim())) {
    if (part === '' && text.trim() === '') continue
    const name = part.replace(/^[+-]/, '')
    if (name === '') {
      throw new InputError({
        field: '--labels',
        message: `"${text}" has an empty label`,
        hint: 'expected a list such as performance,-short',
      })
    }
    if (part.startsWith('-')) unwanted.push(name)
    else wanted.push(name)
  }
  return (labels) =>
    wanted.every((name) => labels.includes(name)) && !unwanted.some((name) => labels.includes(name))
}
