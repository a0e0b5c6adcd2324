import { InputError } from '../base/errors.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Simulation } from '../engine/simulation.ts'
import { EvictionManager } from '../node/eviction/manager.ts'
import { hardMemory } from '../node/eviction/node-measures.ts'
import { DEFAULT_EVICTION_HARD, ThresholdError, parseThresholds } from '../node/eviction/threshold-config.ts'
import type { Threshold } from '../node/eviction/thresholds.ts'
import type { Kubelets } from '../node/kubelet.ts'
import { LocalUse } from '../node/local-use.ts'
import type { Machines } from '../node/machine.ts'
import { OomKiller } from '../node/oom-killer.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** Starts what happens on nodes that run short: the eviction managers of the kubelets, and the kernels. */
export function startNodePressure(
  sim: Simulation,
  api: ApiServer,
  { eviction, behaviour }: Scenario,
  parts: { readonly kubelets: Kubelets; readonly machines: Machines },
): void {
  const thresholds = evictionThresholds(eviction)
  const { system, maxPodGrace, pressureTransition } = eviction
  if (eviction.enabled) {
    const { kubelets } = parts
    const { disk, inodes, processes } = behaviour
    const localUse = new LocalUse(api, { disk, inodes, processes }, sim.random.stream('usage/local'))
    kubelets.onDisk((pod, bytes) => localUse.setDisk(pod, bytes))
    const options = { thresholds, maxPodGrace, pressureTransition, system }
    new EvictionManager(sim, api, { ...parts, localUse }, options)
  }
  new OomKiller(sim, api, parts, {
    systemMemory: system.memory,
    hardThreshold: (capacity) => hardMemory(thresholds, capacity),
  })
}

/** The thresholds by which the kubelets of a scenario evict; none where they do not. */
export function evictionThresholds({ enabled, configuration }: Scenario['eviction']): readonly Threshold[] {
  if (!enabled) return []
  const { evictionHard = DEFAULT_EVICTION_HARD } = configuration
  try {
    return parseThresholds({ ...configuration, evictionHard, enforceNodeAllocatable: ['pods'] })
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error
    throw new InputError({ field: `spec.eviction (${error.part}.${error.signal})`, message: error.message })
  }
}
