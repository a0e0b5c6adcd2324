import { describe, expect, it } from 'vitest'

import { constraintsOf } from '../../../plugins/device-allocation/device-constraints.ts'
import { slicesOf } from '../../../plugins/device-allocation/device-slices.ts'
import type { SliceDevice } from '../../../plugins/device-allocation/device-slices.ts'
import type { DeviceAttribute, DeviceConstraint } from '../../../src/api/types.generated.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import { DRIVER, device, slice } from './devices.ts'

const ROOTS = `${DRIVER}/roots`
const names = { request: 'r', subRequest: undefined }

/** Devices that have an attribute `roots` each; none where it is undefined. */
function devicesWith(...roots: readonly (DeviceAttribute | undefined)[]): readonly SliceDevice[] {
  const { api, scheduler } = buildCluster()
  const devices = roots.map((attribute, place) =>
    device(`d${place}`, {}, attribute === undefined ? {} : { attributes: { roots: attribute } }),
  )
  api.collection('ResourceSlice').create(slice('a', devices))
  return slicesOf(scheduler.cluster).all.flatMap((each) => each.devices)
}

/** Which of the devices may join those before, one after the other. */
function joined(
  constraint: DeviceConstraint,
  roots: readonly (DeviceAttribute | undefined)[],
  hasLists = true,
): readonly boolean[] {
  const [held] = constraintsOf([constraint], 'default/c', hasLists)
  return devicesWith(...roots).map((each) => held?.add(names, each) ?? false)
}

describe('attributes that are lists (feature gate DRAListTypeAttributes)', () => {
  it('match while all devices have a value in common', () => {
    const roots = [{ strings: ['a', 'b', 'c'] }, { strings: ['b', 'c'] }, { string: 'c' }, { strings: ['b'] }]
    expect(joined({ matchAttribute: ROOTS }, roots)).toEqual([true, true, true, false])
  })

  it('are distinct while no two devices share a value', () => {
    const roots = [{ ints: [1, 2] }, { ints: [2, 3] }, { int: 3 }, { ints: [4] }, { int: 1 }]
    expect(joined({ distinctAttribute: ROOTS }, roots)).toEqual([true, false, true, true, false])
  })

  it('do not mix types, and do not join where a device has none', () => {
    const roots = [{ strings: ['1'] }, { ints: [1] }, undefined]
    expect(joined({ matchAttribute: ROOTS }, roots)).toEqual([true, false, false])
    expect(joined({ distinctAttribute: ROOTS }, roots)).toEqual([true, true, false])
  })

  it('have in common again what a device took away that was given up', () => {
    const [held] = constraintsOf([{ matchAttribute: ROOTS }], 'default/c', true)
    const [first, second, third] = devicesWith(
      { strings: ['a', 'b'] },
      { strings: ['a'] },
      { strings: ['b'] },
    )
    if (held === undefined || first === undefined || second === undefined || third === undefined) {
      throw new Error('three devices and a constraint were made')
    }
    expect([held.add(names, first), held.add(names, second), held.add(names, third)]).toEqual([
      true,
      true,
      false,
    ])
    held.remove(names)
    expect(held.add(names, third)).toBe(true)
  })

  it('are no values while the gate is off', () => {
    const roots = [{ strings: ['a'] }, { strings: ['a'] }]
    expect(joined({ matchAttribute: ROOTS }, roots, false)).toEqual([true, false])
  })
})
