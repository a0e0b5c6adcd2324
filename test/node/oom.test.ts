import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../src/api/types.generated.ts'
import { oomBadness, oomScoreAdj, oomVictim } from '../../src/node/oom.ts'
import type { OomCandidate } from '../../src/node/oom.ts'
import { hasShared } from '../shared-data.ts'
import { logicCases } from './logic-vectors.ts'
import { GIB } from './test-cluster.ts'

const PAGE = 4096

describe.skipIf(!hasShared)('the recorded scores of containers', () => {
  const cases = hasShared
    ? logicCases<{ pod: Pod; nodeMemoryCapacity: number }, { oomScoreAdj: Record<string, number> }>(
        'qos-requests',
      )
    : []

  it('are the same for every container (shared data)', () => {
    expect(cases.length).toBeGreaterThan(1000)
    for (const { id, input, expected } of cases) {
      const { containers = [], initContainers = [] } = input.pod.spec ?? {}
      const scores = [...containers, ...initContainers].map((container) => [
        container.name,
        oomScoreAdj(input.pod, container, input.nodeMemoryCapacity),
      ])
      expect(Object.fromEntries(scores), id).toEqual(expected.oomScoreAdj)
    }
  })
})

describe('oom_score_adj', () => {
  const main = (memory: string | undefined, limits?: Record<string, string>): Container => ({
    name: 'main',
    resources: {
      ...(memory === undefined ? {} : { requests: { cpu: '1', memory } }),
      ...(limits === undefined ? {} : { limits }),
    },
  })
  const scoreOf = (container: Container, priorityClassName?: string): number =>
    oomScoreAdj(
      {
        spec: {
          containers: [container],
          ...(priorityClassName === undefined ? {} : { priorityClassName, priority: 2_000_001_000 }),
        },
      },
      container,
      16 * GIB,
    )

  it('goes by class: guaranteed last, best effort first, burstable by the share of memory asked for', () => {
    expect(scoreOf(main('1Gi', { cpu: '1', memory: '1Gi' }))).toBe(-997)
    expect(scoreOf(main(undefined))).toBe(1000)
    expect(scoreOf(main('1Gi'))).toBe(938)
  })

  it('leaves burstable pods between the others: 3 to 999', () => {
    expect([scoreOf(main('1')), scoreOf(main('16Gi')), scoreOf(main('64Gi'))]).toEqual([999, 3, 3])
  })

  it('spares pods of the class system-node-critical', () => {
    expect(scoreOf(main(undefined), 'system-node-critical')).toBe(-997)
    expect(scoreOf(main(undefined), 'system-cluster-critical')).toBe(1000)
  })
})

describe('the kernel', () => {
  const candidate = fc.record({
    oomScoreAdj: fc.integer({ min: -997, max: 1000 }),
    usage: fc.integer({ min: 0, max: 64 }).map((share) => share * GIB),
  })

  it('kills the worst, and of equals the last', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 10 }), (candidates) => {
        const victim = oomVictim(candidates, 64 * GIB) as OomCandidate
        const worst = Math.max(...candidates.map((other) => oomBadness(other, 64 * GIB)))
        expect(oomBadness(victim, 64 * GIB)).toBe(worst)
        const last = candidates.findLast((other) => oomBadness(other, 64 * GIB) === worst)
        expect(victim).toBe(last)
      }),
    )
    expect(oomVictim([], GIB)).toBeUndefined()
  })

  it('counts a point of the score as a thousandth of the memory', () => {
    const thousandth = Math.floor((16 * GIB) / PAGE / 1000)
    expect(oomBadness({ oomScoreAdj: 938, usage: 2 * GIB }, 16 * GIB)).toBe(
      (2 * GIB) / PAGE + 938 * thousandth,
    )
    // Whoever uses more above its request is killed first, whatever it asked for.
    const small = { oomScoreAdj: 1000 - 62, usage: 3 * GIB }
    const large = { oomScoreAdj: 1000 - 500, usage: 9 * GIB }
    expect(oomVictim([small, large], 16 * GIB)).toBe(small)
  })
})
