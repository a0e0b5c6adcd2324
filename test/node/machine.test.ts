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
    { row, up: false, cause: 'a', at: 5_000_000 },
    { row, up: true, cause: 'a', at: 7_000_000 },
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
