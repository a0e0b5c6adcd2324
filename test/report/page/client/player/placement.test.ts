import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Placement } from '../../../../../src/report/page/client/player/placement.ts'
import type { PlayerNode } from '../../../../../src/report/page/report-data.ts'
import { podColumns } from './pod-builder.ts'

const NODES: readonly PlayerNode[] = [
  { name: 'a', cpuMillicores: 4000, memoryBytes: 1, gpuMilli: 0, down: [[3, 5]] },
  { name: 'b', cpuMillicores: 4000, memoryBytes: 1, gpuMilli: 0, from: 2, to: 9 },
  { name: 'c', cpuMillicores: 4000, memoryBytes: 1, gpuMilli: 0 },
]

const podArbitrary = fc
  .record({
    node: fc.nat(2),
    createdAt: fc.nat(20),
    waits: fc.oneof(fc.constant(0), fc.nat(9), fc.constant(Infinity)),
    runs: fc.nat(5),
    lasts: fc.nat(20),
    stays: fc.boolean(),
  })
  .map(({ node, createdAt, waits, runs, lasts, stays }) => ({
    node: waits === Infinity ? NODES.length : node,
    createdAt,
    boundAt: createdAt + waits,
    runningAt: createdAt + waits + runs,
    endedAt: stays ? Infinity : createdAt + (waits === Infinity ? 0 : waits) + lasts,
  }))

const podsArbitrary = fc
  .array(podArbitrary, { maxLength: 300 })
  .map((pods) => pods.toSorted((one, other) => one.boundAt - other.boundAt || 0))

/** Whether a pod is there without a node. */
function waitsAt(
  pod: { readonly createdAt: number; readonly boundAt: number; readonly endedAt: number } | undefined,
  at: number,
): boolean {
  return pod !== undefined && pod.createdAt <= at && at < pod.boundAt && at < pod.endedAt
}

describe('a placement', () => {
  it('knows the most pods that ever wait at an instant', () => {
    fc.assert(
      fc.property(podsArbitrary, (pods) => {
        const counts = Array.from({ length: 60 }, (_, at) => pods.filter((pod) => waitsAt(pod, at)).length)
        expect(new Placement(podColumns(pods), NODES).waitingPeak()).toBe(Math.max(...counts))
      }),
    )
  })

  it('has at any instant, from wherever it comes, the pods that a look at all of them finds', () => {
    fc.assert(
      fc.property(
        podsArbitrary,
        fc.array(fc.integer({ min: -1, max: 45 }), { minLength: 1 }),
        (pods, instants) => {
          const placement = new Placement(podColumns(pods), NODES)
          for (const at of instants) {
            placement.seek(at)
            const there = pods.flatMap((pod, row) => (pod.boundAt <= at && at < pod.endedAt ? [row] : []))
            for (const node of NODES.keys()) {
              expect(placement.podsOn(node)).toEqual(there.filter((row) => pods[row]?.node === node))
            }
            expect(placement.podCount).toBe(there.length)
            const waiting = [...pods.keys()]
              .filter((row) => waitsAt(pods[row], at))
              .toSorted((one, other) => (pods[one]?.createdAt ?? 0) - (pods[other]?.createdAt ?? 0))
            expect(placement.waiting.count).toBe(waiting.length)
            expect(placement.waiting.first(Infinity)).toEqual(waiting)
            expect(placement.waiting.first(2)).toEqual(waiting.slice(0, 2))
            for (const row of there) expect(placement.isStarting(row)).toBe(at < (pods[row]?.runningAt ?? 0))
          }
        },
      ),
    )
  })

  it('names each node that looks different after a move', () => {
    fc.assert(
      fc.property(
        podsArbitrary,
        fc.array(fc.integer({ min: -1, max: 45 }), { minLength: 2 }),
        (pods, instants) => {
          const placement = new Placement(podColumns(pods), NODES)
          const look = (node: number): string =>
            JSON.stringify([
              placement.stateOf(node),
              placement.podsOn(node).map((row) => [row, placement.isStarting(row)]),
            ])
          for (const at of instants) {
            const looks = NODES.map((_, node) => look(node))
            placement.takeChanged()
            placement.seek(at)
            const changed = placement.takeChanged()
            const differs = [...NODES.keys()].filter((node) => look(node) !== looks[node])
            if (changed !== 'all') expect(changed).toEqual(expect.arrayContaining(differs))
          }
        },
      ),
    )
  })

  it('plays small moves and reads all pods for large ones', () => {
    const pods = Array.from({ length: 1000 }, (_, row) => ({
      node: row % 3,
      boundAt: row,
      runningAt: row + 0.5,
      endedAt: row + 100,
    }))
    const placement = new Placement(podColumns(pods), NODES)
    placement.seek(500)
    expect(placement.takeChanged()).toBe('all')
    placement.seek(500.7)
    expect(placement.takeChanged()).toEqual([2])
    expect(placement.podsOn(2).at(-1)).toBe(500)
    placement.seek(499)
    expect(placement.takeChanged()).toHaveLength(2)
    placement.seek(50)
    expect(placement.takeChanged()).toBe('all')
  })

  it('knows what became of its nodes', () => {
    const placement = new Placement(podColumns([]), NODES)
    const statesAt = (at: number): readonly string[] => {
      placement.seek(at)
      return [...NODES.keys()].map((node) => placement.stateOf(node))
    }
    expect(statesAt(0)).toEqual(['up', 'absent', 'up'])
    expect(statesAt(3)).toEqual(['down', 'up', 'up'])
    expect(statesAt(5)).toEqual(['up', 'up', 'up'])
    expect(statesAt(9)).toEqual(['up', 'absent', 'up'])
  })

  it('steps from event to event, of pods and of nodes', () => {
    const placement = new Placement(podColumns([{ node: 0, boundAt: 1, runningAt: 4, endedAt: 8 }]), NODES)
    const after: number[] = []
    for (let at: number | undefined = 0; at !== undefined; at = placement.neighbour(at, 1)) after.push(at)
    expect(after).toEqual([0, 1, 2, 3, 4, 5, 8, 9])
    const before: number[] = []
    for (let at: number | undefined = 9; at !== undefined; at = placement.neighbour(at, -1)) before.push(at)
    expect(before).toEqual([9, 8, 5, 4, 3, 2, 1])
  })
})
