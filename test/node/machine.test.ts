import { expect, it } from 'vitest'
import type { MachineChange } from '../../src/node/machine.ts'
import { GIB, TestCluster } from './test-cluster.ts'

it('is up again when the last cause that holds it down has ended', () => {
  const cluster = new TestCluster()
  const { machines } = cluster
  const row = cluster.addNode('n0')
  machines.crash(row, 'a')
  machines.crash(row, 'a')
  machines.crash(row, 'b')
  machines.restore(row, 'a')
  expect(machines.isUp(row)).toBe(false)
  machines.restore(row, 'a')
  machines.restore(row, 'never')
  expect(machines.isUp(row)).toBe(false)
  machines.restore(row, 'b')
  expect(machines.isUp(row)).toBe(true)
})

it('tells observers inside the change, and watchers by an event of the same instant, once a change', () => {
  const cluster = new TestCluster()
  const { machines, sim } = cluster
  const row = cluster.addNode('n0')
  const observed: MachineChange[] = []
  const watched: MachineChange[] = []
  machines.observe((change) => observed.push(change))
  machines.watch('test', (change) => watched.push(change))
  cluster.at(5, () => {
    machines.crash(row, 'a')
    machines.crash(row, 'b')
    expect([observed.length, watched.length]).toEqual([1, 0])
  })
  cluster.at(7, () => {
    machines.restore(row, 'b')
    machines.restore(row, 'a')
  })
  cluster.runTo(10)
  const changes = [
    { row, fault: 'down', up: false, cause: 'a', at: 5_000_000 },
    { row, fault: 'down', up: true, cause: 'a', at: 7_000_000 },
  ]
  expect([observed, watched]).toEqual([changes, changes])
  expect(sim.now).toBe(10_000_000)
})

it('knows the memory of a machine: its capacity, else what it has to give', () => {
  const cluster = new TestCluster()
  const row = cluster.addNode('n0', { memory: '64Gi' })
  cluster.api.nodes.create({ metadata: { name: 'n1' }, status: { allocatable: { memory: '2Gi' } } })
  cluster.api.nodes.create({ metadata: { name: 'n2' } })
  const bytes = ['n0', 'n1', 'n2'].map((name) =>
    cluster.machines.memoryCapacity(cluster.api.nodeRows.everRowOf(name)),
  )
  expect(bytes).toEqual([64 * GIB, 2 * GIB, 0])
  expect(row).toBe(0)
})

it('keeps faults apart: each begins and ends on its own, and is told to those who asked for it', () => {
  const cluster = new TestCluster()
  const { machines } = cluster
  const row = cluster.addNode('n0')
  const told: string[] = []
  machines.watch('cuts', ({ fault, up }) => told.push(`${fault} ${up}`), ['cutOff', 'hung'])
  const state = (): unknown => [machines.isUp(row), machines.reports(row), machines.has(row, 'cutOff')]
  cluster.at(1, () => machines.begin(row, 'cutOff', 'a'))
  cluster.at(2, () => machines.crash(row, 'b'))
  cluster.at(3, () => machines.end(row, 'cutOff', 'a'))
  cluster.at(4, () => machines.restore(row, 'b'))
  cluster.at(5, () => machines.begin(row, 'hung', 'c'))
  const states: unknown[] = []
  for (const second of [1.5, 2.5, 3.5, 4.5, 5.5]) cluster.at(second, () => states.push(state()))
  cluster.runTo(10)
  expect(states).toEqual([
    [true, false, true],
    [false, false, true],
    [false, false, false],
    [true, true, false],
    [true, false, false],
  ])
  expect(told).toEqual(['cutOff false', 'cutOff true', 'hung false'])
})

it('is as slow as the worst of what slows it, and tells of it', () => {
  const cluster = new TestCluster()
  const { strain } = cluster.machines
  const row = cluster.addNode('n0')
  let told = 0
  strain.watch('test', () => (told += 1))
  strain.slow(row, { cpu: 0.5 }, 'a')
  strain.slow(row, { cpu: 0.8, disk: 0.25 }, 'b')
  expect(strain.speedOf(row)).toEqual({ cpu: 0.5, disk: 0.25, network: 1 })
  strain.recover(row, 'a')
  expect(strain.speedOf(row)).toEqual({ cpu: 0.8, disk: 0.25, network: 1 })
  strain.recover(row, 'b')
  strain.recover(row, 'b')
  expect(strain.speedOf(row)).toEqual({ cpu: 1, disk: 1, network: 1 })
  strain.fillDisk(row, 0.7, 'c')
  strain.fillDisk(row, 0.6, 'd')
  expect(strain.diskTaken(row)).toBe(1)
  strain.emptyDisk(row, 'c')
  expect(strain.diskTaken(row)).toBe(0.6)
  cluster.runTo(1)
  expect(told).toBe(7)
})

it('is gone for good once it was terminated, whatever else ends', () => {
  const cluster = new TestCluster()
  const { machines } = cluster
  const row = cluster.addNode('n0')
  const gone: number[] = []
  machines.watchTerminations('test', (node) => gone.push(node))
  machines.crash(row, 'a')
  machines.terminate(row, 'spot')
  machines.terminate(row, 'spot')
  machines.restore(row, 'a')
  machines.restore(row, 'spot')
  cluster.runTo(1)
  expect([machines.isUp(row), machines.isTerminated(row), gone]).toEqual([false, true, [row]])
})
