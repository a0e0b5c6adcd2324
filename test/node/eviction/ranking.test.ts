import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pod } from '../../../src/api/types.generated.ts'
import { MeasuredPods } from '../../../src/node/eviction/measured-pods.ts'
import { ONE_FILESYSTEM } from '../../../src/node/eviction/filesystems.ts'
import { compareForEviction, rankPods, rankedRequest, rankingOf } from '../../../src/node/eviction/ranking.ts'
import type { RankedPod } from '../../../src/node/eviction/ranking.ts'

type NamedPod = RankedPod & { readonly name: string }

describe('the ranking by memory', () => {
  const pod = (name: string, usage: number | undefined, request: number, priority = 0): NamedPod => ({
    name,
    usage,
    request,
    above: request,
    priority,
  })
  const names = (pods: NamedPod[]): string =>
    rankPods(pods)
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
    const any = fc
      .record({
        usage: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
        request: fc.integer({ min: 0, max: 4 }),
        priority: fc.integer({ min: -1, max: 1 }),
      })
      .map((pod) => ({ ...pod, above: pod.request }))
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (pods) => {
        const ranked = rankPods(pods)
        for (let i = 0; i < ranked.length; i++) {
          for (let j = i + 1; j < ranked.length; j++) {
            const [one, other] = [ranked[i], ranked[j]]
            if (one === undefined || other === undefined) continue
            const order = compareForEviction(one, other)
            expect(order).toBeLessThanOrEqual(0)
            if (order === 0) expect(pods.indexOf(one)).toBeLessThan(pods.indexOf(other))
          }
        }
      }),
    )
  })
})

describe('the ranking by disks, inodes and processes', () => {
  const pod = (name: string, requests: Record<string, string>, priority = 0): Pod => ({
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'main', resources: { requests } }], priority },
  })
  const stats = (usedBytes: number, inodesUsed: number, count: number) => ({
    containers: [{ name: 'main', rootfs: { usedBytes, inodesUsed }, logs: { usedBytes: 1, inodesUsed: 1 } }],
    process_stats: { process_count: count },
  })
  const pods = [
    pod('within', { 'ephemeral-storage': '100' }, -1),
    pod('above', { 'ephemeral-storage': '10' }, 5),
    pod('many', {}),
  ]
  const known = new Map([
    ['within', stats(50, 7, 3)],
    ['above', stats(20, 90, 2)],
    ['many', stats(0, 0, 9)],
  ])
  const order = (signal: Parameters<typeof rankingOf>[0], dedicatedImageFs = false): string => {
    const layout = { ...ONE_FILESYSTEM, dedicatedImageFs }
    const view = new MeasuredPods(pods, ({ metadata }) => known.get(metadata?.name ?? ''), layout)
    const ranked = pods.map((one) => ({
      name: one.metadata?.name ?? '',
      ...view.ranked(one, rankingOf(signal, layout)),
    }))
    return rankPods(ranked)
      .map(({ name }) => name)
      .join(' ')
  }

  it('takes those above their request of disk first, by priority', () => {
    expect(order('nodefs.available')).toBe('many above within')
    // Layers are on the other disk: only logs are left, which nobody but one asked for.
    expect(order('nodefs.available', true)).toBe('many within above')
    expect(order('imagefs.available', true)).toBe('above within many')
  })

  it('takes whoever uses inodes, as nobody can ask for them', () => {
    expect(order('nodefs.inodesFree')).toBe('within many above')
  })

  it('goes by priority, then by the number of processes', () => {
    expect(order('pid.available')).toBe('within many above')
  })

  it('counts the overhead of a pod with what it asked for, but not alone', () => {
    const withOverhead = (requests: Record<string, string>): Pod => ({
      spec: { containers: [{ name: 'c', resources: { requests } }], overhead: { memory: '10' } },
    })
    expect(rankedRequest(withOverhead({ memory: '5' }), 'memory')).toBe(15)
    expect(rankedRequest(withOverhead({}), 'memory')).toBe(0)
  })

  it('leaves requests of containers out where the pod has resources of its own', () => {
    const whole: Pod = {
      spec: {
        containers: [{ name: 'c', resources: { requests: { memory: '5', 'ephemeral-storage': '7' } } }],
        resources: { requests: { memory: '20' } },
      },
    }
    expect([rankedRequest(whole, 'memory'), rankedRequest(whole, 'ephemeral-storage')]).toEqual([20, 0])
  })
})
