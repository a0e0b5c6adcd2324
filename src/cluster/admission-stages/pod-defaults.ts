import { defaultPodLevelResources } from '../../api/defaults/pod-level.ts'
import { defaultPodSpec } from '../../api/defaults/pods.ts'
import type { AdmissionStage } from '../admission.ts'

/** The defaulting that the API server does before any admission plugin sees a pod. */
export const podDefaults: AdmissionStage = {
  name: 'Defaults',
  mutate: (template) => ({ ...template, spec: defaultPodSpec(template.spec) }),
}

/** What the API server fills in once the plugins that change pods are done: pod-level amounts. */
export const podLevelDefaults: AdmissionStage = {
  name: 'PodLevelDefaults',
  mutate(template) {
    const spec = defaultPodLevelResources(template.spec)
    return spec === template.spec ? template : { ...template, spec }
  },
}
