import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec } from '../types.generated.ts'
import { withChanged, withDefaults } from './fields.ts'

const PERIOD_SECONDS = 15

/** As fast as the larger of doubling and four pods in 15 s, at once. */
const SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: PERIOD_SECONDS },
    { type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS },
  ],
}

/** All at once; the stabilization window is the controller's setting. */
const SCALE_DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS }],
}

const CPU_UTILIZATION: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

/**
 * Defaults of a HorizontalPodAutoscaler: 80 % of the requested cpu; rules of scaling where `behavior` says some.
 * One of version v1 says its only metric in another way, and keeps it.
 * Source: Kubernetes v1.37, apis/autoscaling/v2 and v1 `SetDefaults_HorizontalPodAutoscaler`.
 */
export function defaultHorizontalPodAutoscaler(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  return withChanged(autoscaler, 'spec', (spec) => {
    if (autoscaler.apiVersion === 'autoscaling/v1') return withDefaults(spec, { minReplicas: 1 })
    const hasMetrics = (spec.metrics ?? []).length > 0
    const next = withDefaults(hasMetrics ? spec : { ...spec, metrics: [CPU_UTILIZATION] }, { minReplicas: 1 })
    return withChanged(next, 'behavior', ({ scaleUp, scaleDown }) => ({
      scaleUp: withDefaults(scaleUp ?? {}, SCALE_UP),
      scaleDown: withDefaults(scaleDown ?? {}, SCALE_DOWN),
    }))
  })
}
