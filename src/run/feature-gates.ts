import type { FeatureGates } from '../scheduler/framework/plugin-factory.ts'

/**
 * Feature gates that the simulator knows, with their defaults by Kubernetes version.
 *
 * Source: Kubernetes v1.36 and v1.37, pkg/features/kube_features.go.
 */
const GATES: Readonly<Record<'1.36' | '1.37', Readonly<Record<string, boolean>>>> = {
  '1.36': {
    SchedulerPopFromBackoffQ: true,
    TaintTolerationComparisonOperators: false,
    StorageCapacityScoring: false,
    VolumeLimitScaling: false,
  },
  '1.37': {
    SchedulerPopFromBackoffQ: true,
    TaintTolerationComparisonOperators: false,
    StorageCapacityScoring: true,
    VolumeLimitScaling: true,
  },
}

/** The default feature gates of a version. */
export function featureGates(version: '1.36' | '1.37'): FeatureGates {
  return new Map(Object.entries(GATES[version]))
}
