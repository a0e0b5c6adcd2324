import type { NamespaceCondition } from '../api/types.generated.ts'
import type { Remains } from './namespace-contents.ts'

/** Conditions of a namespace that is going, when nothing is in the way. */
const WELL: readonly Omit<NamespaceCondition, 'status'>[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  {
    type: 'NamespaceDeletionContentFailure',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  {
    type: 'NamespaceContentRemaining',
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
  {
    type: 'NamespaceFinalizersRemaining',
    reason: 'ContentHasNoFinalizers',
    message: 'All content-preserving finalizers finished',
  },
]

/**
 * Conditions of a namespace that is going, after a round in which this was left in it; the same list when nothing changed. `now` is the time
 * as objects write it. Source: Kubernetes v1.37, namespace/deletion `namespaceConditionUpdater`.
 */
export function goingConditions(
  before: readonly NamespaceCondition[],
  remains: readonly Remains[],
  namespace: string,
  now: string,
): readonly NamespaceCondition[] {
  const left = remains.filter(({ count }) => count > 0)
  const troubles = [contentTrouble(left, namespace), contentLeft(left), finalizersLeft(left)]
  let hasChanged = false
  const conditions = WELL.map((well) => {
    const trouble = troubles.find((one) => one?.type === well.type)
    const condition = { ...(trouble ?? well), status: trouble === undefined ? 'False' : 'True' }
    const old = before.find(({ type }) => type === well.type)
    if (old !== undefined && isSame(old, condition)) return old
    hasChanged = true
    const isTransition = old?.status !== condition.status
    return { ...condition, lastTransitionTime: isTransition ? now : (old.lastTransitionTime ?? now) }
  })
  const others = before.filter(({ type }) => WELL.every((well) => well.type !== type))
  return hasChanged ? [...others, ...conditions] : before
}

type Trouble = Omit<NamespaceCondition, 'status'>

function contentTrouble(left: readonly Remains[], namespace: string): Trouble | undefined {
  const messages = left
    .filter(({ estimate }) => estimate === 0)
    .map(({ resource }) => `unexpected items still remain in namespace: ${namespace} for gvr: ${resource}`)
  if (messages.length === 0) return undefined
  return {
    type: 'NamespaceDeletionContentFailure',
    reason: 'ContentDeletionFailed',
    message: `Failed to delete all resource types, ${messages.length} remaining: ${messages.sort().join(', ')}`,
  }
}

function contentLeft(left: readonly Remains[]): Trouble | undefined {
  if (left.length === 0) return undefined
  const resources = left.map(({ resource, count }) => `${resource} has ${count} resource instances`).sort()
  return {
    type: 'NamespaceContentRemaining',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${resources.join(', ')}`,
  }
}

function finalizersLeft(left: readonly Remains[]): Trouble | undefined {
  const counts = new Map<string, number>()
  for (const { byFinalizer } of left) {
    for (const [finalizer, count] of byFinalizer) counts.set(finalizer, (counts.get(finalizer) ?? 0) + count)
  }
  if (counts.size === 0) return undefined
  const texts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort()
  return {
    type: 'NamespaceFinalizersRemaining',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`,
  }
}

function isSame(one: NamespaceCondition, other: NamespaceCondition): boolean {
  return one.status === other.status && one.reason === other.reason && one.message === other.message
}
