import { qosClassOf } from '../../api/qos.ts'
import { toleratesTaint } from '../../api/tolerations.ts'
import type { Pod, Taint, Toleration } from '../../api/types.generated.ts'
import { isCriticalPod } from '../critical-pod.ts'
import type { PressureCondition } from './signals.ts'

const MEMORY_PRESSURE: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }

/** What of a pod decides whether a node that runs short takes it. */
export interface Newcomer {
  readonly isCritical: boolean
  readonly isBestEffort: boolean
  readonly tolerations: readonly Toleration[]
}

/**
 * Whether a kubelet takes a pod while its node has these conditions: short of memory only, all but those best-effort pods
 * that do not tolerate it; short of anything else, only critical ones.
 *
 * Source: kubelet v1.37, eviction/eviction_manager.go `Admit`.
 */
export function isTakenUnderPressure(conditions: readonly PressureCondition[], newcomer: Newcomer): boolean {
  if (conditions.length === 0 || newcomer.isCritical) return true
  if (conditions.length > 1 || conditions[0] !== 'MemoryPressure') return false
  if (!newcomer.isBestEffort) return true
  return newcomer.tolerations.some((toleration) => toleratesTaint(toleration, MEMORY_PRESSURE))
}

/** A pod that asks to be taken. */
export function newcomerOf(pod: Pod): Newcomer {
  return {
    isCritical: isCriticalPod(pod),
    isBestEffort: (pod.status?.qosClass ?? qosClassOf(pod)) === 'BestEffort',
    tolerations: pod.spec?.tolerations ?? [],
  }
}
