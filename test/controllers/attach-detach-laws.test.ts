import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { AttachDetach } from '../../src/controllers/attach-detach.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import { TestCluster } from '../node/test-cluster.ts'

const NODES = 3

/** What happens at a time; `which` says to which pod or node. */
const step = fc.record({
  second: fc.integer({ min: 1, max: 900 }),
  which: fc.integer({ min: 0, max: 5 }),
  claim: fc.constantFrom('disk', 'other', 'shared'),
  does: fc.constantFrom('create', 'create', 'delete', 'crash', 'restore', 'hang', 'wake', 'pause', 'resume'),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Cluster {
  readonly cluster: TestCluster
  readonly controller: AttachDetach
  readonly nodes: readonly NodeRow[]
}

function clusterOf(callSeconds: number): Cluster {
  const cluster = new TestCluster()
  const { sim, api, machines, kubelets } = cluster
  new NodeLifecycle(sim, api, machines)
  const time = (): number => callSeconds * SECOND
  const latencies = { attachVolume: time, detachVolume: time }
  const cloud = callSeconds === 0 ? undefined : new CloudApi(sim, { latencies })
  const controller = new AttachDetach({ sim, api, machines, kubelets, cloud })
  for (const name of ['disk', 'other', 'shared']) {
    const accessModes = [name === 'shared' ? 'ReadWriteMany' : 'ReadWriteOnce']
    api.collection<PersistentVolume>('PersistentVolume').create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { accessModes, csi: { driver: 'disk.example', volumeHandle: name } },
    })
    api.collection<PersistentVolumeClaim>('PersistentVolumeClaim').create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { accessModes, volumeName: name },
    })
  }
  const nodes = Array.from({ length: NODES }, (_, index) => cluster.addNode(`n${index}`))
  return { cluster, controller, nodes }
}

function schedule({ cluster, controller, nodes }: Cluster, steps: readonly Step[]): readonly PodRow[] {
  const pods: PodRow[] = []
  for (const { second, which, claim, does } of steps) {
    const node = nodes[which % NODES] as NodeRow
    cluster.at(second, () => {
      if (does === 'create') {
        const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: claim } }]
        pods.push(cluster.createPod({ node, spec: { volumes } }))
      } else if (does === 'delete') {
        const pod = pods[which % Math.max(1, pods.length)]
        if (pod === undefined || cluster.api.pods.isRemoved(pod)) return
        cluster.api.pods.requestDeletion(pod, { grace: which % 2 === 0 ? 0 : 10 * SECOND, reason: '' })
      } else if (does === 'crash' || does === 'hang') {
        cluster.machines.begin(node, does === 'crash' ? 'down' : 'hung', 'test')
      } else if (does === 'restore' || does === 'wake') {
        cluster.machines.end(node, does === 'restore' ? 'down' : 'hung', 'test')
      } else controller.setPaused(does === 'pause')
    })
  }
  return pods
}

it('never has a volume of one node on two, nor a pod start without its volume; in the end all that can runs', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(0, 5),
      (steps, callSeconds) => {
        const test = clusterOf(callSeconds)
        const { cluster, controller, nodes } = test
        const pods = schedule(test, steps)
        const { table } = cluster.api.pods
        const claimOf = (pod: PodRow): string =>
          cluster.api.pods.infoOf(pod).template.spec.volumes?.[0]?.persistentVolumeClaim?.claimName ?? ''
        for (let second = 0; second <= 1000; second += 1) {
          cluster.runTo(second + 0.5)
          const attached = nodes
            .flatMap((node) => controller.attachedTo(node))
            .filter((name) => name !== 'shared')
          expect(new Set(attached).size).toBe(attached.length)
          for (const pod of pods) {
            if (cluster.api.pods.isRemoved(pod) || cluster.seconds('runningAt', pod) < second - 0.5) continue
            expect(controller.attachedTo(table.node(pod))).toContain(claimOf(pod))
          }
        }
        controller.setPaused(false)
        for (const node of nodes)
          for (const fault of ['down', 'hung'] as const) cluster.machines.end(node, fault, 'test')
        cluster.runTo(4000)
        const left = pods.filter((pod) => !cluster.api.pods.isRemoved(pod))
        for (const pod of left) {
          const isAttached = controller.attachedTo(table.node(pod)).includes(claimOf(pod))
          expect(cluster.state(pod)).toBe(isAttached ? 'Running' : 'Pending')
        }
        // A volume that somebody wants is somewhere, and one that nobody wants is nowhere.
        const wanted = new Set(left.map(claimOf))
        expect(new Set(nodes.flatMap((node) => controller.attachedTo(node)))).toEqual(wanted)
        expect(cluster.sim.pending).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})
