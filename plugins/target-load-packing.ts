import { InputError } from '../src/base/errors.ts'
import { quantityMilli, requireQuantity } from '../src/api/quantity.ts'
import type { Container } from '../src/api/types.generated.ts'
import { SCORE_MAX, definePlugin } from '../src/scheduler/framework/index.ts'
import type { PluginContext, PluginFactory, PodShape } from '../src/scheduler/framework/index.ts'
import { METRIC_FIELDS, readMetricProvider } from './metric-provider.ts'
import { readArguments, readInteger } from './plugin-arguments.ts'
import type { PluginArguments } from './plugin-arguments.ts'

/** How the use of a container is predicted. */
interface Prediction {
  /** Millicores of a container with neither limit nor request. */
  readonly ofNothing: number
  /** What is used of a request without a limit. */
  readonly multiplier: number
}

/**
 * Packs nodes by measured cpu up to a target, and spreads pods over what lies above it.
 *
 * Score, with U the predicted cpu of the node in percent of its capacity and t the argument `targetUtilization` (40):
 * t + (100 - t) U / t up to the target, t (100 - U) / (100 - t) above it, 0 above 100, rounded. U is what was measured, what
 * is predicted for pods that came less than a minute before the measurement or later, and what is predicted for the pod:
 * for each container its limit, else its request times `defaultRequestsMultiplier` (1.5), else `defaultRequests.cpu` (1000m),
 * and the overhead of the pod. A node that was not measured has 0.
 *
 * Departs from the real one: a pod counts from the decision on, there from the event of its binding; a pod of a trace whose size
 * is its own has no limit in what plugins see, so that its request counts; a target below 1 is refused, not replaced.
 * Source: kubernetes-sigs/scheduler-plugins, pkg/trimaran/targetloadpacking/targetloadpacking.go, apis/config/v1/defaults.go.
 */
export const targetLoadPacking: PluginFactory = (args, context) => {
  const known = [...METRIC_FIELDS, 'targetUtilization', 'defaultRequests', 'defaultRequestsMultiplier']
  const read = readArguments(args, context, known)
  const target = readInteger(read, context, { field: 'targetUtilization', from: 1, to: 100, fallback: 40 })
  const provider = readMetricProvider(read, context)
  const prediction = {
    ofNothing: readDefaultRequest(read, context),
    multiplier: readMultiplier(read, context),
  }
  const predicted = new WeakMap<PodShape, number>()
  const predictedOf = (pod: PodShape): number => {
    let milli = predicted.get(pod)
    if (milli === undefined) {
      milli = predictedCpu(pod, prediction)
      predicted.set(pod, milli)
    }
    return milli
  }
  return definePlugin({
    name: 'TargetLoadPacking',
    reads: ['measuredLoad', 'unmeasuredPods'],

    compile: (pod) => ({ cpu: predictedOf(pod) }),

    score({ cpu }, node, nodes) {
      const use = nodes.measuredLoad(node)?.cpu
      const provided = use === undefined ? undefined : provider(use)
      if (use === undefined || provided === undefined) return 0
      let milli = provided.average + cpu
      for (const { shape } of nodes.unmeasuredPods(node)) milli += predictedOf(shape)
      const percent = use.capacity > 0 ? (100 * milli) / use.capacity : 0
      if (percent > 100) return 0
      if (percent > target) return Math.round((target * (100 - percent)) / (100 - target))
      return Math.round(target + ((SCORE_MAX - target) * percent) / target)
    },

    hint: () => false,
  })
}

/** Millicores that a pod is taken to use. */
function predictedCpu(pod: PodShape, { ofNothing, multiplier }: Prediction): number {
  const { containers, overhead } = pod.spec
  const ownOverhead = milliOf(overhead?.['cpu']) ?? 0
  const own = sizeOfItsOwn(pod, ownOverhead)
  return containers.reduce((sum, { resources }, index) => {
    const limit = milliOf(resources?.limits?.['cpu'])
    const request = index === 0 && own > 0 ? own : milliOf(resources?.requests?.['cpu'])
    return sum + (limit ?? (request === undefined ? ofNothing : Math.round(request * multiplier)))
  }, ownOverhead)
}

/** Millicores that a pod asks for and no container of its template does: the first container asks for them; 0 without. */
function sizeOfItsOwn({ spec, requests }: PodShape, overhead: number): number {
  const asks = (container: Container): number => milliOf(container.resources?.requests?.['cpu']) ?? 0
  const [first, ...others] = spec.containers
  if (first === undefined || asks(first) > 0 || (spec.initContainers ?? []).length > 0) return 0
  return requests.cpu - overhead - others.reduce((sum, container) => sum + asks(container), 0)
}

function milliOf(text: string | number | undefined): number | undefined {
  return text === undefined ? undefined : quantityMilli(text)
}

function readDefaultRequest(read: PluginArguments, context: PluginContext): number {
  const path = `${context.path}.defaultRequests`
  const { cpu = '1000m' } = readArguments(read['defaultRequests'], { ...context, path }, ['cpu', 'memory'])
  if (typeof cpu !== 'string' && typeof cpu !== 'number') {
    throw new InputError({ field: `${path}.cpu`, message: 'expected a quantity' })
  }
  requireQuantity(cpu, `${path}.cpu`)
  return quantityMilli(cpu)
}

function readMultiplier(read: PluginArguments, context: PluginContext): number {
  const value = read['defaultRequestsMultiplier'] ?? '1.5'
  const multiplier = typeof value === 'string' && value.trim() === '' ? NaN : Number(value)
  if (Number.isFinite(multiplier) && multiplier >= 0) return multiplier
  throw new InputError({
    field: `${context.path}.defaultRequestsMultiplier`,
    message: `Invalid value: ${JSON.stringify(value)}: not a number of 0 or more`,
  })
}
