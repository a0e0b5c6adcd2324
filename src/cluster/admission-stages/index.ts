import type { AdmissionStage } from '../admission.ts'
import { behaviourAnnotations } from './behaviour-annotations.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { podDefaults, podLevelDefaults } from './pod-defaults.ts'
import { priority } from './priority.ts'
import { runtimeClass } from './runtime-class.ts'

/** The admission chain of a cluster without further settings, in kube-apiserver's order. */
export const defaultAdmission: readonly AdmissionStage[] = [
  podDefaults,
  priority,
  defaultTolerationSeconds,
  runtimeClass,
  behaviourAnnotations,
  podLevelDefaults,
]
