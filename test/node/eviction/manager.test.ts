import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../../src/controllers/node-lifecycle.ts'
import type { Eviction } from '../../../src/node/eviction/manager.ts'
import { GIB, MIB, TestCluster } from '../test-cluster.ts'
import type { TestEviction } from '../test-cluster.ts'

interface Watched {
  readonly cluster: TestCluster
  readonly node: NodeRow
  readonly evictions: (Eviction & { readonly second: number })[]
}

/** One node of 16 GiB with an eviction manager, and all that it evicts. */
function watched(options: { eviction?: TestEviction; stopSeconds?: number } = {}): Watched {
  const stop = (): number => (options.stopSeconds ?? 0) * SECOND
  const cluster = new TestCluster({ eviction: options.eviction ?? {}, kubelet: { stop } })
  const node = cluster.addNode('n0')
  const evictions: (Eviction & { second: number })[] = []
  cluster.eviction?.observe((eviction) => evictions.push({ ...eviction, second: eviction.at / SECOND }))
  return { cluster, node, evictions }
}

/** A pod of a class that comes to use so much, with requests that fit the node. */
function podOf(
  { cluster, node }: Watched,
  qos: 'Guaranteed' | 'Burstable' | 'BestEffort',
  sizes: { request?: number; used: number; priorityClassName?: string },
): PodRow {
  const memory = String(sizes.request ?? 0)
  const resources = {
    Guaranteed: { requests: { cpu: '1m', memory }, limits: { cpu: '1m', memory } },
    Burstable: { requests: { cpu: '1m', memory } },
    BestEffort: {},
  }[qos]
  const { priorityClassName } = sizes
  return cluster.createPod({
    node,
    sizing: 'template',
    usedMemory: sizes.used,
    spec: {
      containers: [{ name: 'main', resources }],
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
    },
  })
}

describe('the eviction manager', () => {
  it('evicts pods above their request first, by what they use above it, whatever their class', () => {
    const test = watched()
    const { cluster, evictions } = test
    const within = podOf(test, 'Guaranteed', { request: 6 * GIB, used: 6 * GIB })
    const modest = podOf(test, 'Burstable', { request: 2 * GIB, used: GIB })
    const greedy = podOf(test, 'Burstable', { request: GIB, used: 4 * GIB })
    const small = podOf(test, 'BestEffort', { used: GIB })
    const large = podOf(test, 'BestEffort', { used: 2 * GIB })
    // 14 of 16 GiB are in use: calm. Then the node is short, and each time one is gone again.
    cluster.runTo(20)
    expect(evictions).toEqual([])
    for (const [second, used] of [
      [20, 2],
      [60, 4],
      [100, 2],
    ] as const) {
      cluster.at(second, () => podOf(test, 'Guaranteed', { request: used * GIB, used: used * GIB }))
    }
    cluster.runTo(140)
    expect(evictions.map(({ pod }) => pod)).toEqual([greedy, large, small])
    expect([within, modest].map((pod) => cluster.state(pod))).toEqual(['Running', 'Running'])
  })

  it.each([
    ['Guaranteed', GIB],
    ['Burstable', GIB],
    ['BestEffort', 0],
  ] as const)('takes a %s pod above its request before one within it', (qos, request) => {
    const test = watched()
    const above = podOf(test, qos, { request, used: 6 * GIB })
    const within = podOf(test, 'Guaranteed', { request: 10 * GIB, used: 10 * GIB })
    test.cluster.runTo(30)
    expect(test.evictions.map(({ pod }) => pod)).toEqual([above])
    expect([above, within].map((pod) => test.cluster.state(pod))).toEqual(['Failed Evicted', 'Running'])
  })

  it('evicts pods within their request only when nobody is above: first those that are nearest to it', () => {
    const test = watched({ eviction: { system: { memory: 6 * GIB } } })
    const { cluster, evictions } = test
    const idle = podOf(test, 'Burstable', { request: 6 * GIB, used: GIB })
    const busy = podOf(test, 'Burstable', { request: 4 * GIB, used: 3 * GIB })
    const full = podOf(test, 'Guaranteed', { request: 4 * GIB, used: 4 * GIB })
    const above = podOf(test, 'BestEffort', { used: 2 * GIB })
    cluster.runTo(30)
    expect(evictions.map(({ pod }) => pod)).toEqual([above])
    cluster.at(30, () => podOf(test, 'Guaranteed', { request: 2 * GIB, used: 2 * GIB }))
    cluster.runTo(60)
    expect(evictions.map(({ pod }) => pod)).toEqual([above, full])
    expect([idle, busy].map((pod) => cluster.state(pod))).toEqual(['Running', 'Running'])
  })

  it('looks every 10 s at a phase of its own, and again a second after a pod is gone', () => {
    const test = watched({ eviction: { evictionHard: { 'memory.available': '2Gi' } } })
    const { cluster, evictions, node } = test
    for (let i = 0; i < 6; i++) podOf(test, 'BestEffort', { used: 3 * GIB })
    cluster.runTo(100)
    // 18 GiB: below 2 GiB free until two are gone.
    expect(evictions.length).toBe(2)
    const [first, second] = evictions.map(({ at }) => at)
    expect(first).toBeLessThan(10 * SECOND)
    expect((second ?? 0) - (first ?? 0)).toBe(SECOND)
    expect(cluster.eviction?.available(node)).toBe(4 * GIB)
  })

  it('waits for the containers: a second of grace at the hard threshold', () => {
    const test = watched({ stopSeconds: 20 })
    const { cluster, evictions } = test
    const pods = [0, 1].map(() => podOf(test, 'BestEffort', { used: 20 * GIB }))
    cluster.runTo(100)
    const [first, second] = evictions.map(({ at }) => at)
    expect((second ?? 0) - (first ?? 0)).toBe(2 * SECOND)
    expect(pods.map((pod) => cluster.state(pod))).toEqual(['Failed Evicted', 'Failed Evicted'])
    expect(cluster.seconds('finishedAt', evictions[0]?.pod ?? pods[0] ?? (0 as PodRow))).toBe(
      (first ?? 0) / SECOND + 1,
    )
  })

  it('gives pods their grace at a soft threshold, and waits for its grace period', () => {
    const eviction = {
      evictionSoft: { 'memory.available': '25%' },
      evictionSoftGracePeriod: { 'memory.available': '90s' },
      maxPodGrace: 60 * SECOND,
    }
    const test = watched({ eviction, stopSeconds: 45 })
    const { cluster, evictions } = test
    const pod = podOf(test, 'BestEffort', { used: 13 * GIB })
    cluster.runTo(300)
    const [only, ...others] = evictions
    expect(others).toEqual([])
    expect(only?.second).toBeGreaterThanOrEqual(90)
    expect(only?.second).toBeLessThan(100)
    // Its own 30 s are less than the 45 that it takes, and than the 60 allowed.
    expect(cluster.seconds('finishedAt', pod)).toBeCloseTo((only?.second ?? 0) + 30, 5)
  })

  it('spares critical pods, and evicts the next in rank', () => {
    const test = watched()
    const critical = podOf(test, 'BestEffort', { used: 15 * GIB, priorityClassName: 'system-node-critical' })
    const plain = podOf(test, 'Guaranteed', { request: 2 * GIB, used: 2 * GIB })
    test.cluster.runTo(100)
    expect([critical, plain].map((pod) => test.cluster.state(pod))).toEqual(['Running', 'Failed Evicted'])
  })

  it('goes by priority among pods above their request', () => {
    const test = watched()
    const { cluster } = test
    cluster.api.priorityClasses.create({ metadata: { name: 'high' }, value: 1000 })
    const high = podOf(test, 'BestEffort', { used: 10 * GIB, priorityClassName: 'high' })
    const low = podOf(test, 'Burstable', { request: 6 * GIB, used: 6.5 * GIB })
    cluster.runTo(100)
    expect([high, low].map((pod) => cluster.state(pod))).toEqual(['Running', 'Failed Evicted'])
  })

  it('says what was short, and who used it', () => {
    const test = watched()
    podOf(test, 'Burstable', { request: 512 * MIB, used: 16 * GIB - 52 * MIB })
    test.cluster.runTo(30)
    expect(test.evictions[0]?.message).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. ' +
        'Container main was using 16332Mi, request is 536870912, has larger consumption of memory. ',
    )
  })

  it('counts the memory of the system', () => {
    const test = watched({ eviction: { system: { memory: GIB } } })
    podOf(test, 'BestEffort', { used: 15.5 * GIB })
    test.cluster.runTo(30)
    expect(test.evictions.length).toBe(1)
  })

  it('has no timer for a node that is not short', () => {
    const test = watched()
    podOf(test, 'BestEffort', { used: 15 * GIB })
    test.cluster.runTo(1)
    expect(test.cluster.sim.pending).toBe(0)
  })
})

describe('the condition MemoryPressure', () => {
  it('outlasts the signal by five minutes, and the taint goes with it', () => {
    const test = watched()
    const { cluster, node, evictions } = test
    new NodeLifecycle(cluster.sim, cluster.api, cluster.machines)
    podOf(test, 'BestEffort', { used: 17 * GIB })
    cluster.runTo(30)
    expect(cluster.condition(node, 'MemoryPressure')).toBe('True')
    expect(cluster.taints(node)).toEqual(['memory-pressure:NoSchedule'])
    const late = cluster.createPod({ node, sizing: 'template' })
    cluster.runTo(31)
    expect(cluster.state(late)).toBe('Failed Evicted')
    // The look that evicted was the last to see the signal.
    const endsAt = (evictions[0]?.at ?? 0) + 5 * MINUTE
    cluster.sim.run(endsAt - SECOND)
    expect(cluster.condition(node, 'MemoryPressure')).toBe('True')
    cluster.sim.run(endsAt + 10 * SECOND)
    expect(cluster.condition(node, 'MemoryPressure')).toBe('False')
    expect(cluster.taints(node)).toEqual([])
    expect(cluster.sim.pending).toBe(0)
  })

  it('is gone when the kubelet has started again', () => {
    const test = watched()
    const { cluster, node } = test
    podOf(test, 'BestEffort', { used: 17 * GIB })
    cluster.at(30, () => cluster.machines.crash(node, 'test'))
    cluster.at(40, () => cluster.machines.restore(node, 'test'))
    cluster.runTo(35)
    expect(cluster.condition(node, 'MemoryPressure')).toBe('True')
    cluster.runTo(41)
    expect(cluster.condition(node, 'MemoryPressure')).toBe('False')
    const late = cluster.createPod({ node, sizing: 'template' })
    cluster.runTo(42)
    expect(cluster.state(late)).toBe('Running')
  })

  it('is seen anew on a node whose pods use too much as soon as they start again', () => {
    const eviction = {
      evictionSoft: { 'memory.available': '50%' },
      evictionSoftGracePeriod: { 'memory.available': '1m' },
    }
    const test = watched({ eviction })
    const { cluster, node, evictions } = test
    podOf(test, 'BestEffort', { used: 10 * GIB })
    cluster.at(55, () => cluster.machines.crash(node, 'test'))
    cluster.at(75, () => cluster.machines.restore(node, 'test'))
    cluster.runTo(300)
    // The grace period starts again with the kubelet, and so does the phase of its looks.
    expect(evictions.map(({ second }) => second)).toEqual([135])
  })
})

describe('a node short of something else', () => {
  const GB = 10 ** 9

  /** A node with a disk of 100 GB, 1,000 inodes and 1,000 processes, of which each pod uses so much. */
  function shortOf(use: { disk?: number; inodes?: number; processes?: number }, eviction: TestEviction) {
    const draw = (amount: number | undefined) => (amount === undefined ? undefined : () => amount)
    const localUse = {
      disk: draw(use.disk),
      inodes: draw(use.inodes),
      processes: draw(use.processes),
    }
    const cluster = new TestCluster({ eviction, localUse })
    const annotations = { 'stowage.dev/inodes': '1000', 'stowage.dev/pids': '1000' }
    const node = cluster.addNode('n0', { disk: '100G', annotations })
    const evictions: Eviction[] = []
    cluster.eviction?.observe((one) => evictions.push(one))
    const start = (count: number): PodRow[] =>
      Array.from({ length: count }, () => cluster.createPod({ node, sizing: 'template' }))
    return { cluster, node, evictions, start }
  }

  it.each([
    ['nodefs.available', { disk: 30 * GB }, 'DiskPressure', 'ephemeral-storage'],
    ['nodefs.inodesFree', { inodes: 300 }, 'DiskPressure', 'inodes'],
    ['pid.available', { processes: 300 }, 'PIDPressure', 'pids'],
  ] as const)('evicts by %s until it is not', (signal, use, condition, resource) => {
    const test = shortOf(use, { evictionHard: { [signal]: '20%' } })
    const { cluster, node, evictions } = test
    new NodeLifecycle(cluster.sim, cluster.api, cluster.machines)
    test.start(2)
    cluster.runTo(30)
    expect([evictions, cluster.sim.pending]).toEqual([[], 0])
    test.start(1)
    cluster.runTo(60)
    expect(evictions).toMatchObject([{ signal }])
    expect(evictions[0]?.message).toContain(`The node was low on resource: ${resource}. Threshold quantity:`)
    expect(cluster.condition(node, condition)).toBe('True')
    expect(cluster.condition(node, 'MemoryPressure')).toBe('False')
    expect(cluster.taints(node)).toEqual([
      condition === 'DiskPressure' ? 'disk-pressure:NoSchedule' : 'pid-pressure:NoSchedule',
    ])
    // Whatever its class, a newcomer is refused, unless it is critical.
    const resources = { requests: { cpu: '1m', memory: '1Mi' } }
    const newcomers = [undefined, 'system-node-critical'].map((priorityClassName) =>
      cluster.createPod({
        node,
        sizing: 'template',
        spec: {
          containers: [{ name: 'main', resources }],
          ...(priorityClassName === undefined ? {} : { priorityClassName }),
        },
      }),
    )
    cluster.runTo(61)
    expect(newcomers.map((pod) => cluster.state(pod))).toEqual(['Failed Evicted', expect.any(String)])
    expect(cluster.state(newcomers[1] ?? (0 as PodRow))).not.toContain('Evicted')
  })

  it('ends pods above their own limit on the disk, all at once, without a disruption', () => {
    const test = shortOf({ disk: 2 * GB }, {})
    const { cluster, node, evictions } = test
    const limited = (limit: string): PodRow =>
      cluster.createPod({
        node,
        sizing: 'template',
        spec: { containers: [{ name: 'main', resources: { limits: { 'ephemeral-storage': limit } } }] },
      })
    const pods = [limited('1G'), limited('3G'), limited('1G')]
    cluster.runTo(30)
    expect(pods.map((pod) => cluster.state(pod))).toEqual(['Failed Evicted', 'Running', 'Failed Evicted'])
    expect(evictions.map(({ at, signal }) => [at, signal])).toEqual([
      [evictions[0]?.at, undefined],
      [evictions[0]?.at, undefined],
    ])
    expect(evictions[0]?.message).toBe(
      'Pod ephemeral local storage usage exceeds the total limit of containers 1G. ',
    )
    expect(cluster.condition(node, 'DiskPressure')).toBeUndefined()
    const [first = 0 as PodRow] = pods
    expect(cluster.api.pods.detailsOf(first)).toEqual({ message: evictions[0]?.message })
  })

  it('says of pods that a shortage ended that they were disrupted', () => {
    const test = shortOf({ processes: 900 }, { evictionHard: { 'pid.available': '200' } })
    const [pod = 0 as PodRow] = test.start(1)
    test.cluster.runTo(30)
    const message = 'The node was low on resource: pids. Threshold quantity: 200, available: 100. '
    expect(test.cluster.api.pods.detailsOf(pod)).toEqual({
      message,
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }],
    })
  })

  it('measures the disk of images apart where there is one', () => {
    const cluster = new TestCluster({ eviction: {}, localUse: { disk: () => 9 * GB } })
    const annotations = { 'stowage.dev/image-disk': '10G' }
    const node = cluster.addNode('n0', { disk: '100G', annotations })
    const signals: unknown[] = []
    cluster.eviction?.observe(({ signal }) => signals.push(signal))
    cluster.createPod({ node, sizing: 'template' })
    cluster.runTo(30)
    expect(signals).toEqual(['imagefs.available'])
  })
})
