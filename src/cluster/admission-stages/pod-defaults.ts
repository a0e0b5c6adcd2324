import { defaultPodSpec } from '../../api/defaults/pods.ts'
import type { AdmissionStage } from '../admission.ts'

/** The defaulting that the API server does before any admission plugin sees a pod. */
export const podDefaults: AdmissionStage = {
  name: 'Defaults',
  mutate: (template) => ({ ...template, spec: defaultPodSpec(template.spec) }),
}
