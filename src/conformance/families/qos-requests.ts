import { qosClassOf } from '../../api/qos.ts'
import { resourceList } from '../../api/resource-list.ts'
import { aggregateLimits, aggregateRequests, listTexts } from '../../api/resources.ts'
import type { AggregationOptions } from '../../api/resources.ts'
import type { Pod, Quantity } from '../../api/types.generated.ts'
import { oomScoreAdj } from '../../node/oom.ts'
import { logicFamily } from '../family.ts'

interface QosInput {
  readonly pod: Pod
  /** Bytes. */
  readonly nodeMemoryCapacity: number
  /** Requests of containers that have none. */
  readonly nonMissing: Readonly<Record<string, Quantity>>
}

/** QoS class, requests and limits of a pod in five ways of asking, and how soon the kernel kills its containers. */
export const qosRequests = logicFamily<QosInput>(
  'qos-requests',
  ({ pod, nodeMemoryCapacity, nonMissing }) => {
    const sums = (options: AggregationOptions): object => ({
      requests: listTexts(aggregateRequests(pod, options)),
      limits: listTexts(aggregateLimits(pod, options)),
    })
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    return {
      qosClass: qosClassOf(pod),
      plain: sums({}),
      excludeOverhead: sums({ excludeOverhead: true }),
      skipPodLevel: sums({ skipPodLevel: true }),
      useStatus: sums({ useStatus: true }),
      nonMissing: sums({ nonMissing: resourceList(nonMissing) }),
      oomScoreAdj: Object.fromEntries(
        containers.map((container) => [container.name, oomScoreAdj(pod, container, nodeMemoryCapacity)]),
      ),
    }
  },
)
