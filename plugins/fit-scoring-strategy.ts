import { InputError } from '../src/base/errors.ts'
import { isCpuAndMemory, readResources } from './plugin-arguments.ts'
import type { WeightedResource } from './plugin-arguments.ts'
import { percentOf } from './resource-columns.ts'
import { interpolate, readShape } from './utilization-shape.ts'
import type { ShapePoint } from './utilization-shape.ts'

/** What a node has of a resource, and what would be asked of it with the pod there. */
export interface Usage {
  readonly allocatable: number
  readonly requested: number
}

/** A way to score a node by its resources: `usageOf(i)` is of `resources[i]`, undefined when it does not count. */
export interface ScoringStrategy {
  readonly resources: readonly WeightedResource[]
  /** Whether it is LeastAllocated over cpu and memory with equal weights. */
  readonly isDefault: boolean
  score(usageOf: (index: number) => Usage | undefined): number
}

/**
 * The strategy of `NodeResourcesFitArgs.scoringStrategy`; LeastAllocated over cpu and memory when it is absent.
 *
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `least_allocated.go`, `most_allocated.go`,
 * `requested_to_capacity_ratio.go`. Throws `InputError` when the strategy is wrong.
 */
export function readScoringStrategy(value: unknown, field: string): ScoringStrategy {
  const strategy = (value ?? {}) as {
    readonly type?: string
    readonly resources?: unknown
    readonly requestedToCapacityRatio?: { readonly shape?: unknown }
  }
  const resources = readResources(strategy.resources, `${field}.resources`)
  switch (strategy.type ?? 'LeastAllocated') {
    case 'LeastAllocated':
      return {
        resources,
        isDefault: isCpuAndMemory(resources),
        score: (usageOf) => weightedMean(resources, usageOf, leastRequested),
      }
    case 'MostAllocated':
      return mostAllocated(resources)
    case 'RequestedToCapacityRatio': {
      const shape = readShape(
        strategy.requestedToCapacityRatio?.shape,
        `${field}.requestedToCapacityRatio.shape`,
      )
      return { resources, isDefault: false, score: (usageOf) => ratioMean(resources, usageOf, shape) }
    }
    default:
      throw new InputError({
        field: `${field}.type`,
        message: `Unsupported value: ${JSON.stringify(strategy.type)}`,
        hint: 'expected LeastAllocated, MostAllocated or RequestedToCapacityRatio',
      })
  }
}

/** MostAllocated over these resources. */
export function mostAllocated(resources: readonly WeightedResource[]): ScoringStrategy {
  return {
    resources,
    isDefault: false,
    score: (usageOf) => weightedMean(resources, usageOf, mostRequested),
  }
}

/** Free share after placement, 0 to 100, rounded down; 0 when more is asked than there is. */
function leastRequested({ allocatable, requested }: Usage): number {
  return requested > allocatable ? 0 : percentOf(allocatable - requested, allocatable)
}

/** Taken share after placement, 0 to 100, rounded down; what is asked beyond what there is counts as all of it. */
function mostRequested({ allocatable, requested }: Usage): number {
  return percentOf(Math.min(requested, allocatable), allocatable)
}

function weightedMean(
  resources: readonly WeightedResource[],
  usageOf: (index: number) => Usage | undefined,
  scoreOf: (usage: Usage) => number,
): number {
  let sum = 0
  let weights = 0
  for (let i = 0; i < resources.length; i++) {
    const usage = usageOf(i)
    if (usage === undefined) continue
    const weight = resources[i]?.weight ?? 1
    sum += scoreOf(usage) * weight
    weights += weight
  }
  return weights === 0 ? 0 : Math.floor(sum / weights)
}

/** As the mean, but resources that score 0 do not count, and the mean is rounded to the nearest. */
function ratioMean(
  resources: readonly WeightedResource[],
  usageOf: (index: number) => Usage | undefined,
  shape: readonly ShapePoint[],
): number {
  let sum = 0
  let weights = 0
  for (let i = 0; i < resources.length; i++) {
    const usage = usageOf(i)
    if (usage === undefined) continue
    const utilization =
      usage.requested > usage.allocatable ? 100 : percentOf(usage.requested, usage.allocatable)
    const score = interpolate(shape, utilization)
    if (score <= 0) continue
    const weight = resources[i]?.weight ?? 1
    sum += score * weight
    weights += weight
  }
  return weights === 0 ? 0 : Math.round(sum / weights)
}
