import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { startNodeGroups } from '../../src/failure/node-group.ts'
import type { EffectDraw } from '../../src/failure/effect.ts'
import type { FailureEffect } from '../../src/failure/failure-log.ts'
import { MACHINE_FAULTS } from '../../src/node/machine.ts'
import { watchedFailures } from './watched-failures.ts'

const NODES = 4

const effects: fc.Arbitrary<FailureEffect> = fc.oneof(
  fc.constantFrom(...MACHINE_FAULTS).map((kind) => ({ kind })),
  fc.integer({ min: 1, max: 9 }).map((tenths) => ({ kind: 'slow' as const, speed: { cpu: tenths / 10 } })),
  fc.integer({ min: 1, max: 4 }).map((quarters) => ({ kind: 'diskFull' as const, share: quarters / 4 })),
)

const failures = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 60 }),
    span: fc.integer({ min: 1, max: 60 }),
    nodes: fc.uniqueArray(fc.integer({ min: 0, max: NODES - 1 }), { minLength: 1 }),
    effect: effects,
  }),
  { maxLength: 12 },
)

it('has on each machine what the failures that last do to it, and nothing else, at every moment', () => {
  fc.assert(
    fc.property(failures, (given) => {
      const test = watchedFailures(NODES)
      const { sim, machines } = test.cluster
      for (const [ordinal, { at, span, nodes, effect }] of given.entries()) {
        const rows = test.nodes.filter((_, place) => nodes.includes(place)).map(({ row }) => row)
        const draw: EffectDraw = () => effect
        startNodeGroups(sim, test.log, [{ name: '', nodes: () => rows }], {
          model: 'incident',
          ordinal,
          occurrence: { kind: 'once', at: at * SECOND, span: () => span * SECOND },
          effect: draw,
          part: {},
        })
      }
      for (let now = 0; now <= 125; now++) {
        test.cluster.runTo(now)
        for (const [place, { row }] of test.nodes.entries()) {
          const lasting = given
            .filter(({ at, span, nodes }) => nodes.includes(place) && at <= now && now < at + span)
            .map(({ effect }) => effect)
          for (const fault of MACHINE_FAULTS) {
            expect(machines.has(row, fault)).toBe(lasting.some(({ kind }) => kind === fault))
          }
          const speeds = lasting.map((effect) => (effect.kind === 'slow' ? (effect.speed.cpu ?? 1) : 1))
          expect(machines.strain.speedOf(row).cpu).toBe(Math.min(1, ...speeds))
          const taken = lasting.reduce(
            (sum, effect) => sum + (effect.kind === 'diskFull' ? effect.share : 0),
            0,
          )
          expect(machines.strain.diskTaken(row)).toBe(Math.min(1, taken))
        }
      }
    }),
    { numRuns: 60 },
  )
})
