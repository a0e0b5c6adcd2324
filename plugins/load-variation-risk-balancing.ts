import { InputError } from '../src/base/errors.ts'
import { SCORE_MAX, definePlugin } from '../src/scheduler/framework/index.ts'
import type { MeasuredUse, PluginContext, PluginFactory } from '../src/scheduler/framework/index.ts'
import { METRIC_FIELDS, readMetricProvider } from './metric-provider.ts'
import type { MetricProvider } from './metric-provider.ts'
import { readArguments } from './plugin-arguments.ts'
import type { PluginArguments } from './plugin-arguments.ts'

/** What risk is made of, besides the pod and the node. */
interface Risk {
  readonly provider: MetricProvider
  /** Multiplier of the deviation. */
  readonly margin: number
  /** Root that is taken of the deviation. */
  readonly sensitivity: number
}

/**
 * Prefers the node whose measured load leaves the least risk, of load and of its variation.
 *
 * Score: min over cpu and memory of 100 (1 - (μ + m σ^(1/s)) / 2), rounded, with μ the measured use and the pod's request and
 * σ the deviation of the use, both as shares of what the node gives, 0 to 1; m is the argument `safeVarianceMargin`, s
 * `safeVarianceSensitivity`, both 1 by default. A node that was not measured has 0.
 *
 * The default provider of metrics, a metrics server, knows no deviation: with `metricProvider.type: Prometheus` use is the
 * mean of 15 minutes, and has one. Source: kubernetes-sigs/scheduler-plugins, pkg/trimaran/loadvariationriskbalancing
 * (`computeScore`), pkg/trimaran/resourcestats.go, apis/config/v1/defaults.go.
 */
export const loadVariationRiskBalancing: PluginFactory = (args, context) => {
  const known = [...METRIC_FIELDS, 'safeVarianceMargin', 'safeVarianceSensitivity']
  const read = readArguments(args, context, known)
  const risk: Risk = {
    provider: readMetricProvider(read, context),
    margin: readFactor(read, context, 'safeVarianceMargin'),
    sensitivity: readFactor(read, context, 'safeVarianceSensitivity'),
  }
  return definePlugin({
    name: 'LoadVariationRiskBalancing',
    reads: ['allocatableCpu', 'allocatableMemory', 'measuredLoad'],

    compile: ({ requests }) => ({ cpu: requests.cpu, memory: requests.memory }),

    score(pod, node, nodes) {
      const load = nodes.measuredLoad(node)
      if (load === undefined) return 0
      const cpu = scoreOf(risk, load.cpu, pod.cpu, nodes.allocatableCpu(node))
      const memory = scoreOf(risk, load.memory, pod.memory, nodes.allocatableMemory(node))
      return Math.round(Math.min(cpu, memory))
    },

    hint: () => false,
  })
}

/** The score of one resource, 0 to 100, not rounded: what the node gives is `allocatable`, what the pod asks for `demand`. */
function scoreOf(
  { provider, margin, sensitivity }: Risk,
  use: MeasuredUse,
  demand: number,
  allocatable: number,
): number {
  const provided = provider(use)
  if (provided === undefined || allocatable <= 0 || use.capacity <= 0) return 0
  const { average, deviation } = provided
  const mu = share(share(average / use.capacity) + demand / allocatable)
  const sigma = share(margin * share(deviation / use.capacity) ** (1 / sensitivity))
  return (1 - (mu + sigma) / 2) * SCORE_MAX
}

function share(value: number): number {
  return Math.max(0, Math.min(1, value))
}

function readFactor(read: PluginArguments, context: PluginContext, field: string): number {
  const value = read[field] ?? 1
  if (typeof value === 'number' && value >= 0) return value
  throw new InputError({
    field: `${context.path}.${field}`,
    message: `Invalid value: ${JSON.stringify(value)}: not a number of 0 or more`,
  })
}
