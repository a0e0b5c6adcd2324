import { InputError } from '../src/base/errors.ts'
import { isCpuAndMemory, readResources } from './plugin-arguments.ts'
import type { WeightedResource } from './plugin-arguments.ts'
import { percentOf } from './resource-columns.ts'

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

/** A point of the shape of RequestedToCapacityRatio: utilisation in percent, score from 0 to 10. */
interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

/** Scores of a shape are 0 to 10; those of nodes 0 to 100. */
const SHAPE_SCALE = 10

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
      return {
        resources,
        isDefault: false,
        score: (usageOf) => weightedMean(resources, usageOf, mostRequested),
      }
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

/** The broken line through the points; integer division towards zero between them. */
function interpolate(shape: readonly ShapePoint[], utilization: number): number {
  let before: ShapePoint | undefined
  for (const point of shape) {
    if (utilization <= point.utilization) {
      if (before === undefined) return point.score
      const rise = (point.score - before.score) * (utilization - before.utilization)
      return before.score + Math.trunc(rise / (point.utilization - before.utilization))
    }
    before = point
  }
  return before?.score ?? 0
}

function readShape(value: unknown, field: string): readonly ShapePoint[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new InputError({ field, message: 'Required value: at least one point must be specified' })
  }
  let before = -1
  return value.map((item: unknown, index) => {
    const { utilization = 0, score = 0 } = item as Partial<ShapePoint>
    const place = `${field}[${index}]`
    if (utilization < 0 || utilization > 100) {
      throw new InputError({
        field: `${place}.utilization`,
        message: `Invalid value: ${utilization}: not in valid range [0, 100]`,
      })
    }
    if (utilization <= before) {
      throw new InputError({
        field: `${place}.utilization`,
        message: `Invalid value: ${utilization}: utilization values must be sorted in increasing order`,
      })
    }
    if (score < 0 || score > 10) {
      throw new InputError({
        field: `${place}.score`,
        message: `Invalid value: ${score}: not in valid range [0, 10]`,
      })
    }
    before = utilization
    return { utilization, score: score * SHAPE_SCALE }
  })
}
