import type { Namespace } from '../api/types.generated.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls, ClientLimits } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { goingConditions } from './namespace-conditions.ts'
import { deleteObjects, deletePods, namespacedKinds } from './namespace-contents.ts'
import type { Remains } from './namespace-contents.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Finalizer that holds a namespace until all in it is gone. */
const FINALIZER = 'kubernetes'
/** Wait after each change of a namespace that is going (`namespaceDeletionGracePeriod`). */
const DELAY: Micros = 5 * SECOND
/** Its client may do 20 times what those of other controllers may. */
const NAMESPACE_LIMITS: ClientLimits = { qps: 400, burst: 3000 }

/**
 * Empties namespaces that are deleted: pods first, which end gracefully, and all else when no pod is left; then the namespace goes.
 *
 * It looks 5 s after the deletion, and again after half of the time that what is left is expected to take, and a second.
 *
 * Source: kube-controller-manager v1.37, namespace (10 workers; back-off from 5 ms to 60 s) and namespace/deletion. Departs from it in that
 * the finalizer stands in `metadata.finalizers`, where that of other objects does, and not in `spec.finalizers`; and kinds come in order
 * of name.
 */
export function startNamespaceController({
  sim,
  api,
  limits = NAMESPACE_LIMITS,
}: Pick<WorkloadParts, 'sim' | 'api' | 'limits'>): Controller {
  const controller = new Controller(sim, {
    name: 'namespace-controller',
    workers: 10,
    limits,
    backoff: { base: 5 * MILLISECOND, max: 60 * SECOND },
    reconcile: (key, calls) => reconcile(api, key, calls),
  })
  api.watch({
    name: 'namespace-controller',
    from: 1,
    kinds: ['Namespace'],
    onObject: ({ key }) => {
      const namespace = api.namespaces.get(key)
      if (namespace === undefined) return
      withServerFields(api, namespace)
      if (namespace.metadata?.deletionTimestamp !== undefined) controller.queue.addAfter(key, DELAY)
    },
  })
  return controller
}

/** What the API server itself writes into a namespace: the finalizer of a new one, and the phase. */
function withServerFields(api: ApiServer, namespace: Namespace): void {
  const { metadata, status } = namespace
  const isGoing = metadata?.deletionTimestamp !== undefined
  const phase = isGoing ? 'Terminating' : 'Active'
  const finalizers = metadata?.finalizers ?? []
  const isHeld = isGoing || finalizers.includes(FINALIZER)
  if (isHeld && status?.phase === phase) return
  api.namespaces.update({
    ...namespace,
    metadata: { ...metadata, finalizers: isHeld ? finalizers : [...finalizers, FINALIZER] },
    status: { ...status, phase },
  })
}

function reconcile(api: ApiServer, key: string, calls: Calls): Reconciled | undefined {
  const namespace = api.namespaces.get(key)
  const deletedAt = namespace?.metadata?.deletionTimestamp
  if (namespace === undefined || deletedAt === undefined) return undefined
  if (!(namespace.metadata?.finalizers ?? []).includes(FINALIZER)) return undefined
  const age = api.sim.now - api.calendar.parse(deletedAt)
  let remains: readonly Remains[] = []
  calls.do(() => {
    remains = [deletePods(api, key, age)]
    return true
  })
  if (remains.every(({ count }) => count === 0)) {
    for (const kind of namespacedKinds(api)) {
      calls.do(() => {
        remains = [...remains, deleteObjects(api, kind, key)]
        return true
      })
    }
  }
  const left = remains.filter(({ count }) => count > 0)
  const before = namespace.status?.conditions ?? []
  const conditions = goingConditions(before, remains, key, api.calendar.format(api.sim.now))
  if (conditions !== before) {
    calls.do(() => updated(api, key, (one) => ({ ...one, status: { ...one.status, conditions } })))
  }
  if (left.some(({ estimate }) => estimate === 0)) return { isFailed: true }
  if (left.length > 0) {
    const estimate = Math.max(...left.map((one) => one.estimate))
    return { after: (Math.floor(estimate / SECOND / 2) + 1) * SECOND }
  }
  calls.do(() => updated(api, key, withoutFinalizer))
  return undefined
}

function updated(api: ApiServer, key: string, change: (namespace: Namespace) => Namespace): boolean {
  const namespace = api.namespaces.get(key)
  return namespace === undefined || api.namespaces.update(change(namespace)).ok
}

function withoutFinalizer(namespace: Namespace): Namespace {
  const finalizers = (namespace.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
  return { ...namespace, metadata: { ...namespace.metadata, finalizers } }
}
