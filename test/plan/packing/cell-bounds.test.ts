import fc from 'fast-check'
import { expect, it } from 'vitest'

import { packingProblem } from '../../../src/plan/packing/asks.ts'
import { withoutDaemonRoom } from '../../../src/plan/packing/daemon-room.ts'
import {
  machineBound,
  mayFitCounted,
  mayFitCut,
  resourceBound,
} from '../../../src/plan/packing/lower-bound.ts'
import { optimum } from '../../../src/plan/packing/optimum.ts'
import { packPods } from '../../../src/plan/packing/pack-pods.ts'
import { withSharedDevices } from '../../../src/plan/packing/shared-devices.ts'
import { loadSolver } from '../../../src/plan/solver.ts'
import { loadScenario } from '../../../src/scenario/load.ts'
import { randomCell, triedMachines, workloadOf } from './random-cell.ts'

const solver = await loadSolver()
const SEARCH_MAX = 10_000

const scenario = loadScenario({
  raw: {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    spec: { nodes: [{ template: { count: 1, shape: '1:1Gi' } }], scheduler: { policy: 'MostAllocated' } },
  },
  overrides: [],
})

it(
  'bounds of a cell are below its optimum, and that is below what the scheduler needs',
  { timeout: 120_000 },
  async () => {
    const seen = { packed: 0, impossible: 0, sharedGpus: 0 }
    await fc.assert(
      fc.asyncProperty(randomCell, async (cell) => {
        const workload = workloadOf(cell)
        const nodes = withoutDaemonRoom(workload.nodes, workload.daemonSets)
        const problem = withSharedDevices(packingProblem(workload, nodes))
        const tried = triedMachines(cell)
        const counted = resourceBound(problem).machines
        const relaxed = machineBound(problem, solver).machines
        const found = optimum(
          problem,
          problem.machines.map(() => 1),
          { solver, nodesMax: SEARCH_MAX },
        )
        expect(counted).toBeLessThanOrEqual(relaxed)
        if (tried === undefined) seen.impossible += 1
        else {
          expect(found?.isProven).toBe(true)
          expect(relaxed).toBeLessThanOrEqual(Math.round(found?.cost ?? 0))
          expect(Math.round(found?.cost ?? 0)).toBeLessThanOrEqual(tried)
          expect(mayFitCounted(problem)).toBe(true)
          expect(mayFitCut(problem, solver)).toBe(true)
        }
        const setting = { scenario, workload, seed: '1', mayPend: new Set<number>(), pendingMax: 0 }
        for (let count = 1; count <= nodes.length; count++) {
          const packing = await packPods(
            { ...setting, signal: new AbortController().signal },
            nodes.slice(0, count),
          )
          if (packing?.fits !== true) continue
          expect(tried).toBeLessThanOrEqual(count)
          seen.packed += 1
          if (
            problem !== packingProblem(workload, nodes) &&
            cell.kinds.some(({ gpu }) => gpu.milli % 1000 > 0)
          )
            seen.sharedGpus += 1
          break
        }
      }),
      { numRuns: 150 },
    )
    expect(seen.packed).toBeGreaterThan(30)
    expect(seen.impossible).toBeGreaterThan(10)
    expect(seen.sharedGpus).toBeGreaterThan(5)
  },
)
