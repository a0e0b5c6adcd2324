import { InputError } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'

/** Versions of Kubernetes whose behaviour can be simulated. */
export const KUBERNETES_VERSIONS = ['1.36', '1.37'] as const

export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number]

/**
 * How far along a gate is. `alpha` and `beta, off` are off by default, the others on; one that is `GA` is locked, unless it
 * is still `GA, unlocked`. What another gate stands for in a version is `in` that one: it goes with it, and cannot be set
 * apart from it.
 */
type GateState = 'alpha' | 'beta' | 'beta, off' | 'GA, unlocked' | 'GA' | `in ${string}`

const ON_BY_DEFAULT: readonly GateState[] = ['beta', 'GA, unlocked', 'GA']

/**
 * Feature gates by Kubernetes version, in the order of the versions; `-` where a version does not have the gate.
 *
 * Source: Kubernetes v1.36 and v1.37, pkg/features/kube_features.go: those that change what is simulated, or will.
 */
const GATES: Readonly<Record<string, readonly [v136: GateState | '-', v137: GateState]>> = {
  CompositePodGroup: ['-', 'alpha'],
  DRAAdminAccess: ['GA', 'GA'],
  DRAConsumableCapacity: ['beta', 'beta'],
  DRADerivedAttributes: ['-', 'alpha'],
  DRADeviceBindingConditions: ['beta', 'beta'],
  DRADeviceCompatibilityGroups: ['-', 'alpha'],
  DRADeviceTaintRules: ['beta, off', 'GA, unlocked'],
  DRADeviceTaints: ['beta', 'GA, unlocked'],
  DRAExtendedResource: ['beta', 'GA'],
  DRAFractionalCapacityRange: ['-', 'beta, off'],
  DRAListTypeAttributes: ['alpha', 'alpha'],
  DRANodeAllocatableResources: ['alpha', 'alpha'],
  DRAOptionalNodeOperations: ['-', 'alpha'],
  DRAPartitionableDevices: ['beta', 'beta'],
  DRAPrioritizedList: ['GA, unlocked', 'GA'],
  DRAResourceClaimDeviceStatus: ['beta', 'GA'],
  DRASchedulerFilterTimeout: ['beta', 'beta'],
  DRAWorkloadResourceClaims: ['alpha', 'beta, off'],
  DynamicResourceAllocation: ['GA', 'GA'],
  GangScheduling: ['alpha', 'in GenericWorkload'],
  GenericWorkload: ['alpha', 'beta, off'],
  HPAConfigurableTolerance: ['beta', 'GA'],
  HPAScaleToZero: ['alpha', 'beta'],
  InPlacePodLevelResourcesVerticalScaling: ['beta', 'beta'],
  InPlacePodVerticalScaling: ['GA', 'GA'],
  InPlacePodVerticalScalingSchedulerPreemption: ['-', 'alpha'],
  InterPodAffinityHostnameFastPath: ['-', 'alpha'],
  KubeletCrashLoopBackOffMax: ['beta', 'beta'],
  MatchLabelKeysInPodTopologySpread: ['beta', 'beta'],
  MaxUnavailableStatefulSet: ['beta, off', 'beta'],
  MemoryQoS: ['alpha', 'beta'],
  NodeDeclaredFeatures: ['beta', 'GA'],
  NodeInclusionPolicyInPodTopologySpread: ['GA', 'GA'],
  NominatedNodeNameForExpectation: ['beta', 'beta'],
  OpportunisticBatching: ['beta', 'beta'],
  PodGroupPreemptionPolicy: ['-', 'alpha'],
  PodLevelResources: ['beta', 'beta'],
  ReduceDefaultCrashLoopBackOffDecay: ['alpha', 'alpha'],
  SchedulerAsyncAPICalls: ['beta, off', 'beta, off'],
  SchedulerAsyncPreemption: ['beta', 'beta'],
  SchedulerPopFromBackoffQ: ['beta', 'beta'],
  SchedulerPreQueueingHints: ['-', 'alpha'],
  SeparateTaintEvictionController: ['GA', 'GA'],
  StorageCapacityScoring: ['alpha', 'beta'],
  TaintTolerationComparisonOperators: ['alpha', 'alpha'],
  TopologyAwareWorkloadScheduling: ['alpha', 'alpha'],
  VolumeAttributesClass: ['GA', 'GA'],
  VolumeLimitScaling: ['alpha', 'beta'],
  WorkloadAwarePreemption: ['alpha', 'in GenericWorkload'],
  WorkloadWithJob: ['alpha', 'alpha'],
}

/** Gates that mean nothing without another (the same source, `defaultKubernetesFeatureGateDependencies`). */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  DRADeviceBindingConditions: ['DRAResourceClaimDeviceStatus'],
  DRADeviceCompatibilityGroups: ['DRAPartitionableDevices'],
  DRADeviceTaintRules: ['DRADeviceTaints'],
  DRAFractionalCapacityRange: ['DRAConsumableCapacity'],
  DRAWorkloadResourceClaims: ['GenericWorkload'],
  GangScheduling: ['GenericWorkload'],
  PodGroupPreemptionPolicy: ['GenericWorkload'],
  TopologyAwareWorkloadScheduling: ['GenericWorkload'],
  WorkloadAwarePreemption: ['GenericWorkload'],
  WorkloadWithJob: ['GenericWorkload'],
  CompositePodGroup: ['GenericWorkload'],
}

/** Gates that change what is simulated, directly or by the gates that need them; the others are known by name only. */
export const GATES_ACTED_ON: ReadonlySet<string> = new Set([
  'DRAConsumableCapacity',
  'DRADeviceBindingConditions',
  'DRADeviceTaintRules',
  'DRADeviceTaints',
  'DRAExtendedResource',
  'DRAFractionalCapacityRange',
  'DRAListTypeAttributes',
  'DRAPartitionableDevices',
  'DRAPrioritizedList',
  'DRAResourceClaimDeviceStatus',
  'DRASchedulerFilterTimeout',
  'DRAWorkloadResourceClaims',
  'GangScheduling',
  'GenericWorkload',
  'MatchLabelKeysInPodTopologySpread',
  'NodeDeclaredFeatures',
  'OpportunisticBatching',
  'PodGroupPreemptionPolicy',
  'PodLevelResources',
  'SchedulerPopFromBackoffQ',
  'StorageCapacityScoring',
  'TaintTolerationComparisonOperators',
  'TopologyAwareWorkloadScheduling',
  'VolumeLimitScaling',
  'WorkloadAwarePreemption',
])

/** Gates that are set otherwise than the version has them, and that nothing acts on. */
export function gatesWithoutEffect(version: KubernetesVersion, gates: ResolvedGates): readonly string[] {
  const defaults = resolveFeatureGates(version)
  return [...gates].flatMap(([name, value]) =>
    value === defaults.get(name) || GATES_ACTED_ON.has(name) ? [] : [name],
  )
}

/** What a scenario asks of feature gates, checked: all gates of its version by name. */
export type ResolvedGates = ReadonlyMap<string, boolean>

/**
 * The gates of a version, with those that are set otherwise. `refuse` is told what is wrong: the gate, in which words,
 * and what to do; it does not return.
 */
export function resolveFeatureGates(
  version: KubernetesVersion,
  asked: Readonly<Record<string, boolean>> = {},
  refuse: (gate: string, message: string, hint?: string) => never = refuseGate,
): ResolvedGates {
  const gates = new Map<string, boolean>()
  for (const [name, states] of Object.entries(GATES)) {
    const state = states[KUBERNETES_VERSIONS.indexOf(version)]
    if (state !== undefined && state !== '-') gates.set(name, ON_BY_DEFAULT.includes(state))
  }
  for (const [name, value] of Object.entries(asked)) {
    if (!gates.has(name)) {
      const near = nearestWord(name, [...gates.keys()])
      const hint = near === undefined ? `known are ${[...gates.keys()].join(', ')}` : `did you mean ${near}?`
      refuse(name, `Kubernetes ${version} has no feature gate ${name} that is known here`, hint)
    }
    if (!value && GATES[name]?.[KUBERNETES_VERSIONS.indexOf(version)] === 'GA') {
      refuse(name, `cannot set feature gate ${name} to false, feature is locked to true`)
    }
    gates.set(name, value)
  }
  followWholes(version, gates)
  for (const [name, value] of Object.entries(asked)) {
    if (gates.get(name) === value) continue
    const whole = wholeOf(GATES[name]?.[KUBERNETES_VERSIONS.indexOf(version)]) ?? ''
    if (value) refuse(name, needs(name, whole), hintFor(name, whole, asked))
    refuse(name, `Kubernetes ${version} has ${name} in the feature gate ${whole}`, `set ${whole} instead`)
  }
  for (const [name, needed] of Object.entries(NEEDS)) {
    const missing = needed.find((other) => gates.get(name) === true && gates.get(other) !== true)
    if (missing !== undefined) refuse(name, needs(name, missing), hintFor(name, missing, asked))
  }
  return gates
}

function needs(name: string, other: string): string {
  return `${name} needs the feature gate ${other}`
}

/** A gate that is on by default has to go with the one that it needs. */
function hintFor(name: string, needed: string, asked: Readonly<Record<string, boolean>>): string {
  return asked[name] === true ? `turn ${needed} on, too` : `turn ${name} off, too`
}

/** Sets the gates for which others stand in a version as those are. */
export function followWholes(version: KubernetesVersion, gates: Map<string, boolean>): void {
  for (const [name, states] of Object.entries(GATES)) {
    const whole = wholeOf(states[KUBERNETES_VERSIONS.indexOf(version)])
    if (whole !== undefined) gates.set(name, gates.get(whole) ?? false)
  }
}

/** The gate that stands for one in a version. */
function wholeOf(state: GateState | '-' | undefined): string | undefined {
  return state?.startsWith('in ') === true ? state.slice('in '.length) : undefined
}

function refuseGate(gate: string, message: string, hint?: string): never {
  throw new InputError({ field: gate, message, ...(hint === undefined ? {} : { hint }) })
}
