import { ControllerOwner } from '../../../src/cluster/controller-owner.ts'
import type { NodeRow, PodRow } from '../../../src/cluster/rows.ts'
import { FailureTracker } from '../../../src/report/failure-tracker.ts'
import type { FollowedPod } from '../../../src/report/failure-tracker.ts'

/** A row of a node. */
export const node = (row: number): NodeRow => row as NodeRow
/** A row of a pod. */
export const pod = (row: number): PodRow => row as PodRow

/** An object that controls pods. */
export function controller(kind: string, name: string): ControllerOwner {
  return new ControllerOwner({
    apiVersion: 'apps/v1',
    kind,
    namespace: 'default',
    name,
    uid: `${kind}-${name}`,
  })
}

const UNKNOWN: FollowedPod = {
  owner: undefined,
  group: 0,
  name: '',
  ordinal: 0,
  namespace: 'default',
  labels: {},
  cpu: 1000,
  lostWork: 0,
  stays: false,
  isNodeGone: false,
}

/** A tracker, and the pods that it may ask about. */
export class TrackedPods {
  readonly tracker = new FailureTracker({
    describe: (row) => ({ ...UNKNOWN, ...this.pods.get(row) }),
    numbers: { wanted: () => 0, serving: () => 0 },
    budgets: { violatedTime: () => 0 },
  })
  readonly pods = new Map<PodRow, Partial<FollowedPod>>()
}
