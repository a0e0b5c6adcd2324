import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NEVER, SECOND } from '../../../src/base/time.ts'
import { POD_DELETED, POD_FINISHED, POD_RUNNING } from '../../../src/cluster/pod-event.ts'
import { NO_TIME } from '../../../src/cluster/pod-table.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'
import type { FailureEffect } from '../../../src/failure/failure-log.ts'
import { GIB } from '../test-cluster.ts'
import { FaultyCluster } from './faulty-cluster.ts'

const GET = { httpGet: { port: 80 } }
/** Seconds until which things happen, and until which all must have settled. */
const SPAN = 600
const SETTLED = 5000

const effect = fc.constantFrom<FailureEffect>(
  { kind: 'down' },
  { kind: 'cutOff' },
  { kind: 'hung' },
  { kind: 'slow', speed: { cpu: 0.3, disk: 0.5 } },
  { kind: 'diskFull', share: 0.9 },
)

const failure = fc.record({
  effect,
  from: fc.integer({ min: 1, max: SPAN }),
  span: fc.integer({ min: 0, max: 200 }),
})

const created = fc.record({
  at: fc.integer({ min: 0, max: SPAN }),
  kind: fc.constantFrom('task', 'service', 'probed', 'crashing', 'job', 'two', 'tiny'),
  duration: fc.integer({ min: 1, max: 300 }),
})

const step = fc.record({
  at: fc.integer({ min: 1, max: SPAN }),
  pod: fc.nat(7),
  kind: fc.constantFrom('delete', 'force', 'finish', 'unready', 'kill', 'evict', 'update'),
})

type DrawnOf<T> = T extends fc.Arbitrary<infer Value> ? Value : never

interface Drawn {
  readonly failures: readonly DrawnOf<typeof failure>[]
  readonly pods: readonly DrawnOf<typeof created>[]
  readonly steps: readonly DrawnOf<typeof step>[]
}

function newPod(cluster: FaultyCluster, kind: string, duration: number): PodRow {
  const { node0: node } = cluster
  const annotations = { duration: `${duration}s` }
  const probes = { readinessProbe: GET, livenessProbe: GET }
  switch (kind) {
    case 'task':
      return cluster.createPod({ node, cpu: 1000, memory: GIB, duration, spec: { restartPolicy: 'Never' } })
    case 'service':
      return cluster.createPod({ node, cpu: 1000, memory: GIB })
    case 'probed':
      return cluster.pod({ containers: [{ name: 'app', ...probes }] }, { 'liveness-fails': '60s-' })
    case 'crashing':
      return cluster.pod({}, { ...annotations, 'exit-code': '1,0' })
    case 'job':
      return cluster.pod(
        { restartPolicy: 'OnFailure', activeDeadlineSeconds: 900 },
        { ...annotations, 'exit-code': '1,0', disk: '1G' },
      )
    case 'two':
      return cluster.pod(
        {
          restartPolicy: 'Never',
          initContainers: [{ name: 'i1' }, { name: 's1', restartPolicy: 'Always' }],
          containers: [{ name: 'app', lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
        },
        annotations,
      )
    default:
      return cluster.createPod({ node, duration: 1 })
  }
}

/** Plays what was drawn, and returns what would differ if anything did. */
function play({ failures, pods: drawn, steps }: Drawn): string {
  const cluster = new FaultyCluster({
    cpu: '6',
    disk: '100G',
    eviction: {},
    kernel: true,
    kubelet: { startup: () => 2 * SECOND, stop: () => 3 * SECOND },
  })
  const { api, kubelets, machines, node0, sim } = cluster
  const { pods } = api
  const known: { row: PodRow; serial: number }[] = []
  const running = new Set<number>()
  const finished = new Set<number>()
  const gone = new Set<number>()
  pods.observe((event, row) => {
    const serial = pods.table.serial(row)
    const [runningAt, finishedAt] = [pods.table.runningAt(row), pods.table.finishedAt(row)]
    expect(gone.has(serial)).toBe(false)
    if (event === POD_RUNNING) {
      expect(running.has(serial)).toBe(false)
      running.add(serial)
      expect(runningAt).toBeLessThanOrEqual(sim.now)
    }
    if (event === POD_FINISHED) {
      expect(finished.has(serial)).toBe(false)
      finished.add(serial)
      expect(finishedAt).toBeLessThanOrEqual(sim.now)
      if (runningAt !== NO_TIME) expect(finishedAt).toBeGreaterThanOrEqual(runningAt)
    }
    if (event === POD_DELETED) gone.add(serial)
    // What kubelets say they say of nodes that can; only those who are no kubelets write of others.
    if (event === POD_RUNNING) expect(machines.reports(node0)).toBe(true)
  })
  for (const { at, kind, duration } of drawn) {
    cluster.at(at, () => {
      const row = newPod(cluster, kind, duration)
      known.push({ row, serial: pods.table.serial(row) })
    })
  }
  for (const { effect: what, from, span } of failures) cluster.fail(what, from, from + span)
  for (const { at, pod, kind } of steps) {
    cluster.at(at, () => {
      const one = known[pod % Math.max(1, known.length)]
      if (one === undefined || !pods.isCurrent(one.row, one.serial) || pods.isRemoved(one.row)) return
      act(cluster, one.row, kind)
    })
  }
  for (let at = 10.5; at <= SPAN + 220; at += 10) {
    cluster.at(at, () => {
      const active = kubelets.activeOn(node0).map((pod) => pods.table.cpu(pod))
      expect(active.reduce((sum, cpu) => sum + cpu, 0)).toBeLessThanOrEqual(6000)
      if (!machines.isUp(node0)) expect(cluster.inUse()).toEqual([0, 0, 0])
    })
  }
  cluster.runTo(SETTLED)
  checkSettled(cluster)
  for (const { row, serial } of known) {
    if (pods.isCurrent(row, serial) && !pods.isRemoved(row)) cluster.delete(row, 30)
  }
  cluster.runTo(SETTLED + 100)
  expect([pods.count, cluster.inUse()]).toEqual([0, [0, 0, 0]])
  expect(kubelets.workers.expectEnds).toBe(false)
  return `${sim.executed} ${running.size} ${finished.size} ${gone.size}`
}

function act(cluster: FaultyCluster, row: PodRow, kind: string): void {
  const { api, kubelets, machines, node0 } = cluster
  const { pods } = api
  const isWorking = machines.isUp(node0) && !machines.has(node0, 'hung')
  const isActive = kubelets.activeOn(node0).includes(row)
  if (kind === 'delete') cluster.delete(row, 30)
  else if (kind === 'force') cluster.delete(row, 0)
  else if (kind === 'finish') pods.finish(row, { succeeded: false, reason: 'Other' })
  else if (kind === 'unready' && !machines.reports(node0)) pods.setReady(row, false)
  else if (kind === 'update') pods.updateDetails(row, { message: 'x' })
  else if (kind === 'kill' && machines.isUp(node0)) kubelets.killContainer(row, 0, 'OOMKilled')
  else if (kind === 'evict' && isWorking && isActive) kubelets.evict(row, 5 * SECOND)
}

/** Long after the last fault: the store and the kubelet say the same of each pod, and nothing is left of others. */
function checkSettled(cluster: FaultyCluster): void {
  const { api, kubelets, node0 } = cluster
  const { pods } = api
  let [memory, cpu] = [0, 0]
  const runs = new Set(kubelets.runningOn(node0))
  for (const pod of pods.table.stored()) {
    expect(pods.table.deletingAt(pod)).toBe(NO_TIME)
    expect(runs.has(pod)).toBe(!pods.isFinished(pod))
    if (pods.isFinished(pod)) {
      expect(kubelets.memoryOf(pod)).toBe(0)
      continue
    }
    expect(cluster.state(pod)).toBe('Running')
    expect(pods.table.duration(pod) === NEVER || kubelets.workers.workerOf(pod) !== undefined).toBe(true)
    const status = cluster.status(pod)
    if (status !== undefined) {
      const container = kubelets.workers.workerOf(pod)?.containers.at(-1)
      expect(status.state?.running !== undefined).toBe(container?.state === 'running')
      expect(status.restartCount).toBe(Math.max(0, (container?.runs ?? 1) - 1))
    } else expect(pods.table.isReady(pod)).toBe(true)
    memory += kubelets.memoryOf(pod)
    if (kubelets.memoryOf(pod) > 0 || status === undefined) cpu += pods.table.cpu(pod)
  }
  expect(kubelets.ghostsOn(node0)).toBe(0)
  expect(kubelets.workingSet(node0)).toBe(memory)
  expect(kubelets.runningCpu(node0)).toBe(cpu)
  expect(cluster.condition(node0, 'Ready')).toBe('True')
  expect(cluster.condition(node0, 'DiskPressure') ?? 'False').toBe('False')
}

it('settles after whatever befalls a node, with nothing lost and nothing run twice, and is the same twice', () => {
  fc.assert(
    fc.property(
      fc.record<Drawn>({
        failures: fc.array(failure, { maxLength: 8 }),
        pods: fc.array(created, { maxLength: 8 }),
        steps: fc.array(step, { maxLength: 8 }),
      }),
      (drawn) => {
        expect(play(drawn)).toBe(play(drawn))
      },
    ),
    { numRuns: 200 },
  )
}, 120_000)

it('says nothing of a pod that the store forgets in the instant in which its containers end', () => {
  // Found by chance: the pod, whose second run ends at 70 s, was written after it was gone.
  const cluster = new FaultyCluster({ kubelet: { startup: () => 2 * SECOND, stop: () => 3 * SECOND } })
  const { pods } = cluster.api
  cluster.at(6, () => {
    const row = newPod(cluster, 'job', 31)
    cluster.deleteAt(70, row, 0)
  })
  const events: number[] = []
  pods.observe((event) => events.push(event))
  cluster.runTo(100)
  expect([pods.count, events.indexOf(POD_DELETED)]).toEqual([0, events.length - 1])
})
