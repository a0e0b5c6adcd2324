import { demandGroups, typicalPods } from '../api/gpu-fragmentation.ts'
import type { TypicalPod } from '../api/gpu-fragmentation.ts'
import { gpuRequestOf } from '../api/gpu-request.ts'
import type { PodTemplate } from '../api/pod-template.ts'
import { podRequests } from '../api/resources.ts'
import type { Node } from '../api/types.generated.ts'
import { RandomStreams } from '../base/random.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { openTraces } from './open-traces.ts'

/**
 * The typical pods of a scenario's traces: reads them from beginning to end, ahead of the run and with the draws of the run.
 * Pods of manifests, of actions and of generated work are not among them. O(pods of the traces).
 */
export async function typicalPodsOf(
  scenario: Scenario,
  nodes: readonly Node[],
): Promise<readonly TypicalPod[]> {
  const countsByCpu = new Map<PodTemplate, Map<number, number>>()
  for (const reader of openTraces(scenario, nodes, new RandomStreams(scenario.seed))) {
    for await (const batch of reader.batches()) {
      for (const { template, cpu, count } of batch) {
        const counts = countsByCpu.get(template) ?? new Map<number, number>()
        countsByCpu.set(template, counts)
        counts.set(cpu, count + (counts.get(cpu) ?? 0))
      }
    }
  }
  const parts = [...countsByCpu].flatMap(([template, counts]) => {
    const { count: gpuCount, milli, models } = gpuRequestOf(template, podRequests(template).scalars)
    return [...counts].map(([cpu, count]) => ({ cpu, gpuMilli: milli, gpuCount, models, count }))
  })
  return typicalPods(demandGroups(parts))
}
