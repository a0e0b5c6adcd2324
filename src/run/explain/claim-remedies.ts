import type { V1ResourceClaim as ResourceClaim } from '../../api/types.generated.ts'
import { isControlledBy, uidOf } from '../../../plugins/device-allocation/pod-claims.ts'
import type { StoppedPod } from './stop-remedies.ts'

/** What DynamicResources wants changed before it looks at any node: of every claim of the pod, and of their classes. */
export function claimRemedies(stopped: StoppedPod): readonly string[] {
  const { shape, identity } = stopped
  const remedies = (shape.spec.resourceClaims ?? []).flatMap((reference) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = reference
    if (resourceClaimName !== undefined) return claimProblems(stopped, resourceClaimName, false)
    if (resourceClaimTemplateName === undefined) {
      return [`give spec.resourceClaims ${name} a resourceClaimName or a resourceClaimTemplateName`]
    }
    const made = identity.resourceClaimStatuses.find((status) => status.name === name)
    if (made === undefined) return templateProblems(stopped, name, resourceClaimTemplateName)
    return made.resourceClaimName === undefined ? [] : claimProblems(stopped, made.resourceClaimName, true)
  })
  return [...new Set(remedies.length === 0 ? gateRemedies(stopped) : remedies)]
}

function templateProblems({ shape, cluster }: StoppedPod, name: string, template: string): string[] {
  const key = `${shape.namespace}/${template}`
  if (cluster.object('ResourceClaimTemplate', key) === undefined) {
    return [
      `create ResourceClaimTemplate ${key}, from which the claim for spec.resourceClaims ${name} is made`,
    ]
  }
  return [`let the claim for spec.resourceClaims ${name} be made from ResourceClaimTemplate ${key}`]
}

function claimProblems(
  { shape, identity, cluster }: StoppedPod,
  name: string,
  isMadeForPod: boolean,
): string[] {
  const key = `${shape.namespace}/${name}`
  const claim = cluster.object('ResourceClaim', key) as ResourceClaim | undefined
  if (claim === undefined) return [`create ResourceClaim ${key}`]
  if (claim.metadata?.deletionTimestamp !== undefined)
    return [`let ResourceClaim ${key} go, and create it anew`]
  if (isMadeForPod && !isControlledBy(claim, uidOf(identity))) {
    return [`delete ResourceClaim ${key}, which is not the pod's, so that its own can be made`]
  }
  return requestProblems(claim, key, cluster)
}

/** Requests that say nothing, and classes that are not there. */
function requestProblems(claim: ResourceClaim, key: string, cluster: StoppedPod['cluster']): string[] {
  if (claim.status?.allocation !== undefined) return []
  return (claim.spec?.devices?.requests ?? []).flatMap(({ name, exactly, firstAvailable = [] }) => {
    if (exactly === undefined && firstAvailable.length === 0) {
      return [`give request ${name} of ResourceClaim ${key} exactly or firstAvailable`]
    }
    const classes = exactly === undefined ? firstAvailable : [exactly]
    return classes.flatMap(({ deviceClassName }) =>
      cluster.object('DeviceClass', deviceClassName) === undefined
        ? [`create DeviceClass ${deviceClassName}, which request ${name} of ResourceClaim ${key} names`]
        : [],
    )
  })
}

/** Alternatives need their feature gate. */
function gateRemedies({ reasons }: StoppedPod): string[] {
  if (!reasons.some((reason) => reason.includes('DRAPrioritizedList'))) return []
  return ['turn the feature gate DRAPrioritizedList on, or ask by exactly instead of firstAvailable']
}
