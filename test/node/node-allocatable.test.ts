import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantityValue } from '../../src/api/quantity.ts'
import { DEFAULT_EVICTION_HARD, parseThresholds } from '../../src/node/eviction/threshold-config.ts'
import { nodeAllocatable } from '../../src/node/node-allocatable.ts'
import { nodeRoom, podsMemoryLimit } from '../../src/node/node-room.ts'
import { GIB, MIB } from './test-cluster.ts'

const thresholds = parseThresholds({ evictionHard: DEFAULT_EVICTION_HARD })

describe('what pods can ask for on a node', () => {
  it('is its capacity without reservations and hard thresholds of memory and disk', () => {
    const capacity = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110' }
    const allocatable = nodeAllocatable(capacity, {
      kubeReserved: { cpu: '200m', memory: '1Gi' },
      systemReserved: { cpu: '100m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
      thresholds,
    })
    expect(allocatable).toEqual({
      cpu: '7700m',
      memory: '31132Mi',
      // A share of 32 bits is a little more than a tenth.
      'ephemeral-storage': String(99 * GIB - Math.trunc(100 * GIB * Math.fround(0.1))),
      pods: '110',
    })
  })

  it('is never below 0', () => {
    const reservation = { kubeReserved: { memory: '2Gi' }, systemReserved: {}, thresholds }
    expect(nodeAllocatable({ memory: '1Gi' }, reservation)).toEqual({ memory: '0' })
  })

  it('and the hard threshold are what pods may use together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 8 }), (gib, reserved) => {
        const memory = `${gib + reserved}Gi`
        const allocatable = nodeAllocatable(
          { memory },
          { kubeReserved: { memory: `${reserved}Gi` }, systemReserved: {}, thresholds },
        )
        const room = nodeRoom({ status: { capacity: { memory }, allocatable } })
        expect(podsMemoryLimit(room, 100 * MIB)).toBe(gib * GIB)
        expect(quantityValue(allocatable['memory'] ?? 0)).toBe(gib * GIB - 100 * MIB)
      }),
    )
  })
})
