import type { AdmissionStage } from '../admission.ts'
import { hasDisabledFields, withoutDisabledFields } from '../disabled-fields.ts'

/** The stage that takes the fields of features that are off out of pods; none while no such feature is. */
export function disabledPodFields(gates: ReadonlyMap<string, boolean>): readonly AdmissionStage[] {
  if (!hasDisabledFields('Pod', gates)) return []
  return [{ name: 'DisabledFields', mutate: (template) => withoutDisabledFields('Pod', template, gates) }]
}
