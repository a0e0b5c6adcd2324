import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { GENERATED, compileScanKernel, generatedModule } from '../../scripts/compile-scan-kernel.ts'
import { KernelRows, balanceOf } from '../../src/scheduler/kernel-rows.ts'
import { NodeAmounts } from '../../src/scheduler/node-amounts.ts'
import { KernelScan } from '../../src/scheduler/kernel-scan.ts'
import type { ScanAsk } from '../../src/scheduler/kernel-scan.ts'
import { firstByHeap } from '../../src/scheduler/tie-break.ts'

it('the module is what its source compiles to', async () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(generatedModule(await compileScanKernel()))
})

interface Machine {
  readonly cpu: number
  readonly memory: number
  readonly usedCpu: number
  readonly usedMemory: number
  /** What pods count for in scores beyond what they ask for. */
  readonly moreCpu: number
  readonly moreMemory: number
  readonly places: number
  readonly other: number
}

interface Size {
  readonly cpu: number
  readonly memory: number
}

interface Load {
  readonly cpuShare: number
  readonly memoryShare: number
  readonly nudge: number
  readonly places: number
  readonly other: number
}

/** Few sizes, so that totals tie. */
const size: fc.Arbitrary<Size> = fc.record({
  cpu: fc.constantFrom(1000, 4000, 7000, 64_000, 2 ** 46),
  memory: fc.constantFrom(2 ** 32, 3 * 2 ** 30, 100_000_000_000, 2 ** 42, 2 ** 46),
})

/** Shares that end on the edge of an integer. */
const load: fc.Arbitrary<Load> = fc.record({
  cpuShare: fc.integer({ min: 0, max: 110 }),
  memoryShare: fc.integer({ min: 0, max: 110 }),
  nudge: fc.integer({ min: -1, max: 1 }),
  places: fc.integer({ min: -1, max: 3 }),
  other: fc.constantFrom(0, 0, 0, 300, 7, -1),
})

/** Hardly any, so that very many nodes tie. */
const lightLoad: fc.Arbitrary<Load> = fc.record({
  cpuShare: fc.constantFrom(0, 0, 0, 0, 3, 20, 99, 100),
  memoryShare: fc.constantFrom(0, 0, 0, 0, 3, 50),
  nudge: fc.constantFrom(0, 0, 0, 0, 0, 1),
  places: fc.constantFrom(1, 1, 1, 1, 1, 0),
  other: fc.constant(20),
})

function machineOf({ cpu, memory }: Size, { cpuShare, memoryShare, nudge, places, other }: Load): Machine {
  return {
    cpu,
    memory,
    usedCpu: Math.max(0, Math.round((cpu * cpuShare) / 100) + nudge),
    usedMemory: Math.max(0, Math.round((memory * memoryShare) / 100) + nudge),
    moreCpu: 0,
    moreMemory: 0,
    places,
    other,
  }
}

/** Of all sizes; on some, pods on them count as if one asked for no memory. */
const mixed: fc.Arbitrary<Machine[]> = fc.array(
  fc.tuple(size, load).map(([ofSize, withLoad]) => {
    const more = { moreCpu: 100, moreMemory: withLoad.places > 1 ? 200 * 2 ** 20 : 0 }
    return { ...machineOf(ofSize, withLoad), ...more }
  }),
  { maxLength: 90 },
)

/** Of one size. */
function alike(loads: fc.Arbitrary<Load>): fc.Arbitrary<Machine[]> {
  return fc
    .tuple(size, fc.array(loads, { maxLength: 150, size: 'max' }))
    .map(([ofSize, drawn]) => drawn.map((withLoad) => machineOf(ofSize, withLoad)))
}

function amountsOf(machines: readonly Machine[]): NodeAmounts {
  const amounts = new NodeAmounts()
  machines.forEach(({ cpu, memory, usedCpu, usedMemory, moreCpu, moreMemory, places }, node) => {
    amounts.setAllocatable(node, { cpu, memory, pods: 10 })
    amounts.addRequested(node, usedCpu, usedMemory)
    amounts.addNonZero(node, usedCpu + moreCpu, usedMemory + moreMemory)
    amounts.setPodCount(node, 10 - places)
  })
  return amounts
}

/** A total by divisions. */
function totalOf(ask: ScanAsk, machine: Machine): number {
  const { cpu, memory, usedCpu, usedMemory, moreCpu, moreMemory, other } = machine
  const left = (asked: number, whole: number): number =>
    asked > whole ? 0 : Math.floor(((whole - asked) * 100) / whole)
  const freeCpu = left(usedCpu + moreCpu + ask.scoredCpu, cpu)
  const freeMemory = left(usedMemory + moreMemory + ask.scoredMemory, memory)
  const [askedCpu, askedMemory] = [Math.max(0, ask.cpu), Math.max(0, ask.memory)]
  const after = balanceOf(usedCpu + askedCpu, cpu, usedMemory + askedMemory, memory)
  const balance = 50 + Math.trunc((50 + after - balanceOf(usedCpu, cpu, usedMemory, memory)) / 2)
  return other + ask.freeWeight * Math.floor((freeCpu + freeMemory) / 2) + ask.balanceWeight * balance
}

/** The pass by divisions, one node after the other. */
function byDivision(
  ask: ScanAsk,
  machines: readonly Machine[],
  order: Int32Array,
  { start, limit }: { readonly start: number; readonly limit: number },
): { node: number; found: number; evaluated: number } {
  const found: number[] = []
  const totals: number[] = []
  let evaluated = 0
  for (; evaluated < order.length; evaluated++) {
    const node = order[(start + evaluated) % order.length] as number
    const machine = machines[node] as Machine
    const { cpu, memory, usedCpu, usedMemory, places, other } = machine
    if (ask.cpu > cpu - usedCpu || ask.memory > memory - usedMemory || places < 1 || other < 0) continue
    if (found.length === limit) break
    found.push(node)
    totals.push(totalOf(ask, machine))
  }
  const node = found.length === 0 ? -1 : (found[firstByHeap(totals, totals.length)] as number)
  return { node, found: found.length, evaluated }
}

/** What other plugins give is such that all totals are the same: a total that is too low or too high moves the choice. */
function leveled(ask: ScanAsk, machines: readonly Machine[]): Machine[] {
  const totals = machines.map((machine) => totalOf(ask, machine) - machine.other)
  const highest = Math.max(0, ...totals)
  return machines.map((machine, node) => {
    const other = machine.other < 0 ? -1 : highest - (totals[node] as number)
    return { ...machine, other }
  })
}

const asDrawn = (_ask: ScanAsk, machines: readonly Machine[]): readonly Machine[] => machines

describe.each([
  { name: 'any totals', machines: mixed, level: asDrawn },
  { name: 'equal totals', machines: mixed, level: leveled },
  { name: 'nodes of one size', machines: alike(load), level: asDrawn },
  { name: 'nodes of one size and equal totals', machines: alike(load), level: leveled },
  { name: 'hardly any load', machines: alike(lightLoad), level: asDrawn },
])('with $name', ({ machines: drawnMachines, level }) => {
  it('the pass by fours and single floats is the one by nodes and divisions, wherever it starts and ends', () => {
    let ties = 0
    fc.assert(
      fc.property(
        drawnMachines,
        fc.record({ start: fc.nat(), limit: fc.integer({ min: 1, max: 155 }), rotation: fc.nat() }),
        fc.record({
          cpu: fc.constantFrom(-Infinity, 1, 100, 640, 2000),
          memory: fc.constantFrom(-Infinity, 1, 2 ** 20, 2 ** 30, 1_000_000_000),
          freeWeight: fc.constantFrom(0, 1, 1, 2, 3, 40_000),
          balanceWeight: fc.constantFrom(0, 1, 1, 2, 3, 40_000),
        }),
        (drawn, place, { cpu, memory, freeWeight, balanceWeight }) => {
          const scored = { scoredCpu: Math.max(0, cpu), scoredMemory: Math.max(0, memory) }
          const ask: ScanAsk = { cpu, memory, ...scored, freeWeight, balanceWeight }
          const machines = level(ask, drawn)
          const count = machines.length
          const order = Int32Array.from(machines, (_, index) => (index + place.rotation) % Math.max(1, count))
          const amounts = amountsOf(machines)
          const rows = new KernelRows()
          machines.forEach((_, node) => rows.allocate(node, amounts))
          const others = { total: Float64Array.from(machines, ({ other }) => other), completeEpoch: 1 }
          const start = count === 0 ? 0 : place.start % count
          const scan = new KernelScan().run(ask, { order, rows, others, amounts }, start, place.limit)
          const expected = byDivision(ask, machines, order, { start, limit: place.limit })
          expect({ ...scan }).toEqual(expected)
          if (expected.found > 1) ties += 1
        },
      ),
      { numRuns: 2000, seed: 11 },
    )
    expect(ties).toBeGreaterThan(500)
  })
})

it('rows follow what changes after they were laid out', () => {
  const machines = Array.from({ length: 9 }, () => ({
    cpu: 4000,
    memory: 2 ** 33,
    usedCpu: 0,
    usedMemory: 0,
    moreCpu: 0,
    moreMemory: 0,
    places: 1,
    other: 0,
  }))
  const amounts = amountsOf(machines)
  const rows = new KernelRows()
  machines.forEach((_, node) => rows.allocate(node, amounts))
  const others = { total: new Float64Array(9), completeEpoch: 1 }
  const ask = { cpu: 1, memory: 1, scoredCpu: 1, scoredMemory: 1 }
  const order = Int32Array.from(machines, (_, index) => 8 - index)
  const run = (): number =>
    new KernelScan().run({ ...ask, freeWeight: 1, balanceWeight: 1 }, { order, rows, others, amounts }, 0, 9)
      .node
  expect(run()).toBe(8)
  amounts.setPodCount(8, 10)
  rows.count(8, amounts)
  expect(run()).toBe(7)
  others.total[0] = 5
  others.completeEpoch = 2
  expect(run()).toBe(0)
  amounts.setAllocatable(0, { cpu: 0, memory: 2 ** 33, pods: 10 })
  rows.allocate(0, amounts)
  expect(rows.oddNodes).toBe(1)
})
