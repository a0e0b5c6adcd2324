import { definePlugin } from '../src/scheduler/framework/index.ts'

/**
 * Devices that pods claim. Of a pod without claims, the only kind that is simulated so far, it says what
 * kube-scheduler says: nothing to reject, score 0 on every node.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources.
 */
export const dynamicResources = definePlugin({
  name: 'DynamicResources',
  reads: [],
  sized: false,
  compile: () => ({}),
  sign: (pod) => ((pod.spec.resourceClaims ?? []).length > 0 ? undefined : {}),
  score: () => 0,
  hint: () => false,
})
