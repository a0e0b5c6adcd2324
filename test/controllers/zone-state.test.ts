import { describe, expect, it } from 'vitest'
import { computeZoneState, taintingRate } from '../../src/controllers/zone-state.ts'
import { logicCases } from '../node/logic-vectors.ts'
import { hasShared } from '../shared-data.ts'

interface Input {
  readonly ready: readonly string[] | null
  readonly unhealthyZoneThreshold: string
  readonly evictionLimiterQPS: string
  readonly secondaryEvictionLimiterQPS: string
  readonly largeClusterThreshold: number
}

interface Expected {
  readonly notReady: number
  readonly state: string
  readonly reducedQPS: string
  readonly healthyQPS: string
}

describe.skipIf(!hasShared)('the recorded zones', () => {
  it('have the same states and rates (shared data)', () => {
    const cases = logicCases<Input, Expected>('node-lifecycle')
    expect(cases.length).toBe(400)
    for (const { id, input, expected } of cases) {
      const statuses = input.ready ?? []
      const size = statuses.length
      const ready = statuses.filter((status) => status === 'True').length
      expect(size - ready, id).toBe(expected.notReady)
      expect(computeZoneState(ready, size - ready, Number(input.unhealthyZoneThreshold)), id).toBe(
        expected.state,
      )
      const rates = {
        evictionRate: Number(input.evictionLimiterQPS),
        secondaryEvictionRate: Number(input.secondaryEvictionLimiterQPS),
        largeZone: input.largeClusterThreshold,
      }
      expect(taintingRate('PartialDisruption', size, rates), id).toBe(Number(expected.reducedQPS))
      expect(taintingRate('Normal', size, rates), id).toBe(Number(expected.healthyQPS))
      expect(taintingRate('FullDisruption', size, rates), id).toBe(Number(expected.healthyQPS))
    }
  })
})

it('takes a zone as partly disrupted from three nodes and the threshold on', () => {
  expect(computeZoneState(0, 0, 0.55)).toBe('Normal')
  expect(computeZoneState(0, 1, 0.55)).toBe('FullDisruption')
  expect(computeZoneState(1, 2, 0.55)).toBe('Normal')
  expect(computeZoneState(2, 3, 0.55)).toBe('PartialDisruption')
  expect(computeZoneState(9, 11, 0.55)).toBe('PartialDisruption')
  expect(computeZoneState(10, 11, 0.55)).toBe('Normal')
})
