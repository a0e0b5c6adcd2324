import { describe, expect, it } from 'vitest'
import { MILLISECOND, SECOND } from '../../src/base/time.ts'
import { GIB, TestCluster } from './test-cluster.ts'

const RUNS_ONCE = { restartPolicy: 'Never' }

describe('a pod of a healthy node', () => {
  it('starts after the latencies, runs for its time, and succeeds', () => {
    const kubelet = { startup: () => 3 * SECOND, watchLatency: 500 * MILLISECOND }
    const cluster = new TestCluster({ kubelet })
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ cpu: 500, memory: GIB, duration: 20 })
    cluster.at(2, () => cluster.api.pods.bind(pod, node, 0))
    cluster.runTo(10)
    expect([cluster.seconds('runningAt', pod), cluster.seconds('readyAt', pod)]).toEqual([5.5, 5.5])
    expect([cluster.kubelets.workingSet(node), cluster.kubelets.runningCpu(node)]).toEqual([GIB, 500])
    cluster.runTo(60)
    expect(cluster.state(pod)).toBe('Succeeded Completed')
    expect(cluster.seconds('finishedAt', pod)).toBe(25.5)
    expect([cluster.kubelets.workingSet(node), cluster.kubelets.runningCpu(node)]).toEqual([0, 0])
  })

  it('runs at once without latencies, and for ever without a duration', () => {
    const cluster = new TestCluster()
    const pod = cluster.createPod({ node: cluster.addNode('n0'), cpu: 1 })
    cluster.runTo(1_000_000)
    expect([cluster.state(pod), cluster.seconds('runningAt', pod)]).toEqual(['Running', 0])
  })

  it('rounds drawn spans to whole microseconds', () => {
    const cluster = new TestCluster({ kubelet: { startup: () => 1.4, stop: () => -3 } })
    const pod = cluster.createPod({ node: cluster.addNode('n0') })
    cluster.runTo(1)
    expect(cluster.api.pods.table.runningAt(pod)).toBe(1)
  })

  it('uses a share of its memory first, and all of it from some point of its run on', () => {
    const cluster = new TestCluster({ usage: { initialShare: 0.5 } })
    const node = cluster.addNode('n0')
    cluster.createPod({ node, memory: 2 * GIB, duration: 100 })
    const levels: number[] = []
    cluster.kubelets.onWorkingSet(() => levels.push(cluster.kubelets.workingSet(node) / GIB))
    cluster.runTo(200)
    expect(levels).toEqual([1, 2, 0])
  })
})

describe('a deletion', () => {
  it('waits for the containers to stop, the grace period at most', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 7 * SECOND } })
    const node = cluster.addNode('n0')
    const [patient, hasty] = [cluster.createPod({ node }), cluster.createPod({ node })]
    const gone: [number, number][] = []
    cluster.api.pods.observe((event, pod) => event === 256 && gone.push([pod, cluster.sim.now / SECOND]))
    cluster.at(10, () => {
      cluster.api.pods.requestDeletion(patient, { grace: 30 * SECOND, reason: 'Test' })
      cluster.api.pods.requestDeletion(hasty, { grace: 2 * SECOND, reason: 'Test' })
    })
    cluster.runTo(11)
    expect(cluster.state(patient)).toBe('Running Test deleting')
    cluster.runTo(60)
    expect(gone).toEqual([
      [hasty, 12],
      [patient, 17],
    ])
  })

  it('may be hastened and never put off by a second request', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 20 * SECOND } })
    const pod = cluster.createPod({ node: cluster.addNode('n0') })
    const ask = (grace: number) => () =>
      cluster.api.pods.requestDeletion(pod, { grace: grace * SECOND, reason: 'Test' })
    cluster.at(10, ask(30))
    cluster.at(15, ask(16))
    cluster.runTo(29.9)
    expect(cluster.state(pod)).not.toBe('gone')
    cluster.runTo(30)
    expect(cluster.state(pod)).toBe('gone')
  })

  it('wins over the end of the run that comes while the kubelet has not heard of it', () => {
    const cluster = new TestCluster({ kubelet: { watchLatency: SECOND } })
    const pod = cluster.createPod({ node: cluster.addNode('n0'), duration: 10 })
    cluster.at(10.5, () => cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'Test' }))
    cluster.runTo(60)
    // Heard at 1, ends at 11, hears of the deletion at 11.5.
    expect([cluster.state(pod), cluster.seconds('finishedAt', pod)]).toEqual(['gone', -1])
  })

  it('without grace is no business of the kubelet, which forgets the pod', () => {
    const cluster = new TestCluster({ kubelet: { watchLatency: SECOND } })
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ node, memory: GIB, duration: 10 })
    cluster.at(10.5, () => cluster.api.pods.requestDeletion(pod, { grace: 0, reason: 'Test' }))
    cluster.runTo(60)
    expect([cluster.state(pod), cluster.kubelets.workingSet(node)]).toEqual(['gone', 0])
  })
})

describe('a machine that goes down', () => {
  it('kills its containers and reports nothing', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ node, memory: GIB, duration: 100 })
    cluster.at(50, () => cluster.machines.crash(node, 'test'))
    cluster.runTo(500)
    expect([cluster.state(pod), cluster.kubelets.workingSet(node)]).toEqual(['Running', 0])
    expect(cluster.condition(node, 'Ready')).toBe('True')
  })

  it('starts its pods again from zero when it is back, those that are never restarted failed', () => {
    const cluster = new TestCluster({ kubelet: { startup: () => 4 * SECOND } })
    const node = cluster.addNode('n0')
    const again = cluster.createPod({ node, duration: 100 })
    const never = cluster.createPod({ node, duration: 100, spec: RUNS_ONCE })
    cluster.at(50, () => cluster.machines.crash(node, 'test'))
    cluster.at(80, () => cluster.machines.restore(node, 'test'))
    cluster.runTo(81)
    expect(cluster.state(never)).toBe('Failed ContainerStatusUnknown')
    expect([cluster.state(again), cluster.api.pods.table.isReady(again)]).toEqual(['Running', false])
    cluster.runTo(85)
    expect([cluster.api.pods.table.isReady(again), cluster.seconds('readyAt', again)]).toEqual([true, 84])
    cluster.runTo(500)
    expect(cluster.seconds('finishedAt', again)).toBe(184)
  })

  it('removes the pods that were deleted meanwhile when it is back, and not before', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ node })
    cluster.at(50, () => cluster.machines.crash(node, 'test'))
    cluster.at(60, () => cluster.api.pods.requestDeletion(pod, { grace: SECOND, reason: 'Test' }))
    cluster.at(900, () => cluster.machines.restore(node, 'test'))
    cluster.runTo(899)
    expect(cluster.state(pod)).toBe('Running Test deleting')
    cluster.runTo(900)
    expect(cluster.state(pod)).toBe('gone')
  })

  it('looks at pods that were bound to it meanwhile when it is back', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0', { cpu: '1' })
    cluster.at(50, () => cluster.machines.crash(node, 'test'))
    const [fits, tooMuch] = [cluster.createPod({ cpu: 600 }), cluster.createPod({ cpu: 600 })]
    cluster.at(60, () => {
      cluster.api.pods.bind(fits, node, 0)
      cluster.api.pods.bind(tooMuch, node, 0)
    })
    cluster.at(70, () => cluster.machines.restore(node, 'test'))
    cluster.runTo(100)
    expect([cluster.state(fits), cluster.seconds('runningAt', fits)]).toEqual(['Running', 70])
    expect(cluster.state(tooMuch)).toBe('Failed OutOfcpu')
  })

  it('loses its containers also when it comes back, or goes down again, in the same instant', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ node, duration: 100 })
    const { machines } = cluster
    cluster.at(50, () => {
      machines.crash(node, 'a')
      machines.restore(node, 'a')
    })
    cluster.at(60, () => machines.crash(node, 'a'))
    cluster.at(70, () => {
      machines.restore(node, 'a')
      machines.crash(node, 'b')
    })
    cluster.at(80, () => machines.restore(node, 'b'))
    cluster.runTo(55)
    expect([cluster.state(pod), cluster.seconds('readyAt', pod)]).toEqual(['Running', 50])
    cluster.runTo(300)
    expect([cluster.seconds('readyAt', pod), cluster.seconds('finishedAt', pod)]).toEqual([80, 180])
  })

  it('takes in once a pod that is bound in the instant in which it comes back', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0')
    const pod = cluster.createPod({ cpu: 100, duration: 10, spec: RUNS_ONCE })
    cluster.at(1, () => cluster.machines.crash(node, 'a'))
    cluster.at(5, () => {
      cluster.api.pods.bind(pod, node, 0)
      cluster.machines.restore(node, 'a')
    })
    cluster.runTo(5)
    expect([cluster.state(pod), cluster.kubelets.runningCpu(node)]).toEqual(['Running', 100])
    cluster.runTo(20)
    expect(cluster.state(pod)).toBe('Succeeded Completed')
  })

  it('tells of the time that its containers had run', () => {
    const cluster = new TestCluster({ kubelet: { startup: () => 5 * SECOND } })
    const node = cluster.addNode('n0')
    const lost: (string | number)[][] = []
    cluster.kubelets.onLostWork(({ pod, span, cores, cause }) =>
      lost.push([pod, span / SECOND, cores, cause]),
    )
    const [first, service, deleted] = [
      cluster.createPod({ node, cpu: 1500, duration: 100 }),
      cluster.createPod({ node, cpu: 1000 }),
      cluster.createPod({ node, cpu: 250, duration: 1000 }),
    ]
    cluster.at(50, () => cluster.machines.crash(node, 'test'))
    cluster.at(60, () => cluster.machines.restore(node, 'test'))
    cluster.at(100, () => cluster.api.pods.requestDeletion(deleted, { grace: SECOND, reason: 'Why' }))
    cluster.runTo(500)
    expect(lost).toEqual([
      [first, 45, 1.5, 'MachineDown'],
      [deleted, 45, 0.25, 'MachineDown'],
      [deleted, 35, 0.25, 'Why'],
    ])
    expect(cluster.state(service)).toBe('Running')
  })
})

describe('the admission of the kubelet', () => {
  it('refuses what does not fit, as Failed with the reason of the first that is short', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0', { cpu: '2', memory: '4Gi', pods: '3' })
    const pods = [
      cluster.createPod({ node, cpu: 1500, memory: GIB }),
      cluster.createPod({ node, cpu: 501, memory: 4 * GIB }),
      cluster.createPod({ node, cpu: 1, memory: 3 * GIB + 1 }),
      cluster.createPod({ node, cpu: 500, memory: 3 * GIB }),
      cluster.createPod({ node }),
      cluster.createPod({ node }),
    ]
    cluster.runTo(1)
    expect(pods.map((pod) => cluster.state(pod))).toEqual([
      'Running',
      'Failed OutOfcpu',
      'Failed OutOfmemory',
      'Running',
      'Running',
      'Failed OutOfpods',
    ])
  })

  it('goes by what the node has to give now, what its pods took counted', () => {
    const cluster = new TestCluster()
    const row = cluster.addNode('n0', { cpu: '2' })
    const give = (cpu: string): void => {
      const node = cluster.node(row)
      cluster.api.nodes.update({
        ...node,
        status: { ...node.status, allocatable: { ...node.status?.allocatable, cpu } },
      })
    }
    const states = (): string[] => pods.map((pod) => cluster.state(pod))
    const pods = [cluster.createPod({ node: row, cpu: 1500, duration: 100 })]
    cluster.runTo(1)
    give('1')
    pods.push(cluster.createPod({ node: row, cpu: 1 }), cluster.createPod({ node: row }))
    cluster.runTo(2)
    expect(states()).toEqual(['Running', 'Failed OutOfcpu', 'Running'])
    give('3')
    pods.push(cluster.createPod({ node: row, cpu: 1501 }), cluster.createPod({ node: row, cpu: 1500 }))
    cluster.runTo(3)
    expect(states().slice(3)).toEqual(['Failed OutOfcpu', 'Running'])
    cluster.runTo(101)
    pods.push(cluster.createPod({ node: row, cpu: 1501 }), cluster.createPod({ node: row, cpu: 1500 }))
    cluster.runTo(102)
    expect(states().slice(5)).toEqual(['Failed OutOfcpu', 'Running'])
  })

  it('counts a pod until its containers have ended', () => {
    const cluster = new TestCluster({ kubelet: { stop: () => 5 * SECOND } })
    const node = cluster.addNode('n0', { cpu: '1' })
    const first = cluster.createPod({ node, cpu: 1000 })
    cluster.at(10, () => cluster.api.pods.requestDeletion(first, { grace: 30 * SECOND, reason: '' }))
    cluster.runTo(12)
    const early = cluster.createPod({ node, cpu: 1000 })
    cluster.runTo(20)
    const late = cluster.createPod({ node, cpu: 1000 })
    cluster.runTo(21)
    expect([cluster.state(early), cluster.state(late)]).toEqual(['Failed OutOfcpu', 'Running'])
  })

  it('refuses best-effort pods under memory pressure, but critical and tolerating ones', () => {
    const cluster = new TestCluster()
    const node = cluster.addNode('n0')
    cluster.kubelets.admission.setConditions(node, ['MemoryPressure'])
    const template = { node, sizing: 'template' } as const
    const tolerations = [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' }]
    const burstable = { containers: [{ name: 'c', resources: { requests: { cpu: '1m' } } }] }
    const pods = [
      cluster.createPod(template),
      cluster.createPod({ node, cpu: 0, memory: 0 }),
      cluster.createPod({ ...template, spec: burstable }),
      cluster.createPod({ ...template, spec: { tolerations } }),
      cluster.createPod({ ...template, spec: { priorityClassName: 'system-node-critical' } }),
      cluster.createPod({ node, memory: 1 }),
    ]
    cluster.runTo(1)
    const refused = 'Failed Evicted'
    expect(pods.map((pod) => cluster.state(pod))).toEqual([
      refused,
      refused,
      'Running',
      'Running',
      'Running',
      'Running',
    ])
    cluster.kubelets.admission.setConditions(node, [])
    const later = cluster.createPod(template)
    cluster.runTo(2)
    expect(cluster.state(later)).toBe('Running')
  })
})
