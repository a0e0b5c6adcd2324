import { nodeAmounts } from '../../api/node-amounts.ts'
import type { RandomStream } from '../../base/random.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { isMeasuredColumn } from '../../scheduler/framework/node-columns.ts'
import type { NodeIndex, NodeLoad } from '../../scheduler/framework/node-columns.ts'
import type { Scheduler } from '../../scheduler/scheduler.ts'

/** Draws of a distribution that its mean and deviation are taken of. */
const DRAWS = 1000

/**
 * Tells plugins that read what nodes use of the pods that are placed, as if these had run for long when the next comes: packing takes no time
 * in which anybody could measure. Does nothing where no plugin asks.
 *
 * Cpu in use is what pods request times the mean of `behaviour.cpuUse`, and deviates as that does; memory what they request times the mean of
 * `behaviour.memoryUse`, and what the system uses, without deviation: as a run has it, whose draws are one for a node at each sample of
 * cpu, and one for a pod of memory.
 */
export function assumeLoad(sim: Simulation, scheduler: Scheduler, scenario: Scenario): void {
  const plugins = [...scheduler.profiles.values()].flatMap((profile) => profile.plugins)
  if (!plugins.some(({ reads }) => reads.some(isMeasuredColumn))) return
  const { behaviour, eviction } = scenario
  const cpu = momentsOf(behaviour.cpuUse, sim.random.stream('usage/cpu'))
  const memory = momentsOf(behaviour.memoryUse, sim.random.stream('usage/memory'))
  const { nodes } = scheduler.cluster
  nodes.loads.follow((node: NodeIndex): NodeLoad => {
    const { status } = nodes.object(node)
    const capacity = nodeAmounts(status?.capacity ?? status?.allocatable)
    const [cores, bytes] = [capacity.get('cpu') ?? 0, capacity.get('memory') ?? 0]
    const requested = nodes.requestedCpu(node)
    const milli = Math.min(cores, requested * cpu.mean)
    const used = Math.min(bytes, nodes.requestedMemory(node) * memory.mean + eviction.system.memory)
    return {
      cpu: { latest: milli, mean: milli, deviation: requested * cpu.deviation, capacity: cores },
      memory: { latest: used, mean: used, deviation: 0, capacity: bytes },
    }
  })
}

/** Mean and standard deviation of a distribution, by draws. */
function momentsOf(
  sampler: (stream: RandomStream) => number,
  stream: RandomStream,
): { readonly mean: number; readonly deviation: number } {
  const draws = Array.from({ length: DRAWS }, () => sampler(stream))
  const [first = 0] = draws
  // Sums of equal numbers need not be exact.
  if (draws.every((draw) => draw === first)) return { mean: first, deviation: 0 }
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / DRAWS
  const squares = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / DRAWS) }
}
