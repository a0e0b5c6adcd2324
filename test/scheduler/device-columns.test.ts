import { expect, it } from 'vitest'

import { DeviceColumns } from '../../src/scheduler/device-columns.ts'

it('keeps what pods have of devices that a node loses, and gets back', () => {
  const devices = new DeviceColumns()
  devices.setNode(0, 4000)
  devices.take(0, 0b1001, 400)
  devices.setNode(0, 2000)
  expect(devices.count(0)).toBe(2)
  expect([0, 1, 2, 3].map((device) => devices.free(0, device))).toEqual([600, 1000, 0, 0])
  devices.setNode(0, 4000)
  expect([0, 1, 2, 3].map((device) => devices.free(0, device))).toEqual([600, 1000, 1000, 600])
  devices.setNode(0, 1000)
  devices.take(0, 0b1001, -400)
  devices.setNode(0, 4000)
  expect([0, 1, 2, 3].map((device) => devices.free(0, device))).toEqual([1000, 1000, 1000, 1000])
})

it('counts the devices of a pod that is there before its node', () => {
  const devices = new DeviceColumns()
  devices.take(3, 0b10, 1000)
  expect(devices.count(3)).toBe(0)
  devices.setNode(3, 2000)
  expect([0, 1].map((device) => devices.free(3, device))).toEqual([1000, 0])
})
