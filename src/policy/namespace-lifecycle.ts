import type { Namespace } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { Gate } from '../cluster/gates.ts'
import { objectForbidden, podForbidden } from './forbidden.ts'

/** Whether a namespace is on its way out: nothing new may come into it. */
export function isTerminating(namespace: Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating'
}

/**
 * Refuses new pods and other objects in namespaces that terminate; looks at none while no namespace does.
 *
 * Leaves out that a namespace must exist: a run has those that its pods name.
 * Source: kube-apiserver v1.37, admission/plugin/namespace/lifecycle.
 */
export function startNamespaceLifecycle(api: ApiServer): void {
  const terminating = new Set<string>()
  const reasonOf = (namespace: string): string | undefined =>
    terminating.has(namespace)
      ? `unable to create new content in namespace ${namespace} because it is being terminated`
      : undefined
  const gate: Gate = {
    name: 'NamespaceLifecycle',
    refusePod(draft) {
      const reason = reasonOf(api.pods.templates.get(draft.template).template.metadata.namespace)
      return reason === undefined ? undefined : podForbidden(draftName(draft), reason)
    },
    refuseObject(kind, object) {
      const reason = reasonOf(object.metadata?.namespace ?? '')
      return reason === undefined ? undefined : objectForbidden(kind, object, reason)
    },
  }
  api.watch({
    name: 'namespace-lifecycle',
    kinds: ['Namespace'],
    from: 1,
    onObject({ key, new: now }) {
      const before = terminating.size
      if (now !== undefined && isTerminating(now as Namespace)) terminating.add(key)
      else terminating.delete(key)
      if (before === 0 && terminating.size > 0) api.gates.add(gate)
      if (before > 0 && terminating.size === 0) api.gates.remove(gate)
    },
  })
}
