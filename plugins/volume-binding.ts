import { definePlugin, signVolumes } from '../src/scheduler/framework/index.ts'

/**
 * Volumes that pods claim. Of a pod without claims, the only kind that is simulated so far, it says what
 * kube-scheduler says: nothing to reject, score 0 on every node.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding (its score is on by the gate StorageCapacityScoring).
 */
export const volumeBinding = definePlugin({
  name: 'VolumeBinding',
  reads: [],
  sized: false,
  compile: () => ({}),
  sign: signVolumes,
  score: () => 0,
  hint: () => false,
})
