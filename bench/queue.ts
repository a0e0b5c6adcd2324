/**
 * What does the scheduling queue cost, as more pods wait? First the queue alone: one pod is taken and another comes. Then a
 * scheduler whose queue is deep with pods that fit nowhere, while small pods come and go: each leaves a node with more room,
 * which may matter to all that wait.
 */
import type { PodRow } from '../src/cluster/rows.ts'
import { SchedulingQueue } from '../src/scheduler/queue.ts'
import { DEFAULT_QUEUE } from '../src/scheduler/queue-options.ts'
import { buildCluster, createPod, node, nodeOf } from '../test/scheduler/cluster-builder.ts'
import type { TestCluster } from '../test/scheduler/cluster-builder.ts'
import type { BenchCase, CaseMaker } from './bench-row.ts'

const TURNS = 10_000
const NODES = 100
/** Small pods that come and go in one timed turn. */
const CHURN = 500
/** Simulated time between two of them, in microseconds. */
const CHURN_EVERY = 10_000
/** Sizes of the pods that wait. */
const WAITING_SHAPES = 1_000
const SAMPLE = 300

/** The queue alone and the deep queue, with 1,000 to 100,000 pods waiting. */
export function queueCases(): CaseMaker[] {
  const sizes = [1_000, 10_000, 100_000]
  return [
    ...sizes.map((waiting) => () => holdCase(waiting)),
    ...sizes.map((waiting) => () => {
      checkDeepQueue()
      return deepCase(waiting)
    }),
  ]
}

function holdCase(waiting: number): BenchCase {
  const { api, scheduler } = buildCluster()
  const [profile] = scheduler.profiles.values()
  if (profile === undefined) throw new Error('there is no profile')
  const first = createPod(api, 'pod', { cpu: '1', memory: '1Gi', schedulerName: 'nobody' })
  const podClass = profile.classOf(scheduler.cluster.shapes.shapeOf(first))
  const queue = new SchedulingQueue(DEFAULT_QUEUE, scheduler.cluster)
  let now = 0
  const add = (row: number): void => {
    queue.add({ row: row as PodRow, serial: row, profile, podClass }, now++)
  }
  for (let i = 0; i < waiting; i++) add(i)
  return {
    name: `queue, ${waiting.toLocaleString('en')} active`,
    unit: 'pods',
    units: TURNS,
    run() {
      for (let i = 0; i < TURNS; i++) {
        const pod = queue.pop(now)
        if (pod === undefined) throw new Error('the queue is empty')
        queue.done(pod)
        add(pod.row)
      }
      if (queue.size !== waiting) throw new Error(`${queue.size} of ${waiting} pods are in the queue`)
    },
  }
}

/** A queue that is so deep with pods that fit nowhere, while others come and go. */
export function deepCase(waiting: number): BenchCase {
  const churn = new DeepQueue(buildCluster(), waiting)
  return {
    name: `queue, ${waiting.toLocaleString('en')} that fit nowhere, with churn`,
    unit: 'pods',
    units: CHURN,
    run: () => churn.run(CHURN),
  }
}

/** Asserts that groups of waiting pods are tried when each of them would be by itself. */
function checkDeepQueue(): void {
  const histories = [true, false].map((groupsRejected) => {
    const cluster = buildCluster({ options: { groupsRejected } })
    new DeepQueue(cluster, SAMPLE).run(SAMPLE)
    const { table } = cluster.api.pods
    return [...table.stored()].map((row) => table.node(row)).join()
  })
  if (histories[0] !== histories[1]) throw new Error('grouped pods are placed otherwise than one by one')
}

/** Full nodes, pods that wait for room that does not come, and small pods that come and go. */
class DeepQueue {
  readonly #cluster: TestCluster
  readonly #waiting: number
  readonly #small: PodRow[] = []
  #made = 0

  constructor(cluster: TestCluster, waiting: number) {
    this.#cluster = cluster
    const { api, sim } = cluster
    for (let i = 0; i < NODES; i++) api.nodes.create(node(`n${i}`, { cpu: '64', memory: '256Gi' }))
    for (let i = 0; i < NODES; i++) createPod(api, `large-${i}`, { cpu: '60', memory: '200Gi' }, 'large')
    sim.run(sim.now + 1)
    for (let i = 0; i < NODES; i++) this.#small.push(this.#create())
    sim.run(sim.now + 1)
    this.#waiting = waiting
    for (let i = 0; i < waiting; i++) {
      createPod(api, `waiting-${i}`, { cpu: `${5000 + (i % WAITING_SHAPES)}m`, memory: '1Gi' }, 'waiting')
    }
    sim.run(sim.now + 1)
  }

  run(count: number): void {
    const { api, sim, scheduler } = this.#cluster
    for (let i = 0; i < count; i++) {
      const oldest = this.#small.shift()
      if (oldest !== undefined) api.pods.remove(oldest)
      this.#small.push(this.#create())
      sim.run(sim.now + CHURN_EVERY)
    }
    const lost = this.#small.filter((pod) => nodeOf(api, pod) === '').length
    if (lost > 0) throw new Error(`${lost} small pods have no node`)
    const waiting = scheduler.queue.size
    if (waiting !== this.#waiting)
      throw new Error(`${waiting} of ${this.#waiting} pods wait that fit nowhere`)
  }

  #create(): PodRow {
    const { pods } = this.#cluster.api
    const [first] = this.#small
    const name = `small-${this.#made++}`
    if (first === undefined) return createPod(this.#cluster.api, name, { cpu: '2', memory: '1Gi' }, 'small')
    return pods.create({ template: pods.table.template(first), name })
  }
}
