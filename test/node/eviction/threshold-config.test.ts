import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import { parseThresholds } from '../../../src/node/eviction/threshold-config.ts'
import type { EvictionConfiguration } from '../../../src/node/eviction/threshold-config.ts'
import { amountOf, amountText } from '../../../src/node/eviction/thresholds.ts'

const signal = 'memory.available'

describe('thresholds of a kubelet', () => {
  it('are hard ones, soft ones with their grace, and those of what pods may use together', () => {
    const thresholds = parseThresholds({
      evictionHard: { [signal]: '100Mi', 'pid.available': '100%' },
      evictionSoft: { [signal]: '10%' },
      evictionSoftGracePeriod: { [signal]: '1m30s' },
      evictionMinimumReclaim: { [signal]: '1Gi' },
      enforceNodeAllocatable: ['pods'],
    })
    expect(thresholds.map((one) => [one.signal, one.grace / SECOND, amountText(one.value, 1000)])).toEqual([
      [signal, 0, '100Mi'],
      [signal, 90, '100'],
      ['allocatableMemory.available', 0, '100Mi'],
    ])
    expect(thresholds.every(({ minReclaim }) => minReclaim !== undefined)).toBe(true)
  })

  it('take shares as numbers of 32 bits, and cut amounts off', () => {
    const [threshold] = parseThresholds({ evictionHard: { 'nodefs.available': '15%' } })
    expect(threshold && amountOf(threshold.value, 107_374_182_400)).toBe(16_106_128_000)
  })

  it.each<[string, EvictionConfiguration]>([
    ['unsupported eviction signal cpu.available', { evictionHard: { 'cpu.available': '1' } }],
    ['eviction threshold memory.available must be positive: 0', { evictionHard: { [signal]: '0' } }],
    ['eviction threshold memory.available must be positive: -1Gi', { evictionHard: { [signal]: '-1024Mi' } }],
    [
      'eviction percentage threshold memory.available must be >= 0%: -5%',
      { evictionHard: { [signal]: '-5%' } },
    ],
    [
      'eviction percentage threshold memory.available must be <= 100%: 150%',
      { evictionHard: { [signal]: '150%' } },
    ],
    ['strconv.ParseFloat: parsing "1Gi": invalid syntax', { evictionHard: { [signal]: '1Gi%' } }],
    ["unable to parse quantity's suffix", { evictionHard: { [signal]: '1KiK' } }],
    [
      'grace period must be specified for the soft eviction threshold memory.available',
      { evictionSoft: { [signal]: '1Gi' } },
    ],
    ['time: missing unit in duration "5"', { evictionSoftGracePeriod: { [signal]: '5' } }],
    [
      'invalid eviction grace period specified: -1s, must be a positive value',
      { evictionSoftGracePeriod: { [signal]: '-1s' } },
    ],
    [
      'negative eviction minimum reclaim specified for memory.available',
      { evictionMinimumReclaim: { [signal]: '-1' } },
    ],
    [
      'eviction percentage minimum reclaim memory.available must be positive: 0%',
      { evictionMinimumReclaim: { [signal]: '0%' } },
    ],
  ])('say what is wrong: %s', (message, configuration) => {
    expect(() => parseThresholds(configuration)).toThrow(message)
  })
})
