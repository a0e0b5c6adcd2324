import type {
  Device,
  DeviceClass,
  DeviceConstraint,
  DeviceRequest,
  ExactDeviceRequest,
  ResourceSlice,
  ResourceSliceSpec,
  V1ResourceClaim as ResourceClaim,
} from '../../../src/api/types.generated.ts'

export const DRIVER = 'gpu.example.com'

/** A slice of pool `pool-NAME` on node `node-1`, unless `more` says otherwise. */
export function slice(
  name: string,
  devices: readonly Device[],
  more: Partial<ResourceSliceSpec> = {},
): ResourceSlice {
  const pool = { name: `pool-${name}`, generation: 1, resourceSliceCount: 1 }
  const isPlaced =
    more.nodeSelector !== undefined || more.allNodes === true || more.perDeviceNodeSelection === true
  return {
    kind: 'ResourceSlice',
    metadata: { name },
    spec: { driver: DRIVER, pool, devices, ...(isPlaced ? {} : { nodeName: 'node-1' }), ...more },
  }
}

/** A device with attributes of the driver: texts, numbers and truth values. */
export function device(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  more: Partial<Device> = {},
): Device {
  const values = Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'number') return [key, { int: value }]
    return [key, typeof value === 'boolean' ? { bool: value } : { string: value }]
  })
  return { name, attributes: Object.fromEntries(values) as Device['attributes'] & object, ...more }
}

/** A class that takes what its expression says; all devices without one. */
export function deviceClass(name: string, expression?: string, extendedResourceName?: string): DeviceClass {
  return {
    kind: 'DeviceClass',
    metadata: { name },
    spec: {
      ...(expression === undefined ? {} : { selectors: [{ cel: { expression } }] }),
      ...(extendedResourceName === undefined ? {} : { extendedResourceName }),
    },
  }
}

/** A request for devices of class `gpu`. */
export function request(
  name: string,
  more: Partial<ExactDeviceRequest> & { readonly where?: string } = {},
): DeviceRequest {
  const { where, ...rest } = more
  return {
    name,
    exactly: {
      deviceClassName: 'gpu',
      ...(where === undefined ? {} : { selectors: [{ cel: { expression: where } }] }),
      ...rest,
    },
  }
}

/** A claim in namespace `default`. */
export function claim(
  name: string,
  requests: readonly DeviceRequest[],
  constraints: readonly DeviceConstraint[] = [],
): ResourceClaim {
  return {
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'default', uid: name },
    spec: { devices: { requests, constraints } },
  }
}
