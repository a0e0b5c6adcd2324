import type {
  PodGroup,
  PodResourceClaim,
  PodResourceClaimStatus,
  PodSpec,
  V1ResourceClaim as ResourceClaim,
  ResourceClaimTemplate,
} from '../api/types.generated.ts'
import { POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
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

/**
 * What the resource claim controller and the garbage collector do when pods go: claims that belong to the pod are
 * deleted, others are no longer reserved for it, and are free again when nobody else uses them.
 *
 * Source: Kubernetes v1.37, pkg/controller/resourceclaim, syncClaim.
 */
export function startClaimController(cluster: BenchmarkCluster): void {
  const { api } = cluster
  const owned = new Map<string, Set<string>>()
  const claims = api.collection<ResourceClaim>('ResourceClaim')
  api.watch({
    name: 'resource-claim-controller',
    podEvents: POD_DELETED | POD_FINISHED,
    kinds: ['ResourceClaim'],
    onObject: (change) => noteOwner(owned, change),
    onPod: (entry) => podGone(entry),
  })

  function podGone({ pod }: RingEntry): void {
    const { uid } = api.pods.detailsOf(pod)
    if (uid === undefined) return
    for (const key of owned.get(uid) ?? []) claims.delete(key)
    owned.delete(uid)
    release(pod, uid)
  }

  function release(pod: PodRow, uid: string): void {
    const { template } = api.pods.infoOf(pod)
    const statuses = api.pods.detailsOf(pod).resourceClaimStatuses ?? []
    const names = [
      ...(template.spec.resourceClaims ?? []).map((entry) => entry.resourceClaimName),
      ...statuses.map((status) => status.resourceClaimName),
    ]
    for (const name of names) {
      const claim = claims.get(`${template.metadata.namespace}/${name ?? ''}`)
      const reservedFor = claim?.status?.reservedFor ?? []
      const left = reservedFor.filter((consumer) => consumer.uid !== uid)
      if (claim === undefined || left.length === reservedFor.length) continue
      const { allocation, ...status } = claim.status ?? {}
      const isUsed = left.length > 0 && allocation !== undefined
      claims.update({
        ...claim,
        status: { ...status, reservedFor: left, ...(isUsed ? { allocation } : {}) },
      })
    }
  }
}

function noteOwner(owned: Map<string, Set<string>>, change: ObjectChange): void {
  const object = (change.new ?? change.old) as ResourceClaim | undefined
  for (const { kind, uid } of object?.metadata?.ownerReferences ?? []) {
    if (kind !== 'Pod') continue
    const keys = owned.get(uid) ?? new Set()
    if (change.new === undefined) keys.delete(change.key)
    else keys.add(change.key)
    owned.set(uid, keys)
  }
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
