import type { PodReadinessGate, PodResourceClaim, PodSchedulingGate, PodSpec } from '../types.generated.ts'
import { entriesOf, items, text, whole } from './absent.ts'
import { validateAffinity } from './affinity.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container-kinds.ts'
import type { ContainerContext } from './containers.ts'
import { duplicate, forbidden, invalid, invalidEach, notSupported, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct } from './go-shapes.ts'
import { supported } from './legacy-volumes.ts'
import { validateLabels } from './metadata.ts'
import { dns1123Label, dns1123Subdomain, inRange, labelKey, subdomainName } from './names.ts'
import type { NameCheck } from './names.ts'
import { validateDns, validateHostAliases } from './pod-dns.ts'
import { validateHostUsers, validateSystem } from './pod-systems.ts'
import { validateContainerResources, validatePodResources } from './resource-requirements.ts'
import { validatePodSecurityContext } from './security-context.ts'
import type { ClusterRules } from './rules.ts'
import { validateTolerations } from './tolerations.ts'
import { validateTopologySpread } from './topology-spread.ts'
import { validateVolumes } from './volumes.ts'
import { validateHostProcess } from './windows-options.ts'

/** What decides the rules on the spec of a pod. */
export interface PodRules extends ClusterRules {
  /** False in templates. */
  readonly isPod: boolean
  /** Name of the pod; empty in templates. */
  readonly podName: string
}

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never']
const HOSTNAME_OVERRIDE_MAX = 64
const INT32_MAX = 2 ** 31 - 1

/** The spec of a pod or of a template. Source: Kubernetes v1.37, core/validation `ValidatePodSpec`. */
export function validatePodSpec(spec: PodSpec, rules: PodRules, path: string): FieldErrors {
  const { volumes, errors } = validateVolumes(items(spec.volumes), rules, `${path}.volumes`)
  const claimNames = new Set(
    items(spec.resourceClaims).flatMap(({ name }) => (text(name) === '' ? [] : [name])),
  )
  const context: ContainerContext = {
    volumes,
    claimNames,
    restartPolicy: text(spec.restartPolicy),
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    system: spec.os?.name,
    isPrivilegedAllowed: rules.isPrivilegedAllowed,
    hasHostUsers: spec.hostUsers !== false,
  }
  return [
    ...(spec.terminationGracePeriodSeconds === undefined
      ? [required(`${path}.terminationGracePeriodSeconds`)]
      : []),
    ...errors,
    ...claimErrors(items(spec.resourceClaims), `${path}.resourceClaims`),
    ...validateContainers(items(spec.containers), context, `${path}.containers`),
    ...validateInitContainers(spec, context, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, context, `${path}.ephemeralContainers`),
    ...validatePodResources(spec, claimNames, `${path}.resources`),
    ...hostPortErrors(spec, rules.isPod, `${path}.containers`),
    ...restartErrors(text(spec.restartPolicy), `${path}.restartPolicy`),
    ...placementErrors(spec, rules, path),
    ...validateDns(text(spec.dnsPolicy), spec.dnsConfig, path),
    ...validatePodSecurityContext(spec, `${path}.securityContext`),
    ...gateErrors(spec, path),
    ...validateHostProcess(spec, rules.isPrivilegedAllowed, path),
    ...validateHostUsers(spec, path),
    ...nameErrors(spec, path),
    ...overheadErrors(spec, `${path}.overhead`),
    ...validateSystem(spec, path),
  ]
}

function placementErrors(spec: PodSpec, rules: ClusterRules, path: string): FieldErrors {
  const { activeDeadlineSeconds: deadline, preemptionPolicy } = spec
  const place = `${path}.activeDeadlineSeconds`
  return [
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateTopologySpread(items(spec.topologySpreadConstraints), `${path}.topologySpreadConstraints`),
    ...validateTolerations(items(spec.tolerations), `${path}.tolerations`, rules.areComparisonsAllowed),
    ...validateHostAliases(items(spec.hostAliases), `${path}.hostAliases`),
    ...(deadline === undefined ? [] : invalidEach(place, deadline, inRange(deadline, 1, INT32_MAX))),
    ...supported(preemptionPolicy, PREEMPTION_POLICIES, `${path}.preemptionPolicy`),
  ]
}

function restartErrors(policy: string, path: string): FieldErrors {
  if (policy === '') return [required(path)]
  return RESTART_POLICIES.includes(policy) ? [] : [notSupported(path, policy, RESTART_POLICIES)]
}

/** Claims: one source each. Source: core/validation `validatePodResourceClaim`. */
function claimErrors(claims: readonly PodResourceClaim[], path: string): FieldErrors {
  const names = new Set<string>()
  return claims.flatMap((claim, index) => {
    const place = `${path}[${index}]`
    const { resourceClaimName, resourceClaimTemplateName } = claim
    return [
      ...claimNameErrors(text(claim.name), names, `${place}.name`),
      ...claimSourceErrors(claim, place),
      ...namedErrors(resourceClaimName, subdomain, `${place}.resourceClaimName`),
      ...namedErrors(resourceClaimTemplateName, subdomain, `${place}.resourceClaimTemplateName`),
    ]
  })
}

function claimNameErrors(name: string, names: Set<string>, path: string): FieldErrors {
  if (name === '') return [required(path)]
  if (names.has(name)) return [duplicate(path, name)]
  names.add(name)
  return invalidEach(path, name, dns1123Label(name))
}

function claimSourceErrors(claim: PodResourceClaim, path: string): FieldErrors {
  const { resourceClaimName, resourceClaimTemplateName } = claim
  const count = [resourceClaimName, resourceClaimTemplateName].filter((name) => name !== undefined).length
  if (count === 1) return []
  const value = goStruct('PodResourceClaim', claim)
  if (count === 2) {
    return [
      invalid(
        path,
        value,
        'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
      ),
    ]
  }
  return [invalid(path, value, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')]
}

/** On the network of the host, ports of the host are those of the container. */
function hostPortErrors(spec: PodSpec, isPod: boolean, path: string): FieldErrors {
  if (spec.hostNetwork !== true) return []
  return items(spec.containers).flatMap(({ ports }, container) =>
    items(ports).flatMap((port, index) => {
      const hostPort = whole(port.hostPort)
      if (hostPort === whole(port.containerPort) || (!isPod && hostPort === 0)) return []
      const place = `${path}[${container}].ports[${index}].hostPort`
      return [invalid(place, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
    }),
  )
}

function gateErrors(spec: PodSpec, path: string): FieldErrors {
  return [
    ...items(spec.readinessGates).flatMap(({ conditionType = '' }: Partial<PodReadinessGate>, index) =>
      invalidEach(`${path}.readinessGates[${index}].conditionType`, conditionType, labelKey(conditionType)),
    ),
    ...schedulingGateErrors(items(spec.schedulingGates), `${path}.schedulingGates`),
  ]
}

function schedulingGateErrors(gates: readonly PodSchedulingGate[], path: string): FieldErrors {
  const seen = new Set<string>()
  return gates.flatMap(({ name = '' }: Partial<PodSchedulingGate>, index) => {
    const place = `${path}[${index}]`
    const isRepeated = seen.has(name)
    seen.add(name)
    return [...invalidEach(place, name, labelKey(name)), ...(isRepeated ? [duplicate(place, name)] : [])]
  })
}

const subdomain: NameCheck = (name) => subdomainName(name, false)

function namedErrors(name: string | undefined, check: NameCheck, path: string): FieldErrors {
  return name === undefined ? [] : invalidEach(path, name, check(name))
}

function givenErrors(name: string | undefined, check: NameCheck, path: string): FieldErrors {
  return text(name) === '' ? [] : namedErrors(name, check, path)
}

function nameErrors(spec: PodSpec, path: string): FieldErrors {
  return [
    ...givenErrors(spec.serviceAccountName, subdomain, `${path}.serviceAccountName`),
    ...givenErrors(spec.nodeName, subdomain, `${path}.nodeName`),
    ...givenErrors(spec.hostname, dns1123Label, `${path}.hostname`),
    ...givenErrors(spec.subdomain, dns1123Label, `${path}.subdomain`),
    ...givenErrors(spec.priorityClassName, subdomain, `${path}.priorityClassName`),
    ...namedErrors(spec.runtimeClassName, subdomain, `${path}.runtimeClassName`),
    ...namedErrors(spec.schedulingGroup?.podGroupName, subdomain, `${path}.schedulingGroup.podGroupName`),
    ...hostnameErrors(spec, `${path}.hostnameOverride`),
  ]
}

/** A host name in place of the one that follows from the pod. Source: feature gate HostnameOverride. */
function hostnameErrors(spec: PodSpec, path: string): FieldErrors {
  const { hostnameOverride: name } = spec
  if (name === undefined) return []
  const isShared = spec.hostNetwork === true
  const isQualified = spec.setHostnameAsFQDN === true
  return [
    ...(isShared ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(isQualified ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(name.length > HOSTNAME_OVERRIDE_MAX ? [tooLong(path, HOSTNAME_OVERRIDE_MAX)] : []),
    ...invalidEach(path, name, dns1123Subdomain(name)),
  ]
}

function overheadErrors({ overhead }: PodSpec, path: string): FieldErrors {
  if (overhead === undefined || entriesOf(overhead).length === 0) return []
  return validateContainerResources({ limits: overhead }, new Set(), path)
}
