import type {
  PodGroup,
  PodResourceClaim,
  PodResourceClaimStatus,
  PodSpec,
  V1ResourceClaim as ResourceClaim,
  ResourceClaimTemplate,
} from '../api/types.generated.ts'
import { WorkloadFailure, createObject } from './cluster.ts'
import type { BenchmarkCluster } from './cluster.ts'

/** Who a generated claim belongs to. */
interface ClaimOwner {
  readonly apiVersion: string
  readonly kind: 'Pod' | 'PodGroup'
  readonly name: string
  readonly namespace: string
  readonly uid: string
}

/**
 * Makes the claims of a pod that names templates; returns what its status says of them.
 *
 * The resource claim controller does this after the pod was created, here it is done before: a pod never waits for it. A
 * pod of a group shares the claim that the group has under the same name from the same template.
 */
export function createPodClaims(
  cluster: BenchmarkCluster,
  spec: PodSpec,
  owner: Omit<ClaimOwner, 'apiVersion' | 'kind'>,
): readonly PodResourceClaimStatus[] {
  const group = groupOf(cluster, spec, owner.namespace)
  return (spec.resourceClaims ?? []).flatMap((entry) => {
    const shared = sharedClaim(group, entry)
    if (shared !== undefined) return [{ name: entry.name, resourceClaimName: shared }]
    const name = claimFromTemplate(cluster, entry, { ...owner, apiVersion: 'v1', kind: 'Pod' })
    return name === undefined ? [] : [{ name: entry.name, resourceClaimName: name }]
  })
}

/** Creates a pod group, the claims that it names templates for, and says in its status which they are. */
export function createPodGroup(cluster: BenchmarkCluster, group: PodGroup): void {
  const uid = cluster.generateUid()
  const created = createObject(cluster, { ...group, metadata: { ...group.metadata, uid } }) as PodGroup
  const owner: ClaimOwner = {
    apiVersion: group.apiVersion ?? 'scheduling.k8s.io/v1beta1',
    kind: 'PodGroup',
    name: created.metadata?.name ?? '',
    namespace: created.metadata?.namespace ?? 'default',
    uid,
  }
  const statuses = (group.spec.resourceClaims ?? []).flatMap((entry) => {
    const name = claimFromTemplate(cluster, entry, owner)
    return name === undefined ? [] : [{ name: entry.name, resourceClaimName: name }]
  })
  if (statuses.length === 0) return
  const status = { ...created.status, resourceClaimStatuses: statuses }
  cluster.api.collection<PodGroup>('PodGroup').update({ ...created, status })
}

function groupOf(cluster: BenchmarkCluster, spec: PodSpec, namespace: string): PodGroup | undefined {
  const name = spec.schedulingGroup?.podGroupName
  if (name === undefined) return undefined
  return cluster.api.collection<PodGroup>('PodGroup').get(`${namespace}/${name}`)
}

function sharedClaim(group: PodGroup | undefined, entry: PodResourceClaim): string | undefined {
  if (entry.resourceClaimTemplateName === undefined) return undefined
  const same = group?.spec.resourceClaims?.some(
    (one) => one.name === entry.name && one.resourceClaimTemplateName === entry.resourceClaimTemplateName,
  )
  if (same !== true) return undefined
  return group?.status?.resourceClaimStatuses?.find(({ name }) => name === entry.name)?.resourceClaimName
}

/** Makes the claim of an entry that names a template; undefined for one that names a claim. */
function claimFromTemplate(
  cluster: BenchmarkCluster,
  entry: { readonly name: string; readonly resourceClaimTemplateName?: string },
  owner: ClaimOwner,
): string | undefined {
  const templateName = entry.resourceClaimTemplateName
  if (templateName === undefined) return undefined
  const { namespace } = owner
  const template = cluster.api
    .collection<ResourceClaimTemplate>('ResourceClaimTemplate')
    .get(`${namespace}/${templateName}`)
  if (template === undefined) {
    throw new WorkloadFailure(`there is no ResourceClaimTemplate ${namespace}/${templateName}`)
  }
  const { apiVersion, kind, name, uid } = owner
  const claim: ResourceClaim = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      ...template.spec?.metadata,
      generateName: `${name}-${entry.name}-`,
      namespace,
      uid: cluster.generateUid(),
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: template.spec?.spec ?? {},
  }
  return createObject(cluster, claim).metadata?.name
}
