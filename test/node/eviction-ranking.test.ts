import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pod } from '../../src/api/types.generated.ts'
import { compareForMemory, rankForMemory, rankedRequest } from '../../src/node/eviction-ranking.ts'
import type { RankedPod } from '../../src/node/eviction-ranking.ts'
import { hasShared } from '../shared-data.ts'
import { logicCases } from './logic-vectors.ts'

interface PodStats {
  readonly podRef: { readonly uid: string }
  readonly memory?: { readonly workingSetBytes?: number }
}

interface Input {
  readonly signal: string
  readonly pods: readonly Pod[]
  readonly stats: readonly PodStats[] | null
}

interface Expected {
  readonly order: readonly string[]
  readonly ties?: readonly (readonly [string, string])[]
}

type NamedPod = RankedPod & { readonly name: string }

function rankedPod(pod: Pod, stats: readonly PodStats[] | null): NamedPod {
  const found = stats?.find(({ podRef }) => podRef.uid === pod.metadata?.uid)
  return {
    name: pod.metadata?.name ?? '',
    usage: found === undefined ? undefined : (found.memory?.workingSetBytes ?? 0),
    request: rankedRequest(pod),
    priority: pod.spec?.priority ?? 0,
  }
}

describe.skipIf(!hasShared)('the recorded ranking by memory', () => {
  const cases = hasShared ? logicCases<Input, Expected>('eviction-rank') : []
  const byMemory = cases.filter(({ input }) => /^(memory|allocatableMemory)\.available$/.test(input.signal))

  it('has cases (shared data)', () => {
    expect(byMemory.length).toBe(230)
  })

  it('is the same up to its ties, and has the same ties (shared data)', () => {
    for (const { id, input, expected } of byMemory) {
      const pods = input.pods.map((pod) => rankedPod(pod, input.stats))
      const ordered = expected.order.map((name) => pods.find((pod) => pod.name === name))
      const keys = ordered.map((pod) => pod && [pod.usage, pod.request, pod.priority])
      const ranked = rankForMemory(pods)
      const tied = (one: string, other: string): boolean =>
        (expected.ties ?? []).some((pair) => pair.includes(one) && pair.includes(other))
      ranked.forEach((pod, index) => {
        const name = expected.order[index] ?? ''
        expect(pod.name === name || tied(pod.name, name), `${id}: ${JSON.stringify(keys)}`).toBe(true)
      })
      for (const one of ranked) {
        for (const other of ranked) {
          if (one === other) continue
          expect(compareForMemory(one, other) === 0, `${id} ${one.name} ${other.name}`).toBe(
            tied(one.name, other.name),
          )
        }
      }
    }
  })
})

describe('the ranking by memory', () => {
  const pod = (name: string, usage: number | undefined, request: number, priority = 0): NamedPod => ({
    name,
    usage,
    request,
    priority,
  })
  const names = (pods: NamedPod[]): string =>
    rankForMemory(pods)
      .map(({ name }) => name)
      .join(' ')

  it('takes pods above their request before those within it, whatever their priority', () => {
    expect(names([pod('within', 900, 1000, -5), pod('above', 11, 10, 100)])).toBe('above within')
  })

  it('goes by quality of service only through the request: best effort is always above it', () => {
    const guaranteed = pod('guaranteed', 500, 500)
    const burstable = pod('burstable', 700, 600)
    const bestEffort = pod('best-effort', 300, 0)
    expect(names([guaranteed, burstable, bestEffort])).toBe('best-effort burstable guaranteed')
    expect(names([guaranteed, pod('burstable', 1000, 600), bestEffort])).toBe(
      'burstable best-effort guaranteed',
    )
  })

  it('goes by priority, then by usage above the request', () => {
    expect(names([pod('big', 900, 100, 1), pod('small', 200, 100, 0), pod('mid', 300, 100, 0)])).toBe(
      'mid small big',
    )
  })

  it('begins with pods without stats', () => {
    expect(names([pod('known', 900, 0), pod('unknown', undefined, 10, 7)])).toBe('unknown known')
  })

  it('keeps ties in order, and is an order', () => {
    const any = fc.record({
      usage: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
      request: fc.integer({ min: 0, max: 4 }),
      priority: fc.integer({ min: -1, max: 1 }),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (pods) => {
        const ranked = rankForMemory(pods)
        for (let i = 0; i < ranked.length; i++) {
          for (let j = i + 1; j < ranked.length; j++) {
            const [one, other] = [ranked[i], ranked[j]]
            if (one === undefined || other === undefined) continue
            const order = compareForMemory(one, other)
            expect(order).toBeLessThanOrEqual(0)
            if (order === 0) expect(pods.indexOf(one)).toBeLessThan(pods.indexOf(other))
          }
        }
      }),
    )
  })
})
