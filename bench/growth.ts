/**
 * How does a decision become dearer from 1,000 to 100,000 nodes at default sampling, and how much memory does a node of a whole
 * run take? Memory is what is live after a collection, in this process.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { replayScenario } from '../src/benchmark/replay.ts'
import { replayRun } from '../src/run/run.ts'
import { measure } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'
import { decisionGrowthCases } from './decision.ts'

const NODES = [1_000, 101_000] as const

/** Decisions at three sizes, each beside the bare loop; how often as dear the largest is; bytes a node. */
export async function growthRows(): Promise<BenchRow[]> {
  const rows = await measure(decisionGrowthCases())
  const ours = rows.filter(({ name }) => !name.endsWith('bare loop'))
  const [first, last] = [ours[0], ours.at(-1)]
  if (first === undefined || last === undefined) throw new Error('nothing was measured')
  return [
    ...rows,
    {
      name: 'decision, 100,000 nodes, cost over that of 1,000',
      value: first.value / last.value,
      unit: 'times',
      isHigherBetter: false,
      marginPercent: first.marginPercent + last.marginPercent,
    },
    {
      name: 'memory, a node of a run',
      value: await bytesPerNode(),
      unit: 'bytes',
      isHigherBetter: false,
      marginPercent: 0,
    },
  ]
}

async function bytesPerNode(): Promise<number> {
  const few = await liveBytes(NODES[0])
  const many = await liveBytes(NODES[1])
  return (many - few) / (NODES[1] - NODES[0])
}

/** Memory that a run without work holds at its end, its caller's left out. */
async function liveBytes(nodes: number): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = used()
  const setting = { nodes, pods: 1, shapes: undefined, seed: 1 }
  const run = await replayRun(replayScenario(setting), () => undefined, new AbortController().signal)
  const after = used()
  if (run.api.nodeRows.used !== nodes) throw new Error(`${run.api.nodeRows.used} of ${nodes} nodes are there`)
  return after - before
}
