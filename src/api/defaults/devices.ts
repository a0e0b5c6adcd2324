import type {
  DeviceRequest,
  ResourceClaimSpec,
  ResourceClaimTemplate,
  V1ResourceClaim as ResourceClaim,
} from '../types.generated.ts'
import { eachOf, withChanged } from './fields.ts'

/** Defaults of a ResourceClaim. Source: Kubernetes v1.37, apis/resource/v1 `SetDefaults_ExactDeviceRequest`. */
export function defaultResourceClaim(claim: ResourceClaim): ResourceClaim {
  return { ...claim, spec: defaultResourceClaimSpec(claim.spec ?? {}) }
}

/** Defaults of a ResourceClaimTemplate: those of the claims that are made from it. */
export function defaultResourceClaimTemplate(template: ResourceClaimTemplate): ResourceClaimTemplate {
  return withChanged(template, 'spec', (spec) => withChanged(spec, 'spec', defaultResourceClaimSpec))
}

function defaultResourceClaimSpec(spec: ResourceClaimSpec): ResourceClaimSpec {
  return withChanged(spec, 'devices', (devices) =>
    withChanged(devices, 'requests', eachOf(defaultDeviceRequest)),
  )
}

function defaultDeviceRequest(request: DeviceRequest): DeviceRequest {
  return withChanged(withChanged(request, 'exactly', counted), 'firstAvailable', eachOf(counted))
}

/** A request for devices is for exactly one of them when nobody says otherwise. */
function counted<T extends { readonly allocationMode?: string; readonly count?: number }>(request: T): T {
  const allocationMode = request.allocationMode || 'ExactCount'
  if (allocationMode !== 'ExactCount') return request
  return { ...request, allocationMode, count: request.count || 1 }
}
