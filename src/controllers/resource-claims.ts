import type {
  ObjectMeta,
  PodResourceClaim,
  ResourceClaimTemplate,
  V1ResourceClaim as ResourceClaim,
} from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { POD_CREATED, POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'

const FINALIZER = 'resource.kubernetes.io/delete-protection'
const POD_CLAIM_ANNOTATION = 'resource.kubernetes.io/pod-claim-name'

/**
 * Makes the claims that pods ask for by template, and takes devices back from claims that no pod uses any more; claims
 * that were made for a pod go with it.
 *
 * Departs from Kubernetes: the names of made claims end in the pod's number, not in random letters.
 * Source: kube-controller-manager v1.37, resourceclaim controller.
 */
export function startResourceClaimController(api: ApiServer): void {
  const claims = api.collection<ResourceClaim>('ResourceClaim')
  const templates = api.collection<ResourceClaimTemplate>('ResourceClaimTemplate')
  /** Pods whose template was not there when they came. */
  const waiting = new Set<PodRow>()
  const make = (pod: PodRow): void => {
    waiting.delete(pod)
    if (!api.pods.isRemoved(pod) && !makeClaims(api, pod, claims, templates)) waiting.add(pod)
  }
  api.watch({
    name: 'resource-claim-controller',
    from: 1,
    podEvents: POD_CREATED | POD_FINISHED | POD_DELETED,
    kinds: ['ResourceClaimTemplate'],
    onPod: ({ pod, podEvent }) => {
      if (claimsOf(api, pod).length === 0 && claims.size === 0) return
      if (podEvent === POD_CREATED) make(pod)
      else {
        waiting.delete(pod)
        releaseClaims(api, pod, claims)
      }
    },
    onObject: ({ verb }) => {
      if (verb === 'ADDED') for (const pod of [...waiting]) make(pod)
    },
  })
}

function claimsOf(api: ApiServer, pod: PodRow): readonly PodResourceClaim[] {
  return api.pods.infoOf(pod).template.spec.resourceClaims ?? []
}

/** What identifies a pod in claims: its uid, or its name where the run gave it none. */
function uidOf(api: ApiServer, pod: PodRow): string {
  return api.pods.detailsOf(pod).uid ?? api.pods.keyOf(pod)
}

/** False when a template is missing: the pod waits for it. */
function makeClaims(
  api: ApiServer,
  pod: PodRow,
  claims: ObjectStore<ResourceClaim>,
  templates: ObjectStore<ResourceClaimTemplate>,
): boolean {
  const { namespace } = api.pods.infoOf(pod).template.metadata
  const known = api.pods.detailsOf(pod).resourceClaimStatuses ?? []
  const made = [...known]
  let hasAll = true
  for (const { name, resourceClaimTemplateName } of claimsOf(api, pod)) {
    if (resourceClaimTemplateName === undefined || known.some((each) => each.name === name)) continue
    const template = templates.get(`${namespace}/${resourceClaimTemplateName}`)
    if (template === undefined) {
      hasAll = false
      continue
    }
    const resourceClaimName = `${api.pods.nameOf(pod)}-${name}-${api.pods.table.serial[pod] ?? 0}`
    claims.create({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: madeMetadata(api, pod, { name: resourceClaimName, claim: name, template }),
      ...(template.spec?.spec === undefined ? {} : { spec: template.spec.spec }),
    })
    made.push({ name, resourceClaimName })
  }
  if (made.length > known.length) api.pods.updateDetails(pod, { resourceClaimStatuses: made })
  return hasAll
}

function madeMetadata(
  api: ApiServer,
  pod: PodRow,
  made: { readonly name: string; readonly claim: string; readonly template: ResourceClaimTemplate },
): ObjectMeta {
  const { labels, annotations } = made.template.spec?.metadata ?? {}
  const name = api.pods.nameOf(pod)
  const uid = uidOf(api, pod)
  return {
    name: made.name,
    namespace: api.pods.infoOf(pod).template.metadata.namespace,
    uid: `${uid}/${made.claim}`,
    annotations: { ...annotations, [POD_CLAIM_ANNOTATION]: made.claim },
    ...(labels === undefined ? {} : { labels }),
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true },
    ],
  }
}

/** The pod is done: it uses no claim any more. */
function releaseClaims(api: ApiServer, pod: PodRow, claims: ObjectStore<ResourceClaim>): void {
  const { namespace } = api.pods.infoOf(pod).template.metadata
  const names = [
    ...claimsOf(api, pod).flatMap(({ resourceClaimName }) => resourceClaimName ?? []),
    ...(api.pods.detailsOf(pod).resourceClaimStatuses ?? []).flatMap((each) => each.resourceClaimName ?? []),
    `${api.pods.nameOf(pod)}-extended-resources`,
  ]
  const uid = uidOf(api, pod)
  for (const name of names) {
    const key = `${namespace}/${name}`
    const claim = claims.get(key)
    if (claim === undefined) continue
    const before = claim.status?.reservedFor ?? []
    const reservedFor = before.filter((consumer) => consumer.uid !== uid)
    if (reservedFor.length < before.length) claims.update(released(claim, reservedFor))
    const isOwned = (claim.metadata?.ownerReferences ?? []).some(
      (owner) => owner.controller === true && owner.uid === uid,
    )
    if (isOwned) claims.delete(key)
  }
}

/** The claim with the pods that still use it; without any it has no devices. */
function released(
  claim: ResourceClaim,
  reservedFor: NonNullable<NonNullable<ResourceClaim['status']>['reservedFor']>,
): ResourceClaim {
  const { resourceVersion: _, ...metadata } = claim.metadata ?? {}
  if (reservedFor.length > 0) return { ...claim, metadata, status: { ...claim.status, reservedFor } }
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
  return { ...claim, metadata: { ...metadata, finalizers }, status: {} }
}
