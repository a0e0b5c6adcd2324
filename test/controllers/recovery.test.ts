import { expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { TaintEviction } from '../../src/controllers/taint-eviction.ts'
import { Tasks } from '../../src/controllers/task.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { TestCluster, podTemplate } from '../node/test-cluster.ts'

/** What happened, in seconds after the crash. */
interface Recovery {
  readonly unknown: number
  readonly tainted: number
  readonly evicted: number
  readonly rescheduled: number
  readonly running: number
}

/** One pod of 10,000 s on the first of five nodes, which is lost for good at `second`. */
function recoverFrom(
  second: number,
  seed: number,
): { recovery: Recovery; cluster: TestCluster; tasks: Tasks } {
  const cluster = new TestCluster({ seed, kubelet: { startup: () => 4 * SECOND } })
  const { sim, api, machines } = cluster
  new NodeLifecycle(sim, api, machines)
  new TaintEviction(sim, api)
  const tasks = new Tasks(sim, api, { keepFinished: false, retriesMax: undefined })
  cluster.kubelets.onLostWork(tasks.workLost)
  const log = new FailureLog(sim, machines)
  for (let i = 0; i < 5; i++) cluster.addNode(`n${i}`)
  cluster.startScheduler()
  const at: Record<string, number> = {}
  const mark = (what: string): void => void (at[what] ??= sim.now / SECOND - second)
  api.watch({
    name: 'test/marks',
    podEvents: 8 | 16 | 128,
    kinds: ['Node'],
    onPod: ({ podEvent }) => {
      if (sim.now < second * SECOND) return
      mark(podEvent === 128 ? 'evicted' : podEvent === 8 ? 'rescheduled' : 'running')
    },
    onObject: () => {
      const lost = 0 as NodeRow
      if (cluster.condition(lost, 'Ready') === 'Unknown') mark('unknown')
      if (cluster.taints(lost).includes('unreachable:NoExecute')) mark('tainted')
    },
  })
  const sizes = { cpu: 1000, memory: 0, count: 1, duration: 10_000 * SECOND }
  tasks.submit({ name: 't', at: 0, template: podTemplate(), ...sizes })
  cluster.at(second, () => void log.begin('node-crash', { nodes: [0 as NodeRow] }))
  cluster.runTo(30_000)
  return { recovery: at as unknown as Recovery, cluster, tasks }
}

it('is the sum of its steps: detection, tainting, toleration, scheduling, start', () => {
  const detections: number[] = []
  for (let seed = 0; seed < 40; seed++) {
    const second = 1000 + seed * 0.37
    const { recovery, tasks } = recoverFrom(second, seed)
    const { unknown, tainted, evicted, rescheduled, running } = recovery
    detections.push(unknown)
    // The next monitor tick queues it; its zone has a token.
    expect(tainted).toBeCloseTo(unknown + 5, 5)
    expect(evicted).toBeCloseTo(tainted + 300, 5)
    expect(rescheduled).toBe(evicted)
    expect(running).toBeCloseTo(rescheduled + 4, 5)
    expect(tasks.counts).toMatchObject({ succeeded: 1, lost: 1, requeued: 1 })
    const lost = tasks.lostWork.byCause.get('MachineDown')
    expect(lost?.coreSeconds).toBeCloseTo(second - 4, 5)
  }
  // 50 s from a tick that was up to 5 s after a renewal that was up to 10 s before the crash.
  expect(Math.min(...detections)).toBeGreaterThan(40)
  expect(Math.max(...detections)).toBeLessThanOrEqual(55)
  expect(detections.reduce((sum, value) => sum + value, 0) / detections.length).toBeCloseTo(47.5, -1)
})

it('is the same twice', () => {
  const [one, other] = [recoverFrom(1003, 5), recoverFrom(1003, 5)]
  expect(one.recovery).toEqual(other.recovery)
  expect(one.cluster.sim.log.hash).toBe(other.cluster.sim.log.hash)
})
