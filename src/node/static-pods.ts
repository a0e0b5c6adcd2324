import type { ApiServer } from '../cluster/api-server.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'

/** Annotations of pods that a node runs of its own accord (Kubernetes v1.37, kubelet/types `ConfigMirrorAnnotationKey`). */
const SOURCE = 'kubernetes.io/config.source'
const MIRROR = 'kubernetes.io/config.mirror'

/** Whether the pod is the mirror of a static pod: its node has a manifest of it. */
export function isStatic({ pods }: ApiServer, pod: PodRow): boolean {
  const { annotations } = pods.infoOf(pod).template.metadata
  return annotations[MIRROR] !== undefined || annotations[SOURCE] === 'file'
}

/**
 * Makes the mirror of a static pod anew that somebody deletes: only its node can end such a pod.
 *
 * Departs from Kubernetes: its containers start anew with it.
 */
export function mirrorAgain(api: ApiServer, pod: PodRow): void {
  const { pods } = api
  const name = pods.nameOf(pod)
  const { ownerReferences } = pods.detailsOf(pod)
  const node = pods.table.node(pod)
  const template = pods.table.template(pod)
  pods.requestDeletion(pod, { grace: 0, reason: '' })
  if (node !== NO_NODE && api.nodeRows.nodeOf(node) !== undefined) {
    pods.create({ template, name, node, details: ownerReferences === undefined ? {} : { ownerReferences } })
  }
}
