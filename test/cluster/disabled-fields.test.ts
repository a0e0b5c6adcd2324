import { describe, expect, it } from 'vitest'

import {
  hasDisabledFields,
  incompleteField,
  withoutDisabledFields,
} from '../../src/cluster/disabled-fields.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'

const claim = {
  kind: 'ResourceClaim',
  metadata: { name: 'c', namespace: 'default' },
  spec: {
    devices: {
      requests: [
        { name: 'a', exactly: { deviceClassName: 'gpu', capacity: { requests: { memory: '1Gi' } } } },
        { name: 'b', firstAvailable: [{ name: 'big', deviceClassName: 'gpu', capacity: {} }] },
      ],
      constraints: [{ distinctAttribute: 'x/y' }],
    },
  },
  status: {
    devices: [{ device: 'd', shareID: 's' }],
    allocation: { devices: { results: [{ device: 'd', shareID: 's', bindingConditions: ['ready'] }] } },
  },
}

const slice = {
  kind: 'ResourceSlice',
  metadata: { name: 's' },
  spec: {
    perDeviceNodeSelection: true,
    sharedCounters: [],
    devices: [
      {
        name: 'd',
        nodeName: 'n1',
        taints: [{ key: 'k', effect: 'NoSchedule' }],
        allowMultipleAllocations: true,
        capacity: { memory: { value: '1Gi', requestPolicy: {} } },
        consumesCounters: [],
        bindingConditions: ['ready'],
      },
    ],
  },
}

function written(object: StoredObject, ...off: readonly string[]): object {
  const gates = new Map([...resolveFeatureGates('1.36'), ...off.map((gate) => [gate, false] as const)])
  return withoutDisabledFields(object.kind ?? '', object, gates)
}

describe('fields of features that are off', () => {
  it('leave an object as it is while no feature is off', () => {
    expect(written(claim)).toBe(claim)
    expect(written(slice)).toBe(slice)
  })

  it.each<readonly [string, StoredObject, string, unknown, unknown]>([
    ['DRAPrioritizedList', claim, 'spec.devices.requests.1', claim.spec.devices.requests[1], { name: 'b' }],
    [
      'DRAConsumableCapacity',
      claim,
      'spec.devices.requests.0.exactly',
      claim.spec.devices.requests[0]?.exactly,
      { deviceClassName: 'gpu' },
    ],
    ['DRAConsumableCapacity', claim, 'spec.devices.constraints.0', { distinctAttribute: 'x/y' }, {}],
    ['DRAConsumableCapacity', claim, 'status.devices.0', claim.status.devices[0], { device: 'd' }],
    ['DRAResourceClaimDeviceStatus', claim, 'status.devices', claim.status.devices, undefined],
    ['DRADeviceTaints', slice, 'spec.devices.0.taints', slice.spec.devices[0]?.taints, undefined],
    ['DRAConsumableCapacity', slice, 'spec.devices.0.allowMultipleAllocations', true, undefined],
    [
      'DRAConsumableCapacity',
      slice,
      'spec.devices.0.capacity.memory',
      slice.spec.devices[0]?.capacity.memory,
      { value: '1Gi' },
    ],
    ['DRAPartitionableDevices', slice, 'spec.perDeviceNodeSelection', true, undefined],
    ['DRAPartitionableDevices', slice, 'spec.devices.0.nodeName', 'n1', undefined],
    ['DRADeviceBindingConditions', slice, 'spec.devices.0.bindingConditions', ['ready'], undefined],
    ['DRAResourceClaimDeviceStatus', slice, 'spec.devices.0.bindingConditions', ['ready'], undefined],
  ])('%s off: %#', (gate, object, path, before, after) => {
    expect(at(object, path)).toEqual(before)
    expect(at(written(object, gate), path)).toEqual(after)
    expect(at(object, path)).toEqual(before)
  })

  it('go from templates and classes, too', () => {
    const template = { kind: 'ResourceClaimTemplate', spec: { spec: claim.spec } }
    expect(at(written(template, 'DRAPrioritizedList'), 'spec.spec.devices.requests.1')).toEqual({ name: 'b' })
    const deviceClass = { kind: 'DeviceClass', spec: { extendedResourceName: 'example.com/gpu' } }
    expect(at(written(deviceClass, 'DRAExtendedResource'), 'spec')).toEqual({})
  })

  it('are missed where they were all there was', () => {
    expect(incompleteField(written(claim, 'DRAPrioritizedList') as StoredObject)).toBe(
      'ResourceClaim.resource.k8s.io "default/c" is invalid: spec.devices.requests[1]: Required value: exactly one of `exactly` or `firstAvailable` is required',
    )
    expect(incompleteField(written(claim, 'DRAConsumableCapacity') as StoredObject)).toContain(
      'spec.devices.constraints[0].matchAttribute: Required value',
    )
    expect(incompleteField(written(slice, 'DRAPartitionableDevices') as StoredObject)).toContain(
      'spec: Required value: exactly one of `nodeName`',
    )
    expect(incompleteField(claim)).toBeUndefined()
  })

  it('are looked for in pods only while a gate of theirs is off', () => {
    expect(hasDisabledFields('Pod', resolveFeatureGates('1.37'))).toBe(false)
    expect(hasDisabledFields('Pod', resolveFeatureGates('1.37', { PodLevelResources: false }))).toBe(true)
  })
})

/** What a way of names and places leads to. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, step) => (part as Readonly<Record<string, unknown>> | undefined)?.[step], value)
}
