import { InputError } from '../src/base/errors.ts'
import type { MeasuredUse, PluginContext } from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'
import type { PluginArguments } from './plugin-arguments.ts'

/** What a load-aware plugin is told of the use of a resource. */
export interface ProvidedUse {
  readonly average: number
  readonly deviation: number
}

/** Turns a measurement into what the provider of metrics would say of it; undefined when it would know nothing. */
export type MetricProvider = (use: MeasuredUse) => ProvidedUse | undefined

/** A metrics server knows the newest sample only; databases of time series give mean and deviation over the window. */
const PROVIDERS: Readonly<Record<string, MetricProvider>> = {
  KubernetesMetricsServer: ({ latest }) =>
    latest === undefined ? undefined : { average: latest, deviation: 0 },
  Prometheus: ({ mean, deviation }) => ({ average: mean, deviation }),
  SignalFx: ({ mean, deviation }) => ({ average: mean, deviation }),
}

/** Arguments that all load-aware plugins have. */
export const METRIC_FIELDS = ['metricProvider', 'watcherAddress'] as const

/**
 * The arguments `metricProvider.type` and `watcherAddress` (TrimaranSpec), KubernetesMetricsServer by default. Addresses and
 * tokens mean nothing here. Source: kubernetes-sigs/scheduler-plugins, apis/config/v1 `SetDefaultTrimaranSpec`;
 * paypal/load-watcher, pkg/watcher/internal/metricsprovider.
 *
 * Throws `InputError` for a type that there is not.
 */
export function readMetricProvider(read: PluginArguments, context: PluginContext): MetricProvider {
  const { watcherAddress, metricProvider } = read
  const ignored = 'has no effect: nodes are measured by the run itself'
  if (watcherAddress !== undefined) context.warn(`${context.path}.watcherAddress`, ignored)
  const { type = 'KubernetesMetricsServer', address } = readArguments(
    metricProvider,
    { ...context, path: `${context.path}.metricProvider` },
    ['type', 'address', 'token', 'insecureSkipVerify'],
  )
  if (address !== undefined) context.warn(`${context.path}.metricProvider.address`, ignored)
  const provider = typeof type === 'string' && Object.hasOwn(PROVIDERS, type) ? PROVIDERS[type] : undefined
  if (provider !== undefined) return provider
  throw new InputError({
    field: `${context.path}.metricProvider.type`,
    message: `Unsupported value: ${JSON.stringify(type)}`,
    hint: `expected one of ${Object.keys(PROVIDERS).join(', ')}`,
  })
}
