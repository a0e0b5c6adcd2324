import type { Node } from '../../api/types.generated.ts'
import type { PodShape } from './pod-shape.ts'

/**
 * What of a pod an update changed, as far as hints ask for it: its labels, fewer of a requested resource, the number of
 * its tolerations, its last scheduling gate. Updates of anything else concern no hint.
 */
export type PodUpdate = 'labels' | 'scale-down' | 'tolerations' | 'gates-eliminated'

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
      readonly updates: readonly PodUpdate[]
    }
  | { readonly type: 'assigned-pod-deleted'; readonly pod: PodShape; readonly node: string }
  /**
   * A pod in the queue changed: the rejected one itself; or another, when both were in the middle of an attempt.
   */
  | {
      readonly type: 'pending-pod-updated'
      readonly old: PodShape
      readonly pod: PodShape
      readonly itself: boolean
      readonly updates: readonly PodUpdate[]
    }
  /**
   * A pod in the queue that was nominated to a node went, or its nomination ended: it counted as on the node for pods
   * of its priority and below, and only they are told.
   */
  | { readonly type: 'pending-pod-deleted'; readonly pod: PodShape }
  /** An object of another kind was written. */
  | {
      readonly type: 'object-changed'
      readonly kind: string
      readonly verb: 'ADDED' | 'MODIFIED' | 'DELETED'
      readonly old: unknown
      readonly object: unknown
    }
