import type { Toleration } from '../../api/types.generated.ts'
import type { AdmissionStage } from '../admission.ts'

/**
 * How long a pod stays on a node that is not ready or unreachable (`--default-not-ready-toleration-seconds`).
 */
const TOLERATION_SECONDS = 300

const TAINT_KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/**
 * Adds the tolerations that keep pods on lost nodes for five minutes, unless the pod has one for the taint
 * already.
 *
 * Source: kube-apiserver v1.37, plugin/admission/defaulttolerationseconds.
 */
export const defaultTolerationSeconds: AdmissionStage = {
  name: 'DefaultTolerationSeconds',
  mutate(template) {
    const tolerations = template.spec.tolerations ?? []
    const added = TAINT_KEYS.filter((key) => !tolerations.some((one) => names(one, key))).map(
      (key): Toleration => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: TOLERATION_SECONDS,
      }),
    )
    if (added.length === 0) return template
    return { ...template, spec: { ...template.spec, tolerations: [...tolerations, ...added] } }
  },
}

/** Whether the toleration is for NoExecute taints of this key; its operator and value do not count here. */
function names({ key, effect }: Toleration, taintKey: string): boolean {
  const isForKey = key === undefined || key === '' || key === taintKey
  return isForKey && (effect === undefined || effect === '' || effect === 'NoExecute')
}
