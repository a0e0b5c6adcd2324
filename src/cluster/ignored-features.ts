import type { StoredObject } from './object-store.ts'
import { withoutDisabledFields } from './disabled-fields.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * An object that was stored while all features were on, as a scheduler takes it that has some off; undefined when it does
 * not look at the object at all. The same object while no feature that it uses is off. A gate that is not in the map is on.
 *
 * Departs from Kubernetes: a request for all devices of a pool is granted without those that the scheduler does not give
 * away; the real one grants nothing then.
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured `Features`, and resourceslice/tracker.
 */
export function asScheduled<T extends StoredObject>(
  object: T,
  gates: ReadonlyMap<string, boolean>,
): T | undefined {
  const isOff = (gate: string): boolean => gates.get(gate) === false
  switch (object.kind) {
    case 'DeviceTaintRule':
      return isOff('DRADeviceTaintRules') || isOff('DRADeviceTaints') ? undefined : object
    case 'ResourceSlice':
      return isOff('DRAPartitionableDevices') && isPartitioned(object)
        ? undefined
        : withoutDisabledFields('ResourceSlice', withUsableDevices(object, isOff), gates)
    case 'ResourceClaim':
      // Alternatives stay: the scheduler refuses them by name.
      return withoutDisabledFields('ResourceClaim', object, new Map([...gates, ['DRAPrioritizedList', true]]))
    default:
      return withoutDisabledFields(object.kind ?? '', object, gates)
  }
}

/** Slices that say of each device where it is, or that hold counters, are of partitionable devices. */
function isPartitioned(object: StoredObject): boolean {
  const spec = specOf(object)
  const counters = (spec['sharedCounters'] ?? []) as readonly unknown[]
  return spec['perDeviceNodeSelection'] === true || counters.length > 0
}

/** Devices that need a feature to be given away are not, while it is off. */
function withUsableDevices<T extends StoredObject>(object: T, isOff: (gate: string) => boolean): T {
  const devices = (specOf(object)['devices'] ?? []) as readonly Fields[]
  const hasSome = (value: unknown): boolean => Array.isArray(value) && value.length > 0
  const isUsable = ({ bindingConditions, consumesCounters }: Fields): boolean => {
    const binds = isOff('DRADeviceBindingConditions') || isOff('DRAResourceClaimDeviceStatus')
    if (binds && hasSome(bindingConditions)) return false
    return !(isOff('DRAPartitionableDevices') && hasSome(consumesCounters))
  }
  const usable = devices.filter(isUsable)
  if (usable.length === devices.length) return object
  return { ...object, spec: { ...specOf(object), devices: usable } }
}

function specOf(object: StoredObject): Fields {
  return (object as { readonly spec?: Fields }).spec ?? {}
}
