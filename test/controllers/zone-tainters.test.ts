import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomStreams } from '../../src/base/random.ts'
import { NEVER, SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { computeZoneState, taintingRate } from '../../src/controllers/zone-state.ts'
import { ZoneTainters } from '../../src/controllers/zone-tainters.ts'
import type { ZoneOptions } from '../../src/controllers/zone-tainters.ts'

const OPTIONS: ZoneOptions = {
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeZone: 5,
  unhealthyThreshold: 0.55,
}

interface Model {
  readonly zone: string
  readonly isExcluded: boolean
  readonly isReady: boolean
}

function nodeOf({ zone, isExcluded }: Model) {
  return {
    metadata: {
      labels: {
        'topology.kubernetes.io/zone': zone,
        ...(isExcluded ? { 'node.kubernetes.io/exclude-disruption': '' } : {}),
      },
    },
  }
}

/** A change of the cluster: a node joins, moves or changes its state, or leaves. */
const change = fc.record({
  row: fc.integer({ min: 0, max: 11 }),
  isGone: fc.boolean(),
  zone: fc.constantFrom('a', 'b', 'c'),
  isExcluded: fc.boolean(),
  isReady: fc.boolean(),
})

/** The same by counting all nodes at each look: the state of each zone, and the rate that was set when it changed last. */
class CountedZones {
  #isAll = false
  #zones = new Map<string, { state: string; rate: number }>()

  judge(models: Iterable<Model>): void {
    const counts = new Map<string, { ready: number; notReady: number }>()
    for (const { zone, isExcluded, isReady } of models) {
      if (isExcluded) continue
      const count = counts.get(zone) ?? { ready: 0, notReady: 0 }
      count[isReady ? 'ready' : 'notReady'] += 1
      counts.set(zone, count)
    }
    const states = [...counts].map(([zone, { ready, notReady }]) => {
      return { zone, size: ready + notReady, state: computeZoneState(ready, notReady, 0.55) }
    })
    const wasAll = this.#isAll
    this.#isAll = states.length > 0 && states.every(({ state }) => state === 'FullDisruption')
    const next = new Map<string, { state: string; rate: number }>()
    for (const { zone, size, state } of states) {
      const known = this.#zones.get(zone) ?? { state: 'Normal', rate: OPTIONS.evictionRate }
      const isSame = known.state === state && wasAll === this.#isAll
      const rate = this.#isAll ? 0 : taintingRate(state, size, OPTIONS)
      next.set(zone, { state, rate: isSame ? known.rate : rate })
    }
    this.#zones = next
  }

  rate(zone: string): number | undefined {
    return this.#zones.get(zone)?.rate
  }
}

describe('the zones of a cluster', () => {
  it('are judged as by counting all nodes, whatever changes', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 60 }),
        fc.constantFrom('a', 'b', 'c'),
        (changes, zone) => {
          const tainters = new ZoneTainters(new RandomStreams(1), OPTIONS)
          const models = new Map<number, Model>()
          const counted = new CountedZones()
          let now = 0
          for (const { row, isGone, ...model } of changes) {
            now += SECOND
            if (isGone) tainters.leave(row as NodeRow)
            else tainters.put(row as NodeRow, nodeOf(model), model.isReady)
            if (isGone) models.delete(row)
            else models.set(row, model)
            tainters.judge(now)
            counted.judge(models.values())
          }
          const rate = counted.rate(zone)
          fc.pre(rate !== undefined)
          // Two nodes of the zone that wait: the second comes one span after the first.
          const waiting = [...models].filter((entry) => entry[1].zone === zone).map(([row]) => row as NodeRow)
          fc.pre(waiting.length >= 2)
          now += 10_000 * SECOND
          for (const row of tainters.take(now)) expect(row).toBeDefined()
          for (const row of waiting.slice(0, 2)) tainters.enqueue(row, false)
          now += 10_000 * SECOND
          const first = [...tainters.take(now)]
          if (rate === 0 || rate === undefined) expect([first, tainters.nextAt(now)]).toEqual([[], NEVER])
          else expect([first.length, tainters.nextAt(now)]).toEqual([1, now + SECOND / rate])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('draw who is next: each of those that wait, about as often', () => {
    const counts = new Map<NodeRow, number>()
    for (let seed = 0; seed < 600; seed++) {
      const tainters = new ZoneTainters(new RandomStreams(seed), OPTIONS)
      for (let row = 0; row < 6; row++) {
        tainters.put(row as NodeRow, {}, row >= 3)
        if (row < 3) tainters.enqueue(row as NodeRow, false)
      }
      const [next = -1 as NodeRow] = tainters.take(0)
      counts.set(next, (counts.get(next) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((one, other) => one - other)).toEqual([0, 1, 2])
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(50)
  })

  it('take nobody twice who is tainted, and everybody again who no longer is', () => {
    const tainters = new ZoneTainters(new RandomStreams(1), OPTIONS)
    const row = 0 as NodeRow
    for (let other = 0; other < 6; other++) tainters.put(other as NodeRow, {}, other > 0)
    const taken = (second: number): NodeRow[] => [...tainters.take(second * SECOND)]
    tainters.enqueue(row, false)
    expect(taken(0)).toEqual([row])
    tainters.enqueue(row, true)
    expect(taken(100)).toEqual([])
    tainters.enqueue(row, false)
    expect(taken(200)).toEqual([row])
    tainters.dequeue(row)
    tainters.enqueue(row, true)
    expect(taken(300)).toEqual([row])
  })
})
