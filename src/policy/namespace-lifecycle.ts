import type { Namespace } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { PodGate } from '../cluster/pod-gate.ts'
import { podForbidden } from './forbidden.ts'

/** Whether a namespace is on its way out: nothing new may come into it. */
export function isTerminating(namespace: Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating'
}

/** What a client hears that would create something in a namespace that terminates. */
export function terminatingText(namespace: string): string {
  return `unable to create new content in namespace ${namespace} because it is being terminated`
}

/**
 * Refuses new pods in namespaces that terminate; looks at no pod while none does.
 *
 * Leaves out that a namespace must exist: a run has those that its pods name.
 * Source: kube-apiserver v1.37, admission/plugin/namespace/lifecycle.
 */
export function startNamespaceLifecycle(api: ApiServer): void {
  const terminating = new Set<string>()
  const gate: PodGate = {
    name: 'NamespaceLifecycle',
    refuse(draft) {
      const { namespace } = api.pods.templates.get(draft.template).template.metadata
      if (!terminating.has(namespace)) return undefined
      return podForbidden(draftName(draft), terminatingText(namespace))
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
      if (before === 0 && terminating.size > 0) api.addPodGate(gate)
      if (before > 0 && terminating.size === 0) api.removePodGate(gate)
    },
  })
}
