import { expect, it } from 'vitest'

import { scorePlacement } from '../../plugins/fit-placement-score.ts'
import { mostAllocated } from '../../plugins/fit-scoring-strategy.ts'
import type { ResourceColumns } from '../../plugins/resource-columns.ts'
import type { NodeIndex, PodShape } from '../../src/scheduler/framework/index.ts'

const GPU = 'nvidia.com/gpu'

/** Nodes of 5 CPU, 5000 bytes and 5 GPUs, with what pods asked for on them. */
function nodesWith(used: readonly { cpu: number; gpu: number }[]): ResourceColumns {
  return {
    allocatableCpu: () => 5000,
    allocatableMemory: () => 5000,
    allocatableEphemeralStorage: () => 0,
    allocatableScalar: (_node, resource) => (resource === GPU ? 5 : 0),
    requestedCpu: (node) => used[node]?.cpu ?? 0,
    requestedMemory: () => 0,
    requestedEphemeralStorage: () => 0,
    requestedScalar: (node) => used[node]?.gpu ?? 0,
    nonZeroCpu: (node) => used[node]?.cpu ?? 0,
    nonZeroMemory: () => 0,
  }
}

function pod(cpu: number, memory: number, gpu = 0): PodShape {
  const requests = { cpu, memory, ephemeralStorage: 0, scalars: new Map([[GPU, gpu]]) }
  return { requests, scored: { cpu, memory } } as unknown as PodShape
}

function scoreOf(resources: readonly string[], pods: readonly PodShape[], nodes: ResourceColumns): number {
  const strategy = mostAllocated(resources.map((name) => ({ name, weight: 1 })))
  const placement = { name: 'rack', nodes: [0, 1] as NodeIndex[] }
  return scorePlacement(strategy, nodes, { placement, pods, scheduled: pods.length })
}

it('counts the pods that would come on all nodes of the placement together', () => {
  const pods = [pod(1000, 0), pod(2000, 2000)]
  expect(scoreOf(['cpu', 'memory'], pods, nodesWith([]))).toBe(25)
})

it('counts the pods that are there, and no nodes beyond the placement', () => {
  const pods = [pod(1000, 0), pod(2000, 2000)]
  const nodes = nodesWith([
    { cpu: 1000, gpu: 0 },
    { cpu: 0, gpu: 0 },
    { cpu: 5000, gpu: 0 },
  ])
  expect(scoreOf(['cpu', 'memory'], pods, nodes)).toBe(30)
})

it('counts an extended resource when one of the pods asks for it', () => {
  const nodes = nodesWith([{ cpu: 1000, gpu: 1 }])
  // cpu 30, memory 20, gpu 20.
  expect(scoreOf(['cpu', 'memory', GPU], [pod(1000, 0), pod(1000, 2000, 1)], nodes)).toBe(23)
  expect(scoreOf(['cpu', 'memory', GPU], [pod(1000, 0), pod(1000, 2000)], nodes)).toBe(25)
})

it('leaves out what no node has', () => {
  expect(scoreOf(['cpu', 'ephemeral-storage'], [pod(1000, 0)], nodesWith([]))).toBe(10)
})
