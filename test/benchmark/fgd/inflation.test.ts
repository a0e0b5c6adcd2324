import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { inflate } from '../../../src/benchmark/fgd/inflation.ts'
import { readStudyInput } from '../../../src/benchmark/fgd/study-input.ts'
import type { StudyInput } from '../../../src/benchmark/fgd/study-input.ts'
import { temporaryDirectory } from '../../report/temporary-directory.ts'
import { writeOpenbSample } from './openb-sample.ts'

function sampleInput(): StudyInput {
  const folder = temporaryDirectory()
  writeOpenbSample(folder)
  return readStudyInput(
    path.join(folder, 'openb_node_list_gpu_node.csv'),
    path.join(folder, 'openb_pod_list_small.csv'),
  )
}

function asked(pods: readonly { readonly milli: number }[]): number {
  return pods.reduce((sum, pod) => sum + pod.milli, 0)
}

describe('inflation', () => {
  it('adds pods drawn from the file until another share of a GPU would be too much', () => {
    const input = sampleInput()
    const tune = (2.2 * asked(input.pods)) / input.capacity
    const { pods } = inflate(input, 42, tune)
    const added = pods.slice(input.pods.length)
    const first = pods.slice(0, input.pods.length).map(({ name }) => name)
    expect(first.toSorted()).toEqual(input.pods.map(({ name }) => name))
    expect(first).not.toEqual(first.toSorted())
    expect(added.length).toBeGreaterThan(50)
    expect(added.every(({ name }, index) => name.endsWith(`-tuned-${index}`))).toBe(true)
    // Of a pod of several GPUs only the share of one is held against what is wanted.
    for (const [index, pod] of added.entries()) {
      const before = asked(pods.slice(0, input.pods.length + index))
      expect(before + pod.gpu.milli).toBeLessThanOrEqual(tune * input.capacity)
    }
    expect(asked(pods)).toBeGreaterThan(tune * input.capacity - 1000)
  })

  it('removes pods until no more is asked for than wanted', () => {
    const input = sampleInput()
    const tune = (0.5 * asked(input.pods)) / input.capacity
    const { pods } = inflate(input, 42, tune)
    expect(asked(pods)).toBeLessThanOrEqual(tune * input.capacity)
    expect(asked(pods)).toBeGreaterThan(tune * input.capacity - 8000)
    expect(new Set(pods.map(({ name }) => name)).size).toBe(pods.length)
    expect(pods.every(({ name }) => !name.includes('tuned'))).toBe(true)
  })

  it('has every node once, in an order that follows from the seed', () => {
    const input = sampleInput()
    const { nodes } = inflate(input, 42, 1.3)
    expect(nodes.toSorted((one, other) => one - other)).toEqual(input.nodes.map((_, index) => index))
    expect(inflate(input, 42, 1.3)).toEqual(inflate(input, 42, 1.3))
    expect(inflate(input, 43, 1.3).nodes).not.toEqual(nodes)
  })
})
