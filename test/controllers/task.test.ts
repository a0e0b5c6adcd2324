import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { TaintEviction } from '../../src/controllers/taint-eviction.ts'
import { Tasks } from '../../src/controllers/task.ts'
import type { TaskOptions } from '../../src/controllers/task.ts'
import type { TraceTask } from '../../src/workload/trace-task.ts'
import { GIB, TestCluster, podTemplate } from '../node/test-cluster.ts'

function tasksOf(cluster: TestCluster, options: Partial<TaskOptions> = {}): Tasks {
  const tasks = new Tasks(cluster.sim, cluster.api, {
    keepFinished: false,
    retriesMax: undefined,
    ...options,
  })
  cluster.kubelets.onLostWork(tasks.workLost)
  return tasks
}

function task(name: string, changes: Partial<TraceTask> = {}): TraceTask {
  const sizes = { cpu: 1000, memory: GIB, count: 1, duration: 100 * SECOND }
  return { name, at: 0, template: podTemplate(), ...sizes, ...changes }
}

/** Names of the pods in the store, in order of creation. */
function names({ api }: TestCluster): string[] {
  const { table } = api.pods
  return [...table.stored()]
    .toSorted((one, other) => table.serial(one) - table.serial(other))
    .map((row) => api.pods.nameOf(row))
}

describe('a task', () => {
  it('makes its pods, named by their place, and deletes them as they succeed', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster)
    cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one'))
    tasks.submit(task('some', { count: 3, duration: 200 * SECOND }))
    expect(names(cluster)).toEqual(['one', 'some-0', 'some-1', 'some-2'])
    expect(tasks.remaining).toBe(4)
    cluster.runTo(150)
    expect([names(cluster), tasks.remaining]).toEqual([['some-0', 'some-1', 'some-2'], 3])
    cluster.runTo(200)
    expect(names(cluster)).toEqual([])
    expect(tasks.counts).toEqual({
      tasks: 2,
      places: 4,
      succeeded: 4,
      givenUp: 0,
      lost: 0,
      requeued: 0,
      unanswered: 0,
      waiting: 0,
    })
  })

  it('asks again for the deletion of a pod when the API server gave no answer', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster)
    const { api } = cluster
    cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one'))
    const [pod = 0 as PodRow] = [...api.pods.table.stored()]
    cluster.runTo(50)
    api.availability.stop('test')
    // As a snapshot has it that is put back while something else still keeps the server from taking writes.
    api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
    cluster.runTo(120)
    expect(names(cluster)).toEqual(['one'])
    api.availability.resume('test')
    cluster.runTo(200)
    expect([names(cluster), tasks.remaining]).toEqual([[], 0])
  })

  it('keeps them when it is told to', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster, { keepFinished: true })
    cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one'))
    cluster.runTo(500)
    expect([names(cluster), tasks.remaining]).toEqual([['one'], 0])
  })

  it('makes a pod again as soon as its deletion is asked for, and counts what was thrown away', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 10 * SECOND } })
    const tasks = tasksOf(cluster)
    const node = cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one', { cpu: 2000 }))
    cluster.runTo(60)
    const [pod = 0 as PodRow] = cluster.kubelets.runningOn(node)
    cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'Preempted' })
    cluster.runTo(60)
    expect(names(cluster)).toEqual(['one', 'one-r1'])
    cluster.runTo(500)
    expect(tasks.counts).toMatchObject({ succeeded: 1, lost: 1, requeued: 1 })
    expect([...tasks.lostWork.byCause]).toEqual([['Preempted', { pods: 1, seconds: 70, coreSeconds: 140 }]])
    expect(tasks.remaining).toBe(0)
  })

  it('goes on from the last checkpoint: the replacement has less to do, and less is lost', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 10 * SECOND } })
    const tasks = tasksOf(cluster, { checkpointInterval: () => 25 * SECOND })
    const node = cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one', { cpu: 2000 }))
    cluster.runTo(60)
    const [pod = 0 as PodRow] = cluster.kubelets.runningOn(node)
    cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'Preempted' })
    cluster.runTo(61)
    const { table } = cluster.api.pods
    const [replacement] = [...table.stored()].filter((row) => table.attempt(row) === 1)
    // It ran for 60 of 100 s, the second checkpoint holds 50; what it does until it has stopped is lost.
    expect(replacement === undefined ? 0 : table.duration(replacement)).toBe(50 * SECOND)
    cluster.runTo(109)
    expect(tasks.remaining).toBe(1)
    cluster.runTo(111)
    expect(tasks.remaining).toBe(0)
    expect([...tasks.lostWork.byCause]).toEqual([['Preempted', { pods: 1, seconds: 20, coreSeconds: 40 }]])
  })

  it('counts a place once when its pod ends well after it was replaced', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 10 * SECOND } })
    const tasks = tasksOf(cluster)
    const node = cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one'))
    cluster.runTo(60)
    const [pod = 0 as PodRow] = cluster.kubelets.runningOn(node)
    cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'Test' })
    cluster.at(65, () => cluster.api.pods.finish(pod, { succeeded: true, reason: 'Completed' }))
    cluster.runTo(66)
    expect([names(cluster), tasks.remaining]).toEqual([['one-r1'], 1])
    cluster.runTo(500)
    expect([tasks.counts.succeeded, tasks.remaining, names(cluster)]).toEqual([1, 0, []])
  })

  it('gives a place up after so many retries', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster, { retriesMax: 2 })
    cluster.addNode('n0')
    cluster.startScheduler()
    tasks.submit(task('one'))
    for (const second of [10, 20, 30]) {
      cluster.at(second, () => {
        const [pod] = cluster.kubelets.runningOn(cluster.api.nodeRows.everRowOf('n0'))
        if (pod !== undefined) cluster.api.pods.requestDeletion(pod, { grace: SECOND, reason: 'Test' })
      })
    }
    cluster.runTo(500)
    expect(tasks.counts).toMatchObject({ succeeded: 0, givenUp: 1, lost: 3, requeued: 2 })
    expect([tasks.remaining, names(cluster)]).toEqual([0, []])
  })

  it('waits longer before each retry, if told to', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster, { backoff: { first: 10 * SECOND, max: 25 * SECOND } })
    cluster.addNode('n0')
    const created: number[] = []
    cluster.api.pods.observe((event, pod) => {
      if (event !== 1) return
      created.push(cluster.sim.now / SECOND)
      // Gone before it runs, each time.
      cluster.at(cluster.sim.now / SECOND + 1, () => {
        if (created.length < 5) cluster.api.pods.requestDeletion(pod, { grace: 0, reason: 'Test' })
      })
    })
    tasks.submit(task('one'))
    cluster.runTo(11)
    expect(tasks.counts.waiting).toBe(0)
    cluster.runTo(25)
    expect([tasks.counts.waiting, tasks.remaining]).toEqual([1, 1])
    cluster.runTo(500)
    expect(created).toEqual([0, 11, 32, 58, 84])
  })

  it('is told by admission, and given up, when its template is refused', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster)
    const messages: string[] = []
    tasks.onRefused((refused) => messages.push(`${refused.name}: ${refused.message}`))
    tasks.submit(task('bad', { template: podTemplate({ priorityClassName: 'none' }), count: 2 }))
    const message = 'bad: no PriorityClass with name none was found'
    expect([messages, tasks.counts.givenUp, tasks.remaining]).toEqual([[message, message], 2, 0])
  })

  it('does not ask a kubelet that refuses it again in the same instant', () => {
    const cluster = new TestCluster()
    const tasks = tasksOf(cluster)
    const node = cluster.addNode('n0', { cpu: '1' })
    cluster.createPod({ node, cpu: 600 })
    cluster.api.watch({
      name: 'test/blind-scheduler',
      podEvents: 1,
      onPod: (entry) => void (entry.node === -1 && cluster.api.pods.bind(entry.pod, node, 0)),
    })
    tasks.submit(task('one', { cpu: 600 }))
    cluster.runTo(10.5)
    expect(tasks.counts).toMatchObject({ lost: 11, requeued: 10, waiting: 1 })
    expect([...tasks.lostWork.byCause]).toEqual([['OutOfcpu', { pods: 11, seconds: 0, coreSeconds: 0 }]])
  })
})

describe('no pod is lost', () => {
  const faults = fc.record({
    seed: fc.integer({ min: 0, max: 1000 }),
    counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
    crashes: fc.array(
      fc.record({
        node: fc.integer({ min: 0, max: 3 }),
        at: fc.integer({ min: 0, max: 900 }),
        span: fc.integer({ min: 0, max: 600 }),
      }),
      { maxLength: 8 },
    ),
    deletions: fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 40 })), {
      maxLength: 6,
    }),
    restarts: fc.boolean(),
    latency: fc.constantFrom(0, 10_000, 3 * SECOND),
  })

  it('whatever fails: each place succeeded, waits, or has exactly one pod that is to succeed', () => {
    fc.assert(
      fc.property(faults, ({ seed, counts, crashes, deletions, restarts, latency }) => {
        const kubelet = { startup: () => 2 * SECOND, stop: () => 5 * SECOND, watchLatency: latency }
        const cluster = new TestCluster({ seed, kubelet, eviction: {}, usage: { memoryFactor: () => 1.5 } })
        new NodeLifecycle(cluster.sim, cluster.api, cluster.machines)
        new TaintEviction(cluster.sim, cluster.api)
        const tasks = tasksOf(cluster)
        const nodes = [0, 1, 2, 3].map((i) =>
          cluster.addNode(`n${i}`, { cpu: '4', memory: '4Gi', zone: `z${i % 2}` }),
        )
        cluster.startScheduler()
        const template = podTemplate({ restartPolicy: restarts ? 'Always' : 'Never' })
        counts.forEach((count, i) => tasks.submit(task(`t${i}`, { template, count, duration: 300 * SECOND })))
        const places = counts.reduce((sum, count) => sum + count, 0)
        crashes.forEach(({ node, at, span }, i) => {
          const row = nodes[node] ?? nodes[0]
          if (row === undefined) return
          cluster.at(at, () => cluster.machines.crash(row, `c${i}`))
          cluster.at(at + span, () => cluster.machines.restore(row, `c${i}`))
        })
        for (const [at, nth] of deletions) cluster.at(at, () => deleteOne(cluster, nth))
        for (const second of [1, 130, 333, 610, 905]) {
          cluster.runTo(second)
          checkPlaces(cluster, tasks, places)
        }
        cluster.runTo(50_000)
        expect(tasks.counts).toMatchObject({ places, succeeded: places, givenUp: 0, waiting: 0 })
        expect(tasks.counts.requeued).toBe(tasks.counts.lost)
        expect(tasks.lostWork.total.pods).toBe(tasks.counts.lost)
        expect([cluster.api.pods.count, tasks.remaining]).toEqual([0, 0])
        for (const node of nodes) {
          expect([cluster.kubelets.workingSet(node), cluster.kubelets.runningCpu(node)]).toEqual([0, 0])
          expect(cluster.taints(node)).toEqual([])
        }
      }),
      { numRuns: 150 },
    )
  })

  function deleteOne(cluster: TestCluster, nth: number): void {
    const { pods } = cluster.api
    const living = [...pods.table.stored()]
    const pod = living[nth % Math.max(1, living.length)]
    if (pod !== undefined) pods.requestDeletion(pod, { grace: (nth % 3) * 10 * SECOND, reason: 'Test' })
  }

  /** Each place that is neither done nor waiting has one pod that is neither being deleted nor finished. */
  function checkPlaces({ api }: TestCluster, tasks: Tasks, places: number): void {
    const { table } = api.pods
    const held = new Map<string, number>()
    for (const row of table.stored()) {
      if (api.pods.isFinished(row)) continue
      if (table.deletingAt(row) !== -1) continue
      const place = `${table.owner(row)?.name ?? ''}/${table.ordinal(row)}`
      held.set(place, (held.get(place) ?? 0) + 1)
    }
    const { succeeded, waiting } = tasks.counts
    expect([...held.values()].every((count) => count === 1)).toBe(true)
    expect(held.size + succeeded + waiting).toBe(places)
  }
})
