import type { Node } from '../../api/types.generated.ts'
import type { PodShape } from './pod-shape.ts'

/**
 * Something that happened and may make a rejected pod worth another try.
 *
 * Source: kube-scheduler v1.37, the framework's ClusterEvent, with the objects that its queueing hints are given.
 */
export type ClusterChange =
  | { readonly type: 'node-added'; readonly node: Node }
  | { readonly type: 'node-updated'; readonly old: Node; readonly node: Node }
  | { readonly type: 'node-deleted'; readonly node: Node }
  /** A pod was bound to a node, or bound pods changed; `node` is its node's name. */
  | { readonly type: 'assigned-pod-added'; readonly pod: PodShape; readonly node: string }
  | {
      readonly type: 'assigned-pod-updated'
      readonly old: PodShape
      readonly pod: PodShape
      readonly node: string
    }
  | { readonly type: 'assigned-pod-deleted'; readonly pod: PodShape; readonly node: string }
  /** A pod in the queue, the rejected one itself or another, changed or went. */
  | {
      readonly type: 'pending-pod-updated'
      readonly old: PodShape
      readonly pod: PodShape
      readonly itself: boolean
    }
  | { readonly type: 'pending-pod-deleted'; readonly pod: PodShape }
  /** An object of another kind was written. */
  | {
      readonly type: 'object-changed'
      readonly kind: string
      readonly verb: 'ADDED' | 'MODIFIED' | 'DELETED'
      readonly old: unknown
      readonly object: unknown
    }
