import { describe, expect, it } from 'vitest'

import { allocateOn } from '../../../plugins/device-allocation/allocator.ts'
import { AllocatedDevices } from '../../../plugins/device-allocation/allocated-devices.ts'
import { slicesOf } from '../../../plugins/device-allocation/device-slices.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import { claim, device, deviceClass, request, slice } from './devices.ts'

const HUGE = '9223372036854775807'

/** What is taken of a device of 10 when so much is asked for, or why nothing is. */
function taken(amount: string, validRange: object, hasFractions: boolean): unknown {
  const { api, scheduler } = buildCluster()
  const bandwidth = {
    value: validRange === WIDE ? '10E' : '10',
    requestPolicy: { default: '1', validRange },
  }
  const shared = device('nic', {}, { allowMultipleAllocations: true, capacity: { bandwidth } } as object)
  const slices = slice('a', [shared])
  api.collection('ResourceSlice').create(slices)
  const asking = claim('c', [request('r', { capacity: { requests: { bandwidth: amount } } })])
  const found = allocateOn({ name: 'node-1', labels: {} }, [asking], {
    slices: slicesOf(scheduler.cluster),
    allocated: new AllocatedDevices([]),
    hasLists: false,
    hasFractions,
    deviceClass: (name) => deviceClass(name),
  })
  return found.found?.[0]?.devices?.results?.[0]?.consumedCapacity?.['bandwidth'] ?? 'nothing'
}

const HALVES = { min: '500m', step: '500m' }
const WHOLE = { min: '1', step: '2' }
const WIDE = { min: '0', step: '10' }

describe('ranges of capacities', () => {
  it('are counted in whole units while DRAFractionalCapacityRange is off', () => {
    expect(taken('1200m', HALVES, false)).toBe('2')
    expect(taken('1200m', WHOLE, false)).toBe('3')
    expect(taken('1n', { min: '0', step: '1' }, false)).toBe('1')
  })

  it('are counted in thousandths while it is on and all of their numbers are some', () => {
    expect(taken('1200m', HALVES, true)).toBe('1500m')
    expect(taken('1200m', WHOLE, true)).toBe('3')
    expect(taken('1200m', { min: '500m', step: '500u' }, true)).toBe('2')
  })

  it('end the cycle for requests that they cannot count', () => {
    const start =
      'capacity "gpu.example.com/bandwidth": capacity request cannot be represented in the device\'s range arithmetic: '
    expect(() => taken('1200100u', HALVES, true)).toThrow(
      `${start}request 1200100u is not a representable milli value`,
    )
    expect(() => taken('9.3E', WIDE, false)).toThrow(`${start}request 9300P exceeds MaxInt64`)
    expect(() => taken(HUGE, WIDE, false)).toThrow(
      `${start}rounding request ${HUGE} up to the next step passes MaxInt64`,
    )
  })
})
