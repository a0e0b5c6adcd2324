import { expect, it } from 'vitest'

import { runReport } from '../../../../src/report/page/build/run-view.ts'
import { HEAT_CELLS_MAX, HEAT_ROWS_MAX } from '../../../../src/report/page/build/heat-map.ts'
import { inlineJson } from '../../../../src/report/page/page-html.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { noise } from '../fixture.ts'
import { writeRun, writeTable } from './made-run.ts'

const MIB = 1024 * 1024

/** A run whose numbers have nothing that a compressor could use. */
function writeNoisyRun(directory: string, nodeCount: number, podCount: number): void {
  const name = (node: number): string => `node-${String(node).padStart(4, '0')}`
  writeRun(directory, { simulated_s: 86_400 })
  const capacity = {
    cpu_allocatable_millicores: 64_000,
    memory_allocatable_bytes: 2 ** 38,
    pods_allocatable: 110,
  }
  writeTable(
    directory,
    'nodes.csv',
    Array.from({ length: nodeCount }, (_, node) => ({
      ...capacity,
      node: name(node),
      gpu_allocatable_milli: 0,
      crashes: 0,
    })),
  )
  writeTable(
    directory,
    'pods.csv',
    Array.from({ length: podCount }, (_, pod) => {
      const boundAt = Number((noise(1, pod) * 80_000).toFixed(6))
      return {
        namespace: 'default',
        name: `batch-${pod}`,
        owner_kind: 'Task',
        owner: `batch-${pod}`,
        qos: 'Burstable',
        priority: Math.floor(noise(2, pod) * 3),
        cpu_millicores: Math.floor(noise(3, pod) * 8000),
        memory_bytes: Math.floor(noise(4, pod) * 2 ** 35),
        gpu_milli: 0,
        bound_s: boundAt,
        running_s: Number((boundAt + noise(5, pod)).toFixed(6)),
        finished_s: Number((boundAt + noise(6, pod) * 6000).toFixed(6)),
        node: name(Math.floor(noise(7, pod) * nodeCount)),
        outcome: 'Succeeded',
      }
    }),
  )
}

it('is at most 5 MiB for 100,000 pods on 5,000 nodes', async () => {
  const directory = temporaryDirectory()
  writeNoisyRun(directory, 5000, 100_000)
  const data = await runReport(directory, '1')
  expect(data.runs[0]?.player?.names).toHaveLength(100_000)
  expect(data.runs[0]?.heat?.nodes).toHaveLength(5000)
  expect(inlineJson(data).length).toBeLessThan(5 * MIB)
}, 60_000)

it('lets more nodes share rows of the heat map, of which each shows the fullest', async () => {
  const directory = temporaryDirectory()
  writeNoisyRun(directory, 2 * HEAT_ROWS_MAX + 1, 100)
  const heat = (await runReport(directory, '1')).runs[0]?.heat
  expect(heat?.nodesPerRow).toBe(3)
  const rows = Math.ceil((2 * HEAT_ROWS_MAX + 1) / 3)
  for (const { cells } of heat?.resources ?? []) {
    expect(cells.length).toBe(rows * (heat?.spans ?? 0))
    expect(cells.length).toBeLessThanOrEqual(HEAT_CELLS_MAX)
  }
}, 60_000)
