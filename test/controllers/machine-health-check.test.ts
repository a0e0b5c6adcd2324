import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { MachineHealthCheck } from '../../src/controllers/machine-health-check.ts'
import type { MachineHealthCheckOptions } from '../../src/controllers/machine-health-check.ts'
import { withCondition } from '../../src/node/node-conditions.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Watched {
  readonly cluster: TestCluster
  readonly check: MachineHealthCheck
  readonly nodes: readonly NodeRow[]
  readonly pod: PodRow
  /** Steps as `second node step`. */
  readonly steps: readonly string[]
  /** Replacements that were asked for: seconds until they join. */
  readonly replaced: readonly number[]
  /** Sets the condition Ready of a node, and how its machine does. */
  readonly setAt: (second: number, index: number, status: string, isSilent?: boolean) => void
}

/** Ten nodes, the first with a pod that takes 20 s to end. */
function watched(options: Partial<MachineHealthCheckOptions> = {}): Watched {
  const cluster = new TestCluster({ kubelet: { stop: () => 20 * SECOND } })
  const steps: string[] = []
  const replaced: number[] = []
  const gone = new Set<NodeRow>()
  const { sim, api, machines } = cluster
  const check = new MachineHealthCheck(
    {
      sim,
      api,
      machines,
      replace: (row: NodeRow, node, after: Micros) => {
        expect(node.metadata?.name).toBe(api.nodeRows.nameOf(row))
        gone.add(row)
        replaced.push(after / SECOND)
      },
      isReplaced: (row) => gone.has(row),
      repaired: ({ node, step }) => steps.push(`${sim.now / SECOND} ${node} ${step}`),
    },
    { joinTime: () => 90 * SECOND, ...options },
  )
  const nodes = Array.from({ length: 10 }, (_, index) => cluster.addNode(`n${index}`))
  const pod = cluster.createPod({ node: nodes[0] as NodeRow })
  const setAt = (second: number, index: number, status: string, isSilent = status === 'Unknown'): void =>
    cluster.at(second, () => {
      const row = nodes[index] as NodeRow
      api.nodes.update(withCondition(cluster.node(row), { type: 'Ready', status, reason: 'test' }))
      if (isSilent) machines.begin(row, 'cutOff', 'test')
    })
  return { cluster, check, nodes, pod, steps, replaced, setAt }
}

describe('a health check of machines', () => {
  it('ends a machine that has been Unknown for five minutes, without a drain, and has another one join', () => {
    const { cluster, nodes, steps, replaced, setAt } = watched()
    setAt(100, 0, 'Unknown')
    cluster.runTo(1000)
    expect(steps).toEqual(['400 n0 unhealthy', '400 n0 deleted'])
    expect([cluster.api.nodes.get('n0'), cluster.machines.isTerminated(nodes[0] as NodeRow)]).toEqual([
      undefined,
      true,
    ])
    expect(replaced).toEqual([90])
    expect(cluster.sim.pending).toBe(0)
  })

  it('drains a node first that answers, and cordons it', () => {
    const { cluster, pod, steps, setAt } = watched()
    setAt(100, 0, 'False')
    cluster.runTo(401)
    expect(cluster.api.nodes.get('n0')?.spec?.unschedulable).toBe(true)
    cluster.runTo(1000)
    expect(steps).toEqual(['400 n0 unhealthy', '420 n0 deleted'])
    expect(cluster.state(pod)).toBe('gone')
  })

  it('counts each status anew: a node that recovers, or falls silent, begins again', () => {
    const { cluster, steps, setAt } = watched()
    setAt(100, 0, 'False')
    setAt(350, 0, 'True')
    setAt(360, 0, 'False')
    setAt(600, 0, 'Unknown')
    cluster.runTo(890)
    expect(steps).toEqual([])
    cluster.runTo(2000)
    expect(steps.at(-1)).toBe('900 n0 deleted')
  })

  it('repairs nothing while too many are not healthy, those among them whose time is not over', () => {
    const { cluster, steps, setAt } = watched({ maxUnhealthy: '40%' })
    for (const index of [0, 1, 2, 3]) setAt(100, index, 'Unknown')
    setAt(399, 4, 'Unknown')
    cluster.runTo(600)
    expect(steps).toEqual(['400 n0 refused', '400 n1 refused', '400 n2 refused', '400 n3 refused'])
    setAt(610, 4, 'True', false)
    cluster.runTo(2000)
    expect(steps.slice(4).filter((step) => step.endsWith('deleted'))).toEqual([
      '610 n0 deleted',
      '610 n1 deleted',
      '610 n2 deleted',
      '610 n3 deleted',
    ])
  })

  it('takes a number for the limit, and looks after the nodes that it selects', () => {
    const none = watched({ maxUnhealthy: 0 })
    none.setAt(100, 0, 'Unknown')
    none.cluster.runTo(2000)
    expect(none.steps).toEqual(['400 n0 refused'])
    const others = watched({ selector: { pool: 'other' } })
    others.setAt(100, 0, 'Unknown')
    others.cluster.runTo(2000)
    expect([others.steps, others.check.health]).toEqual([[], { expected: 0, healthy: 0 }])
  })

  it('gives up replacements that do not join in time', () => {
    const times = [15 * MINUTE, 11 * MINUTE, 3 * MINUTE]
    const { cluster, replaced, setAt } = watched({ joinTime: () => times.shift() ?? 0 })
    setAt(100, 0, 'Unknown')
    cluster.runTo(1000)
    expect(replaced).toEqual([(10 + 10 + 3) * 60])
  })

  it('tells of each step once where several conditions say the same', () => {
    const unhealthyConditions = [5, 4].map((minutes) => ({
      type: 'Ready',
      status: 'Unknown',
      timeout: minutes * MINUTE,
    }))
    const { cluster, steps, setAt } = watched({ unhealthyConditions })
    setAt(100, 0, 'Unknown')
    setAt(160, 1, 'Unknown')
    setAt(100, 2, 'Unknown')
    cluster.runTo(1000)
    expect(steps.toSorted()).toEqual(
      ['340 n0', '340 n2', '400 n1'].flatMap((step) => [`${step} deleted`, `${step} unhealthy`]),
    )
  })

  it('repairs a machine at once whose Node somebody deletes, unless too many are unhealthy', () => {
    const { cluster, steps, replaced } = watched()
    cluster.at(100, () => cluster.api.nodes.delete('n3'))
    cluster.runTo(1000)
    expect([steps, replaced]).toEqual([['100 n3 unhealthy', '100 n3 deleted'], [90]])
    const none = watched({ maxUnhealthy: 0 })
    none.cluster.at(100, () => none.cluster.api.nodes.delete('n3'))
    none.cluster.runTo(1000)
    expect([none.steps, none.check.health]).toEqual([['100 n3 refused'], { expected: 10, healthy: 9 }])
  })

  it('begins no repair while paused', () => {
    const { cluster, check, steps, setAt } = watched()
    setAt(100, 0, 'Unknown')
    cluster.at(200, () => check.setPaused(true))
    cluster.at(500, () => check.setPaused(false))
    cluster.runTo(1000)
    expect(steps.at(-1)).toBe('500 n0 deleted')
  })
})
