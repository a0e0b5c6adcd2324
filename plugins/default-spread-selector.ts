import { compileLabelMap, compileLabelSelector } from '../src/api/selectors.ts'
import type { LabelPredicate, Labels } from '../src/api/selectors.ts'
import type {
  LabelSelector,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
} from '../src/api/types.generated.ts'
import type { ClusterView, PodIdentity, PodShape } from '../src/scheduler/framework/index.ts'
import { isEmptySelector } from './spread-constraints.ts'
import type { SpreadSelector } from './spread-constraints.ts'

/** Kinds whose selectors say which pods belong together. */
export const SELECTING_KINDS = ['Service', 'ReplicationController', 'ReplicaSet', 'StatefulSet'] as const

/**
 * The pods that belong to the same services and the same controller as a pod; undefined when nothing selects it.
 *
 * Source: Kubernetes v1.37, scheduler plugins/helper `DefaultSelector`.
 */
export function defaultSpreadSelector(
  shape: PodShape,
  pod: PodIdentity,
  cluster: ClusterView,
): SpreadSelector | undefined {
  const predicates: LabelPredicate[] = []
  const labels = serviceLabels(shape, cluster)
  const owner = pod.ownerReferences.find(({ controller }) => controller === true)
  const key = `${shape.namespace}/${owner?.name ?? ''}`
  switch (`${owner?.apiVersion ?? ''}/${owner?.kind ?? ''}`) {
    case 'v1/ReplicationController': {
      const object = cluster.object('ReplicationController', key) as ReplicationController | undefined
      Object.assign(labels, object?.spec?.selector)
      break
    }
    case 'apps/v1/ReplicaSet':
    case 'apps/v1/StatefulSet': {
      const object = cluster.object(owner?.kind ?? '', key) as ReplicaSet | StatefulSet | undefined
      addSelector(predicates, object?.spec?.selector)
      break
    }
    default:
      break
  }
  if (Object.keys(labels).length > 0) predicates.push(compileLabelMap(labels))
  if (predicates.length === 0) return undefined
  return { matches: (given) => predicates.every((holds) => holds(given)), isEmpty: false }
}

/** The selectors of the services that select the pod, merged. */
function serviceLabels(shape: PodShape, cluster: ClusterView): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const service of cluster.objects('Service') as Iterable<Service>) {
    if ((service.metadata?.namespace ?? 'default') !== shape.namespace) continue
    const selector = service.spec?.selector as Labels | undefined
    if (selector !== undefined && compileLabelMap(selector)(shape.labels)) Object.assign(merged, selector)
  }
  return merged
}

function addSelector(predicates: LabelPredicate[], selector: LabelSelector | undefined): void {
  if (selector !== undefined && !isEmptySelector(selector)) predicates.push(compileLabelSelector(selector))
}
