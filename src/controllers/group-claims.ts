import type {
  PodGroup,
  PodResourceClaim,
  ResourceClaimTemplate,
  V1ResourceClaim as ResourceClaim,
} from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { claimFromTemplate, releaseClaim } from './made-claims.ts'

const GROUP_CLAIM_ANNOTATION = 'resource.kubernetes.io/podgroup-claim-name'

/** What a pod takes of its PodGroup for one of its claims: nothing, a claim by name, or one that it has to wait for. */
export type SharedClaim = 'none' | 'missing' | { readonly resourceClaimName: string }

/**
 * Makes the claims that PodGroups ask for by template: one for all pods of a group, which goes with the group.
 *
 * Departs from Kubernetes: the names of made claims end in a number, not in random letters.
 * Source: kube-controller-manager v1.37, resourceclaim controller with the feature gate DRAWorkloadResourceClaims.
 */
export class GroupClaims {
  readonly #groups: ObjectStore<PodGroup>
  readonly #claims: ObjectStore<ResourceClaim>
  readonly #templates: ObjectStore<ResourceClaimTemplate>
  #made = 0

  constructor(api: ApiServer) {
    this.#groups = api.collection<PodGroup>('PodGroup')
    this.#claims = api.collection<ResourceClaim>('ResourceClaim')
    this.#templates = api.collection<ResourceClaimTemplate>('ResourceClaimTemplate')
  }

  /** Makes what is missing of all groups, as far as its template is there. */
  makeAll(): void {
    for (const group of [...this.#groups.list()]) this.make(objectKey(group.metadata))
  }

  /** Makes the claims of a group that are missing, and says in its status which they are. */
  make(key: string): void {
    const group = this.#groups.get(key)
    const known = group?.status?.resourceClaimStatuses ?? []
    const made = [...known]
    const { name: groupName = '', namespace = 'default' } = group?.metadata ?? {}
    for (const { name, resourceClaimTemplateName } of group?.spec.resourceClaims ?? []) {
      if (resourceClaimTemplateName === undefined || known.some((each) => each.name === name)) continue
      const template = this.#templates.get(`${namespace}/${resourceClaimTemplateName}`)
      if (template === undefined || group === undefined) continue
      this.#made += 1
      const resourceClaimName = `${groupName}-${name}-g${this.#made}`
      const { apiVersion = 'scheduling.k8s.io/v1beta1' } = group
      const owner = { apiVersion, kind: 'PodGroup', name: groupName, uid: uidOf(group) }
      const annotation = GROUP_CLAIM_ANNOTATION
      this.#claims.create(
        claimFromTemplate({ name: resourceClaimName, namespace, claim: name, annotation, owner, template }),
      )
      made.push({ name, resourceClaimName })
    }
    if (group === undefined || made.length === known.length) return
    this.#groups.update({ ...group, status: { ...group.status, resourceClaimStatuses: made } })
  }

  /** The group was deleted: it uses no claim any more, and those that were made for it go. */
  release(group: PodGroup): void {
    const { namespace = 'default' } = group.metadata ?? {}
    const names = [
      ...(group.spec.resourceClaims ?? []).flatMap(({ resourceClaimName }) => resourceClaimName ?? []),
      ...(group.status?.resourceClaimStatuses ?? []).flatMap((each) => each.resourceClaimName ?? []),
    ]
    for (const name of names) releaseClaim(this.#claims, `${namespace}/${name}`, uidOf(group))
  }

  /** What a pod of a group (`namespace/name`) takes of it for a claim from a template. */
  sharedFor(key: string, claim: PodResourceClaim): SharedClaim {
    const group = this.#groups.get(key)
    if (group === undefined) return 'missing'
    const isShared = (group.spec.resourceClaims ?? []).some(
      (one) => one.name === claim.name && one.resourceClaimTemplateName === claim.resourceClaimTemplateName,
    )
    if (!isShared) return 'none'
    const made = group.status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)
    return made?.resourceClaimName === undefined ? 'missing' : { resourceClaimName: made.resourceClaimName }
  }
}

/** What identifies a PodGroup in claims: its uid, or its name where it has none. */
function uidOf({ metadata }: PodGroup): string {
  return metadata?.uid ?? `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`
}
