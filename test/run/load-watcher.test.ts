import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { buildScheduler } from '../../src/run/build-scheduler.ts'
import { replayRun } from '../../src/run/run.ts'
import type { ReplayedParts } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { NodeLoad } from '../../src/scheduler/framework/index.ts'
import { createPod, nodeOf } from '../scheduler/cluster-builder.ts'

const MI = 2 ** 20

function pod(name: string, cpu: string, annotations: object): object {
  const requests = { cpu, memory: '100Mi' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', annotations },
    spec: { containers: [{ name: 'main', image: 'a', resources: { requests } }] },
  }
}

async function played(
  spec: Readonly<Record<string, unknown>>,
  { usesIndex, look, pods = 0 }: PlayOptions = {},
): Promise<ReplayedParts> {
  const raw = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: {},
    spec: { until: '30m', ...spec },
  }
  const prepare = (run: ReplayedParts): void => {
    const arrive = run.sim.handler('test/arrive', (index) => {
      createPod(run.api, `p${index}`, { cpu: '1', memory: '100Mi' })
    })
    for (let i = 0; i < pods; i++) run.sim.at((1 + 30 * i) * SECOND, arrive, i)
    if (look === undefined) return
    const handler = run.sim.handler('test/look', () => look.see(run))
    for (const at of look.at) run.sim.at(at, handler)
  }
  const hooks = usesIndex === undefined ? {} : { usesIndex }
  return replayRun(loadScenario({ raw, overrides: [] }), prepare, new AbortController().signal, hooks)
}

interface PlayOptions {
  readonly usesIndex?: boolean
  readonly look?: Look
  /** Pods of a core each, half a minute apart. */
  readonly pods?: number
}

/** Instants at which the run is looked at. */
interface Look {
  readonly at: readonly Micros[]
  readonly see: (run: ReplayedParts) => void
}

const PODS = 40

/** Ten nodes of 16 cores, on which pods use a quarter of what they ask for. */
function tenNodes(policy: string, more: object = {}): Readonly<Record<string, unknown>> {
  return {
    nodes: [{ template: { count: 10, shape: '16:64Gi' } }],
    scheduler: { policy },
    behaviour: { cpuUse: 0.25, ...more },
  }
}

function placements({ api }: ReplayedParts): readonly string[] {
  return Array.from({ length: PODS }, (_, i) => {
    const row = api.pods.rowOfGivenName(`default/p${i}`)
    return row === undefined ? '' : nodeOf(api, row)
  })
}

async function nodesUsed(policy: string, more: object = {}): Promise<number> {
  const placed = placements(await played(tenNodes(policy, more), { pods: PODS }))
  expect(placed).not.toContain('')
  return new Set(placed).size
}

describe('pods that ask for more than they use', () => {
  it('are packed by measured load, and spread by requests', async () => {
    expect(await nodesUsed('default')).toBe(10)
    // All of them use 10 cores: under 40 % of two nodes, but 16 cores hold 16 pods.
    expect(await nodesUsed('TargetLoadPacking')).toBe(3)
  })

  it('are spread sooner when they use what they ask for', async () => {
    // 40 % of 16 cores: the first node above the target is left for the next.
    expect(await nodesUsed('TargetLoadPacking', { cpuUse: 1 })).toBeGreaterThan(6)
  })

  it.each(['TargetLoadPacking', 'LoadVariationRiskBalancing'])(
    'are placed by %s as the definition does, with use that varies',
    async (policy) => {
      const spec = tenNodes(policy, { cpuUse: { uniform: { low: 0.1, high: 0.9 } } })
      const byIndex = await played(spec, { pods: PODS })
      const byDefinition = await played(spec, { pods: PODS, usesIndex: false })
      expect(placements(byIndex)).toEqual(placements(byDefinition))
      expect(byIndex.scheduler.answered.index).toBeGreaterThan(0)
      expect(placements(await played(spec, { pods: PODS }))).toEqual(placements(byIndex))
    },
  )
})

describe('a node is measured', () => {
  const spec = {
    nodes: [{ template: { count: 1, shape: '16:64Gi' } }],
    scheduler: { policy: 'TargetLoadPacking' },
    behaviour: { cpuUse: 0.5, startup: '0s', memoryUse: 0.5 },
    objects: [pod('a', '2', {}), pod('b', '4', { 'stowage.dev/cpu': '3' })],
  }

  it('each minute, by samples of 15 s', async () => {
    const seen: (NodeLoad | undefined)[] = []
    const at = [1, 59, 61, 121].map((second) => second * SECOND)
    const see = ({ scheduler }: ReplayedParts): void => {
      seen.push(scheduler.cluster.nodes.measuredLoad(0))
    }
    await played(spec, { look: { at, see } })
    const idle = { latest: 0, mean: 0, deviation: 0, capacity: 16_000 }
    expect(seen.slice(0, 2).map((load) => load?.cpu)).toEqual([idle, idle])
    // Half of the first pod's 2 cores, and the 3 that the second wants: at 4 of 5 samples, then at 8 of 9.
    const ofShare = (share: number): object => ({
      latest: 4000,
      mean: expect.closeTo(4000 * share, 6) as number,
      deviation: expect.closeTo(4000 * Math.sqrt(share * (1 - share)), 6) as number,
      capacity: 16_000,
    })
    expect(seen[2]?.cpu).toEqual(ofShare(4 / 5))
    expect(seen[3]?.cpu).toEqual(ofShare(8 / 9))
    expect(seen[3]?.memory.latest).toBe(100 * MI)
  })

  it('as long as it is heard of: then by what the window has', async () => {
    const seen: (NodeLoad | undefined)[] = []
    const see = ({ scheduler }: ReplayedParts): void => {
      seen.push(scheduler.cluster.nodes.measuredLoad(0))
    }
    const at = [61, 181, 20 * 60].map((second) => second * SECOND)
    const prepared: Look = {
      at,
      see: (run) => {
        see(run)
        const [row] = run.scheduler.cluster.order
        if (seen.length === 1 && row !== undefined) run.machines.crash(row as NodeRow, 'test')
      },
    }
    await played(spec, { look: prepared })
    expect(seen[1]?.cpu.latest).toBeUndefined()
    expect(seen[1]?.cpu.mean).toBeGreaterThan(0)
    expect(seen[2]).toBeUndefined()
  })

  it.each([
    ['TargetLoadPacking', ['TargetLoadPacking reads what nodes use, which is measured in runs only']],
    ['BestFit', []],
  ])('not where nothing runs: %s is warned of', async (policy, expected) => {
    const sim = new Simulation({ seed: 1 })
    const raw = {
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: {},
      spec: { ...spec, scheduler: { policy } },
    }
    const scenario = loadScenario({ raw, overrides: [] })
    const setting = { hasDevices: false, isMeasured: false }
    const { warnings } = await buildScheduler(sim, new ApiServer(sim, []), scenario, setting)
    expect(warnings).toEqual(expected)
  })

  it('by nobody where no plugin reads it', async () => {
    const run = await played({ ...spec, scheduler: { policy: 'BestFit' } })
    expect(run.scheduler.cluster.nodes.measuredLoad(0)).toBeUndefined()
    expect(() => run.sim.handler('load-watcher/sample', () => undefined)).not.toThrow()
  })
})
