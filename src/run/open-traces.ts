import { nodeAmounts } from '../api/node-amounts.ts'
import type { Node } from '../api/types.generated.ts'
import type { RandomStreams } from '../base/random.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { openTrace } from '../workload/trace-reader.ts'
import type { TraceReader } from '../workload/trace-reader.ts'

/** Opens the traces of a scenario. Normalised requests are shares of the largest node, where the source names no machine. */
export function openTraces(
  scenario: Scenario,
  nodes: readonly Node[],
  random: RandomStreams,
): readonly TraceReader[] {
  const machine = largestMachine(nodes)
  return scenario.workload.map((source, index) =>
    openTrace({ machine, ...source, sampling: random.stream(`trace/${index}/sampling`) }),
  )
}

/** The most cpu and the most memory that a node has. */
export function largestMachine(nodes: readonly Node[]): { readonly cpu: number; readonly memory: number } {
  let cpu = 0
  let memory = 0
  for (const { status } of nodes) {
    const capacity = nodeAmounts(status?.capacity)
    cpu = Math.max(cpu, capacity.get('cpu') ?? 0)
    memory = Math.max(memory, capacity.get('memory') ?? 0)
  }
  return { cpu, memory }
}
