import { expect, it } from 'vitest'
import { UsageModel } from '../../src/node/usage-model.ts'
import type { UsageOptions } from '../../src/node/usage-model.ts'
import { GIB, TestCluster } from './test-cluster.ts'

function modelOf(cluster: TestCluster, options: Partial<UsageOptions>): UsageModel {
  const streams = { factors: cluster.sim.random.stream('f'), rises: cluster.sim.random.stream('r') }
  return new UsageModel(cluster.api.pods, options, streams)
}

it('takes the peak that a trace knows, else a factor of the request', () => {
  const cluster = new TestCluster()
  const node = cluster.addNode('n0')
  const known = cluster.createPod({ node, memory: GIB, usedMemory: 5000 })
  const unknown = cluster.createPod({ node, memory: GIB })
  const model = modelOf(cluster, {})
  expect(model.draw(known)).toEqual({ initial: 5000, peak: 5000, riseAt: 0 })
  const peak = Math.round(0.8 * GIB)
  expect(model.draw(unknown)).toEqual({ initial: peak, peak, riseAt: 0 })
})

it('draws where in the run the memory rises from its first share to the peak', () => {
  const cluster = new TestCluster()
  const pod = cluster.createPod({ node: cluster.addNode('n0'), memory: 1000 })
  const model = modelOf(cluster, { memoryFactor: () => 2, initialShare: 0.25 })
  const draws = Array.from({ length: 1000 }, () => ({ ...model.draw(pod) }))
  expect(draws.every(({ initial, peak }) => initial === 500 && peak === 2000)).toBe(true)
  const mean = draws.reduce((sum, { riseAt }) => sum + riseAt, 0) / draws.length
  expect(mean).toBeCloseTo(0.5, 1)
})
