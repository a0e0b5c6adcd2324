import { describe, expect, it } from 'vitest'
import type { CSIDriver, PersistentVolume, PersistentVolumeClaim } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { AttachDetach } from '../../src/controllers/attach-detach.ts'
import type { AttachDetachOptions } from '../../src/controllers/attach-detach.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Watched {
  readonly cluster: TestCluster
  readonly controller: AttachDetach
  readonly nodes: readonly [NodeRow, NodeRow, NodeRow]
  /** Events as `second reason object node`. */
  readonly events: readonly string[]
  /** A pod on a node, with the claim of this name. */
  readonly podOn: (node: NodeRow, claim: string) => PodRow
}

/** Three nodes, and a bound claim `disk` for one node, and one `shared`. Calls of the cloud take `seconds`; 0: none is made. */
function watched(seconds = 0, options: AttachDetachOptions = {}): Watched {
  const cluster = new TestCluster()
  const { sim, api, machines, kubelets } = cluster
  new NodeLifecycle(sim, api, machines)
  const events: string[] = []
  const time = (): number => seconds * SECOND
  const latencies = { attachVolume: time, detachVolume: time }
  const controller = new AttachDetach(
    {
      sim,
      api,
      machines,
      kubelets,
      cloud: seconds === 0 ? undefined : new CloudApi(sim, { latencies }),
      heard: ({ reason, object, node }) => events.push(`${sim.now / SECOND} ${reason} ${object} ${node}`),
    },
    options,
  )
  const nodes = ['n0', 'n1', 'n2'].map((name) => cluster.addNode(name))
  for (const [name, mode] of [
    ['disk', 'ReadWriteOnce'],
    ['shared', 'ReadWriteMany'],
  ] as const) {
    api.collection<PersistentVolume>('PersistentVolume').create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pv-${name}` },
      spec: { accessModes: [mode], csi: { driver: 'disk.example', volumeHandle: name } },
    })
    api.collection<PersistentVolumeClaim>('PersistentVolumeClaim').create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { accessModes: [mode], volumeName: `pv-${name}` },
    })
  }
  const podOn = (node: NodeRow, claimName: string): PodRow => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName } }]
    return cluster.createPod({ node, spec: { volumes } })
  }
  return { cluster, controller, nodes: nodes as unknown as Watched['nodes'], events, podOn }
}

describe('a volume that is attached at once', () => {
  it('delays no pod, and costs no event', () => {
    const { cluster, controller, nodes, podOn } = watched()
    const pod = podOn(nodes[0], 'disk')
    cluster.runTo(0)
    expect(cluster.seconds('runningAt', pod)).toBe(0)
    expect([controller.attachedTo(nodes[0]), cluster.sim.pending]).toEqual([['pv-disk'], 0])
    cluster.api.pods.requestDeletion(pod, { reason: '' })
    cluster.runTo(10)
    expect([controller.attachedTo(nodes[0]), cluster.sim.pending]).toEqual([[], 0])
  })

  it('moves with its pod within the instant', () => {
    const { cluster, controller, nodes, podOn } = watched()
    const first = podOn(nodes[0], 'disk')
    cluster.runTo(10)
    cluster.api.pods.requestDeletion(first, { reason: '' })
    cluster.runTo(11)
    const second = podOn(nodes[1], 'disk')
    cluster.runTo(12)
    expect(cluster.seconds('runningAt', second)).toBe(11)
    expect(controller.attachedTo(nodes[1])).toEqual(['pv-disk'])
  })

  it('may be on several nodes, or be used by several pods of a node, where its mode lets it', () => {
    const { cluster, nodes, events, podOn } = watched()
    const pods = [
      podOn(nodes[0], 'shared'),
      podOn(nodes[1], 'shared'),
      podOn(nodes[2], 'disk'),
      podOn(nodes[2], 'disk'),
    ]
    cluster.runTo(1)
    expect(pods.map((pod) => cluster.seconds('runningAt', pod))).toEqual([0, 0, 0, 0])
    expect(events).toEqual([])
  })
})

describe('a volume of a node that is silent', () => {
  /** A pod of a node that goes down at 100; its deletion is forced at 500, and another one comes elsewhere. */
  function moved(test: Watched): PodRow {
    const { cluster, nodes, podOn } = test
    const first = podOn(nodes[0], 'disk')
    cluster.at(100, () => cluster.machines.crash(nodes[0], 'test'))
    cluster.runTo(500)
    cluster.api.pods.requestDeletion(first, { grace: 0, reason: '' })
    return podOn(nodes[1], 'disk')
  }

  it('is detached by force after six minutes; the pod that waits finds that out at a try of its kubelet', () => {
    const test = watched()
    const second = moved(test)
    test.cluster.runTo(860)
    expect(test.events).toEqual(['500 FailedAttachVolume default/pod-2 n1'])
    test.cluster.runTo(2000)
    // More than 360 s at the next look of 100 ms; tries at 0.5, 1.5, … 127.5, 249.5, 371.5 s.
    expect(test.events.slice(1)).toEqual([
      '860.1 ForcedDetach pv-disk n0',
      '871.5 SuccessfulAttachVolume default/pod-2 n1',
    ])
    expect(test.cluster.seconds('runningAt', second)).toBe(871.5)
    expect(test.cluster.sim.pending).toBe(0)
  })

  it('is detached at once when the node is out of service', () => {
    const test = watched()
    const second = moved(test)
    const { cluster, nodes } = test
    cluster.at(520.03, () => {
      const node = cluster.node(nodes[0])
      const taints = [
        { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
      ]
      cluster.api.nodes.update({ ...node, spec: { taints: [...(node.spec?.taints ?? []), ...taints] } })
    })
    cluster.runTo(2000)
    expect(test.events).toContain('520.1 ForcedDetach pv-disk n0')
    expect(cluster.seconds('runningAt', second)).toBe(531.5)
  })

  it('is detached when the node is back, which unmounts it', () => {
    const test = watched()
    const second = moved(test)
    test.cluster.at(560.02, () => test.cluster.machines.restore(test.nodes[0], 'test'))
    test.cluster.runTo(2000)
    expect(test.events.some((event) => event.includes('ForcedDetach'))).toBe(false)
    expect(test.cluster.seconds('runningAt', second)).toBe(563.5)
  })

  it('stays while force is disabled, and while its node is said to be Ready', () => {
    const disabled = watched(0, { disableForceDetach: true })
    moved(disabled)
    disabled.cluster.runTo(5000)
    expect(disabled.controller.attachedTo(disabled.nodes[0])).toEqual(['pv-disk'])
    const ready = watched(0, { maxWaitForUnmount: SECOND })
    const { cluster, nodes, podOn } = ready
    const first = podOn(nodes[0], 'disk')
    cluster.at(100, () => cluster.machines.crash(nodes[0], 'test'))
    cluster.at(101, () => cluster.api.pods.requestDeletion(first, { grace: 0, reason: '' }))
    cluster.runTo(1000)
    const [event = ''] = ready.events
    // It goes as soon as the node is Unknown.
    const unknownAt = Number(event.split(' ')[0])
    expect(event).toContain('ForcedDetach')
    expect(unknownAt).toBeGreaterThanOrEqual(140)
    expect(unknownAt).toBeLessThanOrEqual(155)
  })

  it('waits its six minutes again after a pause', () => {
    const test = watched()
    moved(test)
    test.cluster.at(600, () => test.controller.setPaused(true))
    test.cluster.at(700.03, () => test.controller.setPaused(false))
    test.cluster.runTo(2000)
    expect(test.events).toContain('1060.2 ForcedDetach pv-disk n0')
  })

  it('follows when its Node is deleted, no sooner', () => {
    const test = watched()
    moved(test)
    test.cluster.at(510, () => void test.cluster.api.nodes.delete('n0'))
    test.cluster.runTo(2000)
    expect(test.events).toContain('860.1 ForcedDetach pv-disk n0')
  })
})

describe('a volume that is attached by a call', () => {
  it('holds its pod until a try of the kubelet after that', () => {
    const { cluster, nodes, podOn } = watched(5)
    const pod = podOn(nodes[0], 'disk')
    cluster.runTo(100)
    // Attached after 5 s; tries at 0.5, 1.5, 3.5 and 7.5 s.
    expect(cluster.seconds('runningAt', pod)).toBe(7.5)
  })

  it('is detached by one, and attached by the next', () => {
    const { cluster, nodes, events, podOn } = watched(5)
    const first = podOn(nodes[0], 'disk')
    cluster.runTo(100)
    cluster.api.pods.requestDeletion(first, { reason: '' })
    const second = podOn(nodes[1], 'disk')
    cluster.runTo(200)
    // Detached at 105, seen at 105, attached at 110; tries at 103.5, 107.5 and 115.5.
    expect(cluster.seconds('runningAt', second)).toBe(115.5)
    // The first pod is still there at the look of that instant.
    expect(events).toContain('100 FailedAttachVolume default/pod-2 n1')
  })

  it('is detached again when its pod went meanwhile', () => {
    const { cluster, controller, nodes, podOn } = watched(5)
    const pod = podOn(nodes[0], 'disk')
    cluster.runTo(2)
    cluster.api.pods.requestDeletion(pod, { reason: '' })
    cluster.runTo(6)
    expect(controller.attachedTo(nodes[0])).toEqual([])
    cluster.runTo(100)
    expect([cluster.state(pod), cluster.sim.pending]).toEqual(['gone', 0])
  })

  it('is not held by a machine that goes down and up', () => {
    const { cluster, nodes, podOn } = watched(5)
    const pod = podOn(nodes[0], 'disk')
    cluster.at(2, () => cluster.machines.crash(nodes[0], 'test'))
    cluster.at(20, () => cluster.machines.restore(nodes[0], 'test'))
    cluster.runTo(100)
    expect(cluster.seconds('runningAt', pod)).toBe(20)
  })
})

it('leaves volumes alone that no driver attaches', () => {
  const { cluster, controller, nodes, podOn } = watched(5)
  cluster.api.collection<CSIDriver>('CSIDriver').create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: 'disk.example' },
    spec: { attachRequired: false },
  })
  const pod = podOn(nodes[0], 'disk')
  cluster.runTo(1)
  expect([cluster.seconds('runningAt', pod), controller.attachedTo(nodes[0])]).toEqual([0, []])
})
