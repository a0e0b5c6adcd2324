import type {
  PodGroup,
  PodResourceClaim,
  ResourceClaimTemplate,
  V1ResourceClaim as ResourceClaim,
} from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { POD_CREATED, POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'
import { GroupClaims } from './group-claims.ts'
import type { Led } from './leader-election.ts'
import { LedQueue } from './led-queue.ts'
import { claimFromTemplate, releaseClaim } from './made-claims.ts'

const POD_CLAIM_ANNOTATION = 'resource.kubernetes.io/pod-claim-name'

/**
 * Makes the claims that pods ask for by template, and takes devices back from claims that nobody uses any more; claims that
 * were made for a pod go with it. With `sharesGroupClaims` (feature gate DRAWorkloadResourceClaims) it does the same for
 * PodGroups, and a pod takes the claim of its group where both name it alike.
 *
 * Departs from Kubernetes: the names of made claims end in the pod's number, not in random letters.
 * Source: kube-controller-manager v1.37, resourceclaim controller.
 */
export function startResourceClaimController(
  api: ApiServer,
  { sharesGroupClaims = false }: { readonly sharesGroupClaims?: boolean } = {},
): Led {
  const claims = api.collection<ResourceClaim>('ResourceClaim')
  const templates = api.collection<ResourceClaimTemplate>('ResourceClaimTemplate')
  const groups = sharesGroupClaims ? new GroupClaims(api) : undefined
  /** Pods whose template, or whose group's claim, was not there when they came. */
  const waiting = new Set<PodRow>()
  const make = (pod: PodRow): void => {
    waiting.delete(pod)
    if (!api.pods.isRemoved(pod) && !makeClaims(api, pod, { claims, templates, groups })) waiting.add(pod)
  }
  const queue = new LedQueue()
  const onObject = (change: ObjectChange): void => {
    if (change.kind !== 'PodGroup') groups?.makeAll()
    else if (change.verb === 'DELETED') groups?.release(change.old as PodGroup)
    else groups?.make(change.key)
    if (change.verb !== 'DELETED') for (const pod of [...waiting]) make(pod)
  }
  api.watch({
    name: 'resource-claim-controller',
    from: 1,
    podEvents: POD_CREATED | POD_FINISHED | POD_DELETED,
    kinds: groups === undefined ? ['ResourceClaimTemplate'] : ['ResourceClaimTemplate', 'PodGroup'],
    onPod: ({ pod, podEvent }) => {
      if (claimsOf(api, pod).length === 0 && claims.size === 0) return
      const serial = api.pods.table.serial(pod)
      if (podEvent === POD_CREATED) {
        queue.do(() => {
          if (api.pods.isCurrent(pod, serial)) make(pod)
        })
        return
      }
      waiting.delete(pod)
      const [keys, uid] = [claimKeysOf(api, pod), uidOf(api, pod)]
      queue.do(() => {
        for (const key of keys) releaseClaim(claims, key, uid)
      })
    },
    onObject: (change) => {
      if (change.verb === 'ADDED' || change.kind === 'PodGroup') queue.do(() => onObject(change))
    },
  })
  return queue
}

function claimsOf(api: ApiServer, pod: PodRow): readonly PodResourceClaim[] {
  return api.pods.infoOf(pod).template.spec.resourceClaims ?? []
}

/** What identifies a pod in claims: its uid, or its name where the run gave it none. */
function uidOf(api: ApiServer, pod: PodRow): string {
  return api.pods.detailsOf(pod).uid ?? api.pods.keyOf(pod)
}

/** False when a template, or the claim of its group, is missing: the pod waits for it. */
function makeClaims(
  api: ApiServer,
  pod: PodRow,
  stores: {
    readonly claims: ObjectStore<ResourceClaim>
    readonly templates: ObjectStore<ResourceClaimTemplate>
    readonly groups: GroupClaims | undefined
  },
): boolean {
  const { metadata, spec } = api.pods.infoOf(pod).template
  const { namespace } = metadata
  const group = spec.schedulingGroup?.podGroupName
  const known = api.pods.detailsOf(pod).resourceClaimStatuses ?? []
  const made = [...known]
  let hasAll = true
  for (const entry of claimsOf(api, pod)) {
    const { name, resourceClaimTemplateName } = entry
    if (resourceClaimTemplateName === undefined || known.some((each) => each.name === name)) continue
    const shared = group === undefined ? undefined : stores.groups?.sharedFor(`${namespace}/${group}`, entry)
    const template = stores.templates.get(`${namespace}/${resourceClaimTemplateName}`)
    if (typeof shared === 'object') made.push({ name, ...shared })
    else if (shared === 'missing' || template === undefined) hasAll = false
    else {
      const resourceClaimName = `${api.pods.nameOf(pod)}-${name}-${api.pods.table.serial(pod)}`
      stores.claims.create(
        claimFromTemplate({
          name: resourceClaimName,
          namespace,
          claim: name,
          annotation: POD_CLAIM_ANNOTATION,
          owner: { apiVersion: 'v1', kind: 'Pod', name: api.pods.nameOf(pod), uid: uidOf(api, pod) },
          template,
        }),
      )
      made.push({ name, resourceClaimName })
    }
  }
  if (made.length > known.length) api.pods.updateDetails(pod, { resourceClaimStatuses: made })
  return hasAll
}

/** Keys of all claims that a pod may use. */
function claimKeysOf(api: ApiServer, pod: PodRow): readonly string[] {
  const { namespace } = api.pods.infoOf(pod).template.metadata
  const names = [
    ...claimsOf(api, pod).flatMap(({ resourceClaimName }) => resourceClaimName ?? []),
    ...(api.pods.detailsOf(pod).resourceClaimStatuses ?? []).flatMap((each) => each.resourceClaimName ?? []),
    `${api.pods.nameOf(pod)}-extended-resources`,
  ]
  return names.map((name) => `${namespace}/${name}`)
}
