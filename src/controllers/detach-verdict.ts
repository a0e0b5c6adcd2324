import type { Node } from '../api/types.generated.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { isNodeReady } from '../node/node-conditions.ts'
import type { Attachment } from './attachment-state.ts'

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/** Whether a volume that is not wanted may leave its node now, or when that has to be asked again. */
export type DetachVerdict =
  | { readonly act: 'detach'; readonly isForced: false }
  | { readonly act: 'detach'; readonly isForced: true; readonly reason: string }
  | { readonly act: 'wait'; readonly until: Micros }

/** What a verdict follows from besides the attachment. */
export interface DetachQuestion {
  readonly now: Micros
  /** Undefined when its Node is gone. */
  readonly node: Node | undefined
  readonly maxWait: Micros
  readonly isForceDisabled: boolean
}

/**
 * A volume leaves its node once it is unmounted; else when its node is out of service, or is not Ready and has had more than the
 * longest wait. Waits for ever where only a change of the node can help.
 *
 * Source: kube-controller-manager v1.37, attachdetach/reconciler `reconcile`.
 */
export function detachVerdict(
  { isMounted, detachAskedAt }: Attachment,
  { now, node, maxWait, isForceDisabled }: DetachQuestion,
): DetachVerdict {
  if (!isMounted) return { act: 'detach', isForced: false }
  if (node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true) {
    return { act: 'detach', isForced: true, reason: 'the node is out of service' }
  }
  if (isForceDisabled) return { act: 'wait', until: NEVER }
  const overAt = (detachAskedAt ?? now) + maxWait
  if (now <= overAt) return { act: 'wait', until: overAt + 1 }
  if (node !== undefined && isNodeReady(node)) return { act: 'wait', until: NEVER }
  return { act: 'detach', isForced: true, reason: 'not unmounted in time by a node that is not Ready' }
}
