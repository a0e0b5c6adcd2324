import { fieldRequirementsText, matchesFields, parseFieldSelector } from '../../api/field-selector.ts'
import {
  compileLabelRequirements,
  labelRequirementsText,
  labelSelectorRequirements,
} from '../../api/label-requirement.ts'
import { parseLabelSelector } from '../../api/label-selector-text.ts'
import { compileLabelSelector } from '../../api/selectors.ts'
import type { Labels } from '../../api/selectors.ts'
import type { LabelSelector } from '../../api/types.generated.ts'
import { logicFamily } from '../family.ts'

interface SelectorInput {
  /** One of these three. */
  readonly selector?: string
  readonly labelSelector?: LabelSelector | null
  readonly fieldSelector?: string
  readonly labels?: Labels | null
  readonly fields?: Readonly<Record<string, string>> | null
}

/** Label and field selectors: their canonical text, whether they match, or what is wrong with them. */
export const selectors = logicFamily<SelectorInput>('selectors', (input) => {
  const { selector, labelSelector, fieldSelector } = input
  const labels = input.labels ?? {}
  if (fieldSelector !== undefined) {
    const parsed = parseFieldSelector(fieldSelector)
    if ('error' in parsed) return parsed
    return {
      string: fieldRequirementsText(parsed.value),
      matches: matchesFields(parsed.value, input.fields ?? {}),
    }
  }
  if (labelSelector !== undefined) {
    const given = labelSelector ?? undefined
    const requirements = labelSelectorRequirements(given)
    if ('error' in requirements) return requirements
    const matches = compileLabelSelector(given)
    return { string: labelRequirementsText(requirements.value), matches: matches(labels) }
  }
  const parsed = parseLabelSelector(selector ?? '')
  if ('error' in parsed) return parsed
  const matches = compileLabelRequirements(parsed.value)
  return { string: labelRequirementsText(parsed.value), matches: matches(labels) }
})
