import type { FeatureGates } from '../framework/plugin-factory.ts'
import { millisecondsOf } from '../../base/go-duration.ts'
import type { FieldPath, Problems } from './problems.ts'
import { qualifiedNameProblems } from './qualified-name.ts'
import { validateNodeAffinity } from './validate-node-affinity.ts'
import { validateSpread } from './validate-spread.ts'

type Fields = Readonly<Record<string, unknown>>
type Validator = (args: Fields, path: FieldPath, problems: Problems, gates: FeatureGates) => void

/** Strategies of NodeResourcesFit. */
const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']
/** Highest score of a point of a shape (MaxCustomPriorityScore). */
const SHAPE_SCORE_MAX = 10

/**
 * Checks of each plugin's arguments, which the decoder has accepted.
 *
 * Source: Kubernetes v1.37, scheduler/apis/config/validation/validation_pluginargs.go and v1/defaults.go.
 */
export const ARGUMENT_VALIDATORS: Readonly<Record<string, Validator>> = {
  DefaultPreemption: validatePreemption,
  InterPodAffinity(args, path, problems) {
    const weight = args['hardPodAffinityWeight'] ?? 1
    checkRange(weight, [...path, 'hardPodAffinityWeight'], [0, 100], problems)
  },
  NodeAffinity(args, path, problems) {
    validateNodeAffinity(args['addedAffinity'], [...path, 'addedAffinity'], problems)
  },
  NodeResourcesBalancedAllocation: validateBalanced,
  NodeResourcesFit: validateFit,
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
  DynamicResources: validateDynamicResources,
}

function validatePreemption(args: Fields, path: FieldPath, problems: Problems): void {
  const percentage = Number(args['minCandidateNodesPercentage'] ?? 10)
  const absolute = Number(args['minCandidateNodesAbsolute'] ?? 100)
  const percentagePath = [...path, 'minCandidateNodesPercentage']
  const absolutePath = [...path, 'minCandidateNodesAbsolute']
  checkRange(percentage, percentagePath, [0, 100], problems)
  if (absolute < 0) problems.invalid(absolutePath, absolute, 'not in valid range [0, inf)')
  if (percentage !== 0 || absolute !== 0) return
  problems.invalid(percentagePath, 0, 'cannot be zero at the same time as minCandidateNodesAbsolute')
  problems.invalid(absolutePath, 0, 'cannot be zero at the same time as minCandidateNodesPercentage')
}

function validateBalanced(args: Fields, path: FieldPath, problems: Problems): void {
  const seen = new Set<unknown>()
  listOf(args['resources']).forEach((resource, index) => {
    const at = [...path, 'resources', index]
    const name = String(resource['name'] ?? '')
    if (seen.has(name)) problems.duplicate([...at, 'name'], name)
    seen.add(name)
    const weight = Number(resource['weight'] ?? 0) || 1
    if (weight !== 1) problems.invalid([...at, 'weight'], weight, 'must be 1')
  })
}

function validateFit(args: Fields, path: FieldPath, problems: Problems): void {
  const strings = (field: string): readonly string[] => (args[field] ?? []) as readonly string[]
  strings('ignoredResources').forEach((name, index) => {
    for (const message of qualifiedNameProblems(name))
      problems.invalid([...path, 'ignoredResources', index], name, message)
  })
  strings('ignoredResourceGroups').forEach((group, index) => {
    const at = [...path, 'ignoredResourceGroups', index]
    if (group.includes('/')) problems.invalid(at, group, "resource group name can't contain '/'")
    for (const message of qualifiedNameProblems(group)) problems.invalid(at, group, message)
  })
  const strategy = args['scoringStrategy'] as Fields | undefined | null
  if (strategy === undefined || strategy === null) return
  validateStrategy(strategy, [...path, 'scoringStrategy'], problems)
}

function validateStrategy(strategy: Fields, path: FieldPath, problems: Problems): void {
  const type = strategy['type'] ?? ''
  if (!STRATEGIES.some((known) => known === type)) problems.notSupported([...path, 'type'], type, STRATEGIES)
  listOf(strategy['resources']).forEach((resource, index) => {
    const weight = Number(resource['weight'] ?? 0) || 1
    if (weight > 0 && weight <= 100) return
    const message = `resource weight of ${String(resource['name'] ?? '')} not in valid range (0, 100]`
    problems.invalid([...path, 'resources', index, 'weight'], weight, message)
  })
  const ratio = strategy['requestedToCapacityRatio'] as Fields | undefined | null
  const ratioPath = [...path, 'requestedToCapacityRatio']
  const hasRatio = ratio !== undefined && ratio !== null
  if (type !== 'RequestedToCapacityRatio') {
    if (hasRatio) problems.forbidden(ratioPath, 'must be nil when type is not RequestedToCapacityRatio')
  } else if (!hasRatio)
    problems.required(ratioPath, 'must be specified when type is RequestedToCapacityRatio')
  else validateShape(ratio['shape'], [...ratioPath, 'shape'], problems)
}

function validateVolumeBinding(args: Fields, path: FieldPath, problems: Problems, gates: FeatureGates): void {
  const timeout = Number(args['bindTimeoutSeconds'] ?? 600)
  if (timeout < 0) {
    const message = 'invalid BindTimeoutSeconds, should not be a negative value'
    problems.invalid([...path, 'bindTimeoutSeconds'], timeout, message)
  }
  const shape = args['shape']
  if (shape === undefined || shape === null) return
  // The gate is on by default in v1.37.
  if (gates.get('StorageCapacityScoring') === false) {
    const message = 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring'
    problems.invalid([...path, 'shape'], shape, message)
  } else if (listOf(shape).length > 0) validateShape(shape, [...path, 'shape'], problems)
}

function validateDynamicResources(
  args: Fields,
  path: FieldPath,
  problems: Problems,
  gates: FeatureGates,
): void {
  const filter = args['filterTimeout'] ?? undefined
  const filterPath = [...path, 'filterTimeout']
  if (filter !== undefined) {
    if (gates.get('DRASchedulerFilterTimeout') === false)
      problems.forbidden(filterPath, 'DRASchedulingFilterTimeout feature gate is disabled')
    else if (millisecondsOf(filter, 0) < 0) problems.invalid(filterPath, filter, 'must be zero or positive')
  }
  const binding = args['bindingTimeout'] ?? undefined
  if (binding === undefined) return
  const bindingPath = [...path, 'bindingTimeout']
  const isOff = ['DRADeviceBindingConditions', 'DRAResourceClaimDeviceStatus'].some(
    (gate) => gates.get(gate) === false,
  )
  if (isOff) {
    const message = 'DRADeviceBindingConditions or DRAResourceClaimDeviceStatus feature gate is disabled'
    problems.forbidden(bindingPath, message)
  } else if (millisecondsOf(binding, 0) < 1000)
    problems.invalid(bindingPath, binding, 'must be at least 1 second')
}

/** A function of utilisation given by points: sorted, and within its ranges. */
function validateShape(value: unknown, path: FieldPath, problems: Problems): void {
  const points = listOf(value)
  if (points.length === 0) {
    problems.required(path, 'at least one point must be specified')
    return
  }
  const utilizations = points.map((point) => Number(point['utilization'] ?? 0))
  const unsorted = utilizations.findIndex(
    (utilization, index) => index > 0 && (utilizations[index - 1] ?? 0) >= utilization,
  )
  if (unsorted > 0) {
    const at = [...path, unsorted, 'utilization']
    problems.invalid(at, utilizations[unsorted], 'values must be sorted in increasing order')
  }
  points.forEach((point, index) => {
    checkRange(utilizations[index], [...path, index, 'utilization'], [0, 100], problems)
    checkRange(point['score'] ?? 0, [...path, index, 'score'], [0, SHAPE_SCORE_MAX], problems)
  })
}

function checkRange(
  value: unknown,
  path: FieldPath,
  [from, to]: readonly [number, number],
  problems: Problems,
): void {
  if (Number(value) >= from && Number(value) <= to) return
  problems.invalid(path, value, `not in valid range [${from}, ${to}]`)
}

function listOf(value: unknown): readonly Fields[] {
  return (value ?? []) as readonly Fields[]
}
