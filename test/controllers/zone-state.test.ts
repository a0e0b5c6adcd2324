import { expect, it } from 'vitest'
import { computeZoneState, taintingRate } from '../../src/controllers/zone-state.ts'

it('takes a zone as partly disrupted from three nodes and the threshold on', () => {
  expect(computeZoneState(0, 0, 0.55)).toBe('Normal')
  expect(computeZoneState(0, 1, 0.55)).toBe('FullDisruption')
  expect(computeZoneState(1, 2, 0.55)).toBe('Normal')
  expect(computeZoneState(2, 3, 0.55)).toBe('PartialDisruption')
  expect(computeZoneState(9, 11, 0.55)).toBe('PartialDisruption')
  expect(computeZoneState(10, 11, 0.55)).toBe('Normal')
})

it('taints at the full rate in a zone that is well or wholly lost, at the second one when it is partly so and large', () => {
  const rates = { evictionRate: 0.1, secondaryEvictionRate: 0.01, largeZone: 50 }
  expect(taintingRate('Normal', 10, rates)).toBe(0.1)
  expect(taintingRate('FullDisruption', 10, rates)).toBe(0.1)
  expect(taintingRate('PartialDisruption', 51, rates)).toBe(0.01)
  expect(taintingRate('PartialDisruption', 50, rates)).toBe(0)
})
