import { annotatedBehaviour, hasBehaviour } from '../../api/behaviour-annotations.ts'
import { InputError } from '../../base/errors.ts'
import type { AdmissionStage } from '../admission.ts'

/** Refuses pods with `stowage.dev/` annotations about their containers' behaviour that make no sense; ours. */
export const behaviourAnnotations: AdmissionStage = {
  name: 'BehaviourAnnotations',
  validate({ metadata: { annotations }, spec }) {
    if (!hasBehaviour(annotations)) return undefined
    try {
      for (const { name } of spec.containers) annotatedBehaviour(annotations, { name, isRegular: true })
      for (const { name } of spec.initContainers ?? []) {
        annotatedBehaviour(annotations, { name, isRegular: false })
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return error.problems.map(({ field = '', message }) => `${field}: ${message}`).join('; ')
    }
    return undefined
  },
}
