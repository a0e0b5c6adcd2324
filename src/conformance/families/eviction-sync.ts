import type { Pod } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import type { NodeReclaim } from '../../node/eviction/filesystems.ts'
import { withContainerFs } from '../../node/eviction/filesystems.ts'
import { MeasuredPods } from '../../node/eviction/measured-pods.ts'
import { observationsOf } from '../../node/eviction/observations.ts'
import { isTakenUnderPressure, newcomerOf } from '../../node/eviction/pressure-admission.ts'
import { INITIAL_STATE, synchronize } from '../../node/eviction/synchronize.ts'
import type { EvictionConfig, PodEviction } from '../../node/eviction/synchronize.ts'
import { parseThresholds } from '../../node/eviction/threshold-config.ts'
import type { EvictionConfiguration } from '../../node/eviction/threshold-config.ts'
import type { Observations } from '../../node/eviction/thresholds.ts'
import { logicFamily } from '../family.ts'
import { statsByUid } from './eviction-rank.ts'
import type { NamedStats } from './eviction-rank.ts'

interface NodeNumbers {
  readonly memoryAvailable: number
  readonly memoryWorkingSet: number
  readonly allocatableMemoryAvailable: number
  readonly allocatableMemoryWorkingSet: number
  readonly nodefsAvailable: number
  readonly nodefsCapacity: number
  readonly nodefsInodesFree: number
  readonly nodefsInodes: number
  readonly imagefsAvailable: number
  readonly imagefsCapacity: number
  readonly imagefsInodesFree: number
  readonly imagefsInodes: number
  readonly runningProcesses: number
  readonly maxPID: number
}

interface Step {
  readonly afterSeconds: number
  readonly statsAgeSeconds: number
  readonly node: NodeNumbers
  readonly imageGCFrees: number
}

interface Input {
  readonly config: EvictionConfiguration
  readonly dedicatedImageFs: boolean
  readonly splitContainerFs: boolean
  readonly evictionMaxPodGracePeriod: number
  readonly pressureTransitionPeriodSeconds: number
  readonly localStorageCapacityIsolation: boolean
  readonly pods: readonly Pod[]
  readonly stats: readonly NamedStats[] | null
  readonly newcomer: Pod
  readonly steps: readonly Step[]
}

/** The eviction manager of a node over time. */
export const evictionSync = logicFamily('eviction-sync', (input: Input) => {
  const config = configOf(input)
  const statsOf = statsByUid(input.stats)
  let state = INITIAL_STATE
  let { pods } = input
  let now = 0
  let observedAt = Number.NEGATIVE_INFINITY
  const steps = input.steps.map((step) => {
    now += step.afterSeconds * SECOND
    observedAt = Math.max(observedAt, now - step.statsAgeSeconds * SECOND)
    const observed = (freed: number): Observations =>
      observationsOfStep(step.node, observedAt, { freed, input })
    const outcome = synchronize(config, state, {
      now,
      observations: observed(0),
      pods: new MeasuredPods(pods, statsOf, config.layout),
      reclaim: (calls: readonly NodeReclaim[]) => observed(calls.includes('images') ? step.imageGCFrees : 0),
    })
    state = outcome.state
    const gone = new Set(outcome.evictions.map(({ pod }) => pod))
    pods = pods.filter((pod) => !gone.has(pod))
    return {
      memoryPressure: state.conditions.includes('MemoryPressure'),
      diskPressure: state.conditions.includes('DiskPressure'),
      pidPressure: state.conditions.includes('PIDPressure'),
      evicted: outcome.evictions.map(evicted),
      gc: outcome.reclaimed,
      admitNewcomer: isTakenUnderPressure(state.conditions, newcomerOf(input.newcomer)),
    }
  })
  return { steps }
})

function configOf(input: Input): EvictionConfig {
  const { dedicatedImageFs, splitContainerFs } = input
  const layout = { dedicatedImageFs, splitContainerFs }
  return {
    thresholds: withContainerFs(parseThresholds(input.config), layout),
    layout,
    maxPodGrace: input.evictionMaxPodGracePeriod * SECOND,
    pressureTransition: input.pressureTransitionPeriodSeconds * SECOND,
    isolatesLocalStorage: input.localStorageCapacityIsolation,
  }
}

/** The disk of containers has the numbers of the node's; collected images free that of images, and theirs if it is one. */
function observationsOfStep(
  node: NodeNumbers,
  at: number,
  { freed, input }: { freed: number; input: Input },
): Observations {
  const nodeFs = {
    available: node.nodefsAvailable + (input.dedicatedImageFs ? 0 : freed),
    capacity: node.nodefsCapacity,
    inodesFree: node.nodefsInodesFree,
    inodes: node.nodefsInodes,
  }
  return observationsOf({
    at,
    memory: { available: node.memoryAvailable, workingSet: node.memoryWorkingSet },
    allocatableMemory: {
      available: node.allocatableMemoryAvailable,
      workingSet: node.allocatableMemoryWorkingSet,
    },
    nodeFs,
    containerFs: nodeFs,
    imageFs: {
      available: node.imagefsAvailable + freed,
      capacity: node.imagefsCapacity,
      inodesFree: node.imagefsInodesFree,
      inodes: node.imagefsInodes,
    },
    processes: { running: node.runningProcesses, max: node.maxPID },
  })
}

function evicted({ pod, grace, message, threshold }: PodEviction<Pod>): object {
  return {
    pod: pod.metadata?.name,
    gracePeriodSeconds: grace / SECOND,
    phase: 'Failed',
    reason: 'Evicted',
    message,
    conditions: threshold === undefined ? [] : ['DisruptionTarget=True/TerminationByKubelet'],
  }
}
