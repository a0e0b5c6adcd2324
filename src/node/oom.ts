import { parseQuantity, quantityValueExact } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import { qosClassOf } from '../api/qos.ts'
import { aggregateRequests, isPodLevelResource } from '../api/resources.ts'
import type { Container, Pod, Quantity } from '../api/types.generated.ts'
import { assert } from '../base/assert.ts'
import { isNodeCriticalPod } from './critical-pod.ts'

/** `oom_score_adj` of containers that are to be killed last. */
const GUARANTEED_ADJ = -997
/** `oom_score_adj` of containers that are to be killed first. */
const BEST_EFFORT_ADJ = 1000
/** Bytes of a page of memory. */
const PAGE = 4096

/**
 * The `oom_score_adj` that the kubelet gives the processes of a container, from -997 (killed last) to 1000 (first).
 * `memoryCapacity` is that of the node in bytes, above 0.
 *
 * Source: kubelet v1.37, qos/policy.go `GetContainerOOMScoreAdjust`; integers of 64 bits, divisions cut off.
 */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacity: number): number {
  assert(memoryCapacity > 0, 'a node without memory has no scores')
  if (isNodeCriticalPod(pod)) return GUARANTEED_ADJ
  const qos = pod.status?.qosClass ?? qosClassOf(pod)
  if (qos === 'Guaranteed') return GUARANTEED_ADJ
  if (qos === 'BestEffort') return BEST_EFFORT_ADJ
  const capacity = BigInt(memoryCapacity)
  const extra = unassignedRequest(pod)
  let adjust = adjustOf(memoryRequest(container) + extra, capacity)
  if (isSidecar(pod, container)) {
    const requests = (pod.spec?.containers ?? []).map(memoryRequest)
    const smallest = requests.reduce((least, request) => (request < least ? request : least))
    const ofSmallest = adjustOf(smallest + extra, capacity)
    if (ofSmallest < adjust) adjust = ofSmallest
  }
  if (adjust < 1000 + GUARANTEED_ADJ) return 1000 + GUARANTEED_ADJ
  return adjust === BEST_EFFORT_ADJ ? adjust - 1 : adjust
}

function adjustOf(request: bigint, capacity: bigint): number {
  return Number(1000n - BigInt.asIntN(64, 1000n * request) / capacity)
}

function memoryRequest(container: Container): bigint {
  return bytesOf(container.resources?.requests?.['memory'])
}

/**
 * What the pod asks for beyond its containers, shared out evenly among all of them, init containers included; 0 without
 * pod-level requests, and when the containers ask for more.
 *
 * Source: kubelet v1.37, qos/helpers.go `remainingPodMemReqPerContainer`.
 */
function unassignedRequest(pod: Pod): bigint {
  const requests = pod.spec?.resources?.requests ?? {}
  if (!Object.keys(requests).some(isPodLevelResource)) return 0n
  const asked = bytesOf(requests['memory'])
  if (asked === 0n) return 0n
  const count = (pod.spec?.containers.length ?? 0) + (pod.spec?.initContainers?.length ?? 0)
  const ofContainers = aggregateRequests(pod, { excludeOverhead: true, skipPodLevel: true }).get('memory')
  const rest = asked - valueOf(ofContainers)
  return rest > 0n ? rest / BigInt(count) : 0n
}

function isSidecar(pod: Pod, { name, restartPolicy }: Container): boolean {
  if (restartPolicy !== 'Always') return false
  return (pod.spec?.initContainers ?? []).some((container) => container.name === name)
}

function bytesOf(text: Quantity | undefined): bigint {
  return text === undefined ? 0n : valueOf(parseQuantity(text))
}

function valueOf(quantity: ParsedQuantity | undefined): bigint {
  return quantity === undefined ? 0n : quantityValueExact(quantity)
}

/** A container that the kernel may kill: its `oom_score_adj` and the bytes that it uses. */
export interface OomCandidate {
  readonly oomScoreAdj: number
  readonly usage: number
}

/**
 * How bad it is to leave a process alive when `capacity` bytes of memory have run out, in pages; the kernel kills the
 * worst. There is no swap.
 *
 * Source: Linux v6.12, mm/oom_kill.c `oom_badness`. Leaves out the pages of page tables.
 */
export function oomBadness({ oomScoreAdj: adjust, usage }: OomCandidate, capacity: number): number {
  return Math.floor(usage / PAGE) + adjust * Math.floor(capacity / PAGE / 1000)
}

/**
 * Whom the kernel kills of these, in order of their start; undefined when there is nobody. The last of equals, as the
 * kernel goes on while it finds one that is no better (mm/oom_kill.c `oom_evaluate_task`).
 */
export function oomVictim<Candidate extends OomCandidate>(
  candidates: readonly Candidate[],
  capacity: number,
): Candidate | undefined {
  let victim: Candidate | undefined
  let worst = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const badness = oomBadness(candidate, capacity)
    if (badness < worst) continue
    worst = badness
    victim = candidate
  }
  return victim
}
