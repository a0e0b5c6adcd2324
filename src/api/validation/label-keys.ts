import type { LabelSelector, LabelSelectorRequirement } from '../types.generated.ts'
import { entriesOf, items } from './absent.ts'
import { forbidden, invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLabelKey } from './metadata.ts'

interface LabelKeys {
  readonly labelSelector?: LabelSelector
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

/**
 * Keys of affinity terms and spread constraints whose values come from the pod.
 *
 * Source: Kubernetes v1.37, core/validation `ValidateMatchLabelKeysAndMismatchLabelKeys`.
 */
export function validateLabelKeys(term: LabelKeys, path: string): FieldErrors {
  const { labelSelector } = term
  const matched = items(term.matchLabelKeys)
  const mismatched = items(term.mismatchLabelKeys)
  return [
    ...keyListErrors(matched, labelSelector, `${path}.matchLabelKeys`),
    ...keyListErrors(mismatched, labelSelector, `${path}.mismatchLabelKeys`),
    ...repeatedKeyErrors(matched, labelSelector, path),
    ...matched.flatMap((key, index) => {
      if (!mismatched.includes(key)) return []
      const place = `${path}.matchLabelKeys[${index}]`
      return [invalid(place, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
    }),
  ]
}

function keyListErrors(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: string,
): FieldErrors {
  if (keys.length === 0) return []
  if (selector === undefined) return [forbidden(path, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, index) => validateLabelKey(key, `${path}[${index}]`))
}

/** The API server adds a requirement for each key before: a second one is the user's. */
function repeatedKeyErrors(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: string,
): FieldErrors {
  const seen = new Set(entriesOf(selector?.matchLabels).map(([key]) => key))
  return items(selector?.matchExpressions).flatMap(({ key = '' }: Partial<LabelSelectorRequirement>) => {
    const index = keys.lastIndexOf(key)
    const isRepeated = index >= 0 && seen.has(key)
    seen.add(key)
    return isRepeated
      ? [invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')]
      : []
  })
}
