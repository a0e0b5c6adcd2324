import { describe, expect, it } from 'vitest'
import { quantityValue } from '../../src/api/quantity.ts'
import type { Pod } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND, parseDuration } from '../../src/base/time.ts'
import { rankForMemory, rankedRequest } from '../../src/node/eviction-ranking.ts'
import { MemoryPressure } from '../../src/node/memory-pressure.ts'
import type { MemoryPressureOptions, MemoryThreshold } from '../../src/node/memory-pressure.ts'
import { CRITICAL_PRIORITY } from '../../src/node/critical-pod.ts'
import { hasShared } from '../shared-data.ts'
import { logicCases } from './logic-vectors.ts'
import { GIB, MIB } from './test-cluster.ts'

type Signals = Readonly<Record<string, string>> | null | undefined

interface Input {
  readonly config: {
    readonly enforceNodeAllocatable?: readonly string[] | null
    readonly evictionHard?: Signals
    readonly evictionSoft?: Signals
    readonly evictionSoftGracePeriod?: Signals
    readonly evictionMinimumReclaim?: Signals
  }
  readonly pressureTransitionPeriodSeconds: number
  readonly evictionMaxPodGracePeriod: number
  readonly pods: readonly Pod[]
  readonly stats: readonly { podRef: { uid: string }; memory?: { workingSetBytes?: number } }[] | null
  readonly steps: readonly {
    readonly afterSeconds: number
    readonly statsAgeSeconds: number
    readonly node: { readonly memoryAvailable: number; readonly memoryWorkingSet: number }
  }[]
}

interface Expected {
  readonly steps: readonly {
    readonly memoryPressure: boolean
    readonly evicted?: readonly {
      readonly pod: string
      readonly gracePeriodSeconds: number
      readonly message: string
    }[]
  }[]
}

const SIGNAL = 'memory.available'

/** A threshold as a kubelet reads it: 0 % and 100 % are none. */
function threshold(text: string | undefined): MemoryThreshold | undefined {
  if (text === undefined || text === '0%' || text === '100%') return undefined
  if (!text.endsWith('%')) return { bytes: quantityValue(text) }
  return { share: Math.fround(Math.fround(Number(text.slice(0, -1))) / 100) }
}

function optionsOf({
  config,
  pressureTransitionPeriodSeconds,
  evictionMaxPodGracePeriod,
}: Input): MemoryPressureOptions {
  const soft = threshold(config.evictionSoft?.[SIGNAL])
  const grace = parseDuration(config.evictionSoftGracePeriod?.[SIGNAL] ?? '0', SIGNAL)
  const minReclaim = threshold(config.evictionMinimumReclaim?.[SIGNAL])
  return {
    hard: threshold(config.evictionHard?.[SIGNAL]),
    ...(soft === undefined
      ? {}
      : { soft: { threshold: soft, grace, maxPodGrace: evictionMaxPodGracePeriod * SECOND } }),
    ...(minReclaim === undefined ? {} : { minReclaim }),
    pressureTransition: pressureTransitionPeriodSeconds * SECOND,
  }
}

function firstInRank({ stats }: Input, pods: readonly Pod[]): Pod | undefined {
  const ranked = rankForMemory(
    pods.map((pod) => {
      const found = stats?.find(({ podRef }) => podRef.uid === pod.metadata?.uid)
      const usage = found === undefined ? undefined : (found.memory?.workingSetBytes ?? 0)
      return { pod, usage, request: rankedRequest(pod), priority: pod.spec?.priority ?? 0 }
    }),
  )
  const isStatic = (pod: Pod): boolean => {
    const source = pod.metadata?.annotations?.['kubernetes.io/config.source']
    return source !== undefined && source !== 'api'
  }
  return ranked.find(({ pod, priority }) => priority < CRITICAL_PRIORITY && !isStatic(pod))?.pod
}

describe.skipIf(!hasShared)('the recorded eviction manager, as far as it is about memory', () => {
  // Thresholds of allocatable memory, which come with the enforcement of pods, are left out.
  const all = hasShared ? logicCases<Input, Expected>('eviction-sync') : []
  const cases = all.filter(({ input }) => input.config.enforceNodeAllocatable?.includes('pods') !== true)

  it('sets the condition, and evicts the same pods in the same step (shared data)', () => {
    expect([all.length, cases.length]).toEqual([531, 275])
    let evictions = 0
    for (const { id, input, expected } of cases) {
      const pressure = new MemoryPressure(optionsOf(input))
      let now = 0
      let observedAt = Number.NEGATIVE_INFINITY
      let pods = input.pods
      input.steps.forEach(({ afterSeconds, statsAgeSeconds, node }, index) => {
        const place = `${id}, step ${index}`
        const step = expected.steps[index]
        now += afterSeconds * SECOND
        const at = Math.max(observedAt, now - statsAgeSeconds * SECOND)
        const isNew = at > observedAt
        observedAt = at
        const capacity = node.memoryAvailable + node.memoryWorkingSet
        const verdict = pressure.look(now, { available: node.memoryAvailable, capacity })
        expect(verdict.hasPressure, place).toBe(step?.memoryPressure)
        const evicted = step?.evicted ?? []
        const byMemory = evicted.filter(({ message }) =>
          message.startsWith('The node was low on resource: memory'),
        )
        const isCutShort = evicted.some(({ message }) => !message.startsWith('The node was low'))
        if (!isCutShort) {
          const due = verdict.evict !== undefined && isNew ? firstInRank(input, pods) : undefined
          expect(
            byMemory.map(({ pod }) => pod),
            place,
          ).toEqual(due === undefined ? [] : [due.metadata?.name])
          evictions += byMemory.length
        }
        const names = new Set(evicted.map(({ pod }) => pod))
        pods = pods.filter((pod) => !names.has(pod.metadata?.name ?? ''))
      })
    }
    expect(evictions).toBeGreaterThan(10)
  })
})

describe('memory pressure', () => {
  const memory = (available: number) => ({ available, capacity: 10 * GIB })

  it('evicts at once below the hard threshold, and keeps the condition for the transition period', () => {
    const pressure = new MemoryPressure({ hard: { bytes: 100 * MIB }, pressureTransition: 5 * MINUTE })
    expect(pressure.look(0, memory(100 * MIB))).toMatchObject({
      hasPressure: false,
      evict: undefined,
      isSettled: true,
    })
    expect(pressure.look(10 * SECOND, memory(99 * MIB))).toEqual({
      hasPressure: true,
      evict: 'hard',
      threshold: 100 * MIB,
      isSettled: false,
    })
    expect(pressure.look(20 * SECOND, memory(GIB))).toMatchObject({
      hasPressure: true,
      evict: undefined,
      isSettled: false,
    })
    expect(pressure.look(10 * SECOND + 5 * MINUTE, memory(GIB))).toMatchObject({
      hasPressure: false,
      isSettled: true,
    })
  })

  it('waits for the grace of the soft threshold, which starts anew when the signal ends', () => {
    const soft = { threshold: { share: 0.1 }, grace: 30 * SECOND, maxPodGrace: 0 }
    const pressure = new MemoryPressure({ hard: undefined, soft, pressureTransition: MINUTE })
    const evictAt = (second: number, available: number): string | undefined =>
      pressure.look(second * SECOND, memory(available)).evict
    expect([evictAt(0, GIB / 2), evictAt(20, GIB / 2), evictAt(30, GIB / 2)]).toEqual([
      undefined,
      undefined,
      'soft',
    ])
    expect([evictAt(40, 2 * GIB), evictAt(50, GIB / 2), evictAt(70, GIB / 2)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('goes on until the minimum reclaim is there', () => {
    const options = { hard: { bytes: GIB }, minReclaim: { bytes: GIB }, pressureTransition: MINUTE }
    const pressure = new MemoryPressure(options)
    expect(pressure.look(0, memory(1.5 * GIB)).evict).toBeUndefined()
    expect(pressure.look(10, memory(0.5 * GIB)).evict).toBe('hard')
    expect(pressure.look(20, memory(1.5 * GIB)).evict).toBe('hard')
    expect(pressure.look(30, memory(2 * GIB)).evict).toBeUndefined()
    expect(pressure.look(40, memory(1.5 * GIB)).evict).toBeUndefined()
  })
})
