import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type {
  ControllerRevision,
  PersistentVolumeClaim,
  StatefulSet,
  StatefulSetSpec,
} from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { POD_CREATED } from '../../src/cluster/pod-event.ts'
import { PHASE_RUNNING } from '../../src/cluster/pod-table.ts'
import { startStatefulSetController } from '../../src/controllers/stateful-set.ts'
import type { StatefulSetOptions } from '../../src/controllers/stateful-set.ts'
import { WorkloadCluster, podTemplate } from './workload-cluster.ts'

const KEY = 'default/web'

function statefulSet(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      serviceName: 'web',
      template: podTemplate(),
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  }
}

function started(
  spec: Partial<StatefulSetSpec> = {},
  options: StatefulSetOptions & { readonly becomesReady?: boolean } = {},
): WorkloadCluster {
  const cluster = new WorkloadCluster(
    options.becomesReady === undefined ? {} : { becomesReady: options.becomesReady },
  )
  cluster.addNode('node')
  startStatefulSetController(cluster.parts, options)
  cluster.create(statefulSet(spec))
  return cluster
}

function changeSpec(cluster: WorkloadCluster, spec: Partial<StatefulSetSpec>): void {
  cluster.change<StatefulSet>('StatefulSet', KEY, (set) => ({
    ...set,
    spec: { ...(set.spec ?? statefulSet().spec), ...spec } as StatefulSetSpec,
  }))
}

function statusOf(cluster: WorkloadCluster): NonNullable<StatefulSet['status']> {
  return cluster.get<StatefulSet>('StatefulSet', KEY).status ?? { replicas: 0 }
}

function versions(cluster: WorkloadCluster): string[] {
  return cluster.pods().map((pod) => cluster.api.pods.infoOf(pod).template.metadata.annotations.version ?? '')
}

function revisions(cluster: WorkloadCluster): ControllerRevision[] {
  return [...cluster.api.collection<ControllerRevision>('ControllerRevision').list()]
}

describe('a StatefulSet', () => {
  it('makes its pods one after the other, each when the one before is ready', () => {
    const cluster = started()
    cluster.run(0.5)
    expect(cluster.podNames()).toEqual(['web-0'])
    cluster.run(1)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1'])
    cluster.run(2)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1', 'web-2'])
    expect(statusOf(cluster)).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
    })
  })

  it('makes them all at once with Parallel', () => {
    const cluster = started({ podManagementPolicy: 'Parallel' })
    cluster.run(0)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1', 'web-2'])
  })

  it('gives pods a name, an index, a host name and the revision', () => {
    const cluster = started({ ordinals: { start: 5 }, replicas: 1 })
    cluster.run(0)
    const pod = cluster.pod('web-5')
    const revision = statusOf(cluster).updateRevision
    expect(cluster.labelsOf(pod)).toEqual({
      app: 'web',
      'apps.kubernetes.io/pod-index': '5',
      'controller-revision-hash': revision,
      'statefulset.kubernetes.io/pod-name': 'web-5',
    })
    expect(cluster.api.pods.infoOf(pod).template.spec).toMatchObject({ hostname: 'web-5', subdomain: 'web' })
  })

  it('waits for minReadySeconds before the next pod', () => {
    const cluster = started({ minReadySeconds: 10, replicas: 2 })
    cluster.run(10.5)
    expect(cluster.podNames()).toEqual(['web-0'])
    expect(statusOf(cluster)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    cluster.run(1)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1'])
    cluster.run(15)
    expect(statusOf(cluster)).toMatchObject({ readyReplicas: 2, availableReplicas: 2 })
  })

  it('deletes from the highest ordinal, one after the other', () => {
    const cluster = started()
    cluster.run(5)
    changeSpec(cluster, { replicas: 1 })
    cluster.run(0.5)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1', 'web-2'])
    expect(cluster.isUp(cluster.pod('web-1'))).toBe(true)
    expect(cluster.isUp(cluster.pod('web-2'))).toBe(false)
    cluster.run(5)
    expect(cluster.podNames()).toEqual(['web-0'])
  })

  it('makes failed and succeeded pods again under their name', () => {
    const cluster = started({ replicas: 2 })
    cluster.run(5)
    const before = cluster.api.pods.uidOf(cluster.pod('web-1'))
    cluster.api.pods.finish(cluster.pod('web-0'), { succeeded: true, reason: 'Completed' })
    cluster.api.pods.finish(cluster.pod('web-1'), { succeeded: false, reason: 'Error' })
    cluster.run(5)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1'])
    expect(cluster.pods().every((pod) => cluster.isUp(pod))).toBe(true)
    expect(cluster.api.pods.uidOf(cluster.pod('web-1'))).not.toBe(before)
  })

  it('updates from the highest ordinal down to the partition', () => {
    const cluster = started()
    cluster.run(5)
    changeSpec(cluster, {
      template: podTemplate('2'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
    })
    cluster.run(2.5)
    expect(versions(cluster)).toEqual(['1', '1', '2'])
    cluster.run(10)
    expect(versions(cluster)).toEqual(['1', '2', '2'])
    const status = statusOf(cluster)
    expect(status).toMatchObject({ currentReplicas: 1, updatedReplicas: 2 })
    expect(status.currentRevision).not.toBe(status.updateRevision)
    changeSpec(cluster, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } })
    cluster.run(10)
    expect(versions(cluster)).toEqual(['2', '2', '2'])
    expect(statusOf(cluster).currentRevision).toBe(status.updateRevision)
  })

  it('leaves pods alone with OnDelete until somebody deletes them', () => {
    const cluster = started({ updateStrategy: { type: 'OnDelete' } })
    cluster.run(5)
    changeSpec(cluster, { template: podTemplate('2') })
    cluster.run(10)
    expect(versions(cluster)).toEqual(['1', '1', '1'])
    cluster.api.pods.requestDeletion(cluster.pod('web-1'), { grace: 30 * SECOND, reason: '' })
    cluster.run(10)
    expect(versions(cluster)).toEqual(['1', '2', '1'])
  })

  it.each([
    { honoursMaxUnavailable: true, down: 2 },
    { honoursMaxUnavailable: false, down: 1 },
  ])(
    'has $down pods down at a time where maxUnavailable is 2 and honoured: $honoursMaxUnavailable',
    (row) => {
      const cluster = started({ replicas: 4 }, { honoursMaxUnavailable: row.honoursMaxUnavailable })
      cluster.run(10)
      changeSpec(cluster, {
        template: podTemplate('2'),
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } },
      })
      cluster.run(0.5)
      expect(cluster.pods().filter((pod) => !cluster.isUp(pod))).toHaveLength(row.down)
      cluster.run(30)
      expect(versions(cluster)).toEqual(['2', '2', '2', '2'])
    },
  )

  it('replaces with Parallel old pods that are broken at once, beside the budget', () => {
    const cluster = started({ replicas: 5, podManagementPolicy: 'Parallel' })
    cluster.run(5)
    for (const name of ['web-0', 'web-1']) cluster.api.pods.setReady(cluster.pod(name), false)
    cluster.run(1)
    changeSpec(cluster, { template: podTemplate('2') })
    cluster.run(0.5)
    expect(cluster.pods().map((pod) => cluster.isUp(pod))).toEqual([false, false, true, true, true])
    cluster.run(30)
    expect(versions(cluster)).toEqual(['2', '2', '2', '2', '2'])
  })

  it('keeps the history of templates, and makes an old one the newest by its number', () => {
    const cluster = started({ replicas: 1, revisionHistoryLimit: 1 })
    cluster.run(5)
    for (const version of ['2', '1']) {
      changeSpec(cluster, { template: podTemplate(version) })
      cluster.run(10)
    }
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([3, 2])
    expect(versions(cluster)).toEqual(['1'])
    for (const version of ['3', '4']) {
      changeSpec(cluster, { template: podTemplate(version) })
      cluster.run(10)
    }
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([4, 5])
  })

  it('adopts pods that are called and labelled as its own', () => {
    const cluster = new WorkloadCluster()
    cluster.addNode('node')
    const { api } = cluster
    for (const name of ['web-0', 'other']) {
      const interned = api.pods.templates.intern({
        metadata: { namespace: 'default', labels: { app: 'web' }, annotations: {} },
        spec: { containers: [] },
        sizing: 'template',
      })
      if (!interned.ok) throw new Error(interned.message)
      api.pods.create({ template: interned.id, name })
    }
    startStatefulSetController(cluster.parts)
    cluster.create(statefulSet({ replicas: 1 }))
    cluster.run(5)
    const uid = cluster.get<StatefulSet>('StatefulSet', KEY).metadata?.uid ?? ''
    expect(cluster.parts.owned.of(uid).map((pod) => api.pods.nameOf(pod))).toEqual(['web-0'])
    expect(cluster.labelsOf(cluster.pod('web-0'))['statefulset.kubernetes.io/pod-name']).toBe('web-0')
  })

  it('does no more than write its status while it is being deleted', () => {
    const cluster = started({ replicas: 2 })
    cluster.run(5)
    cluster.api.collection('StatefulSet').delete(KEY, { propagationPolicy: 'Foreground' })
    cluster.api.pods.remove(cluster.pod('web-1'))
    cluster.run(5)
    expect(cluster.podNames()).toEqual(['web-0'])
    expect(statusOf(cluster).replicas).toBe(1)
  })
})

describe('claims of a StatefulSet', () => {
  const volumeClaimTemplates = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } },
  ] as const

  function claims(cluster: WorkloadCluster): Record<string, string[]> {
    const store = cluster.api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    return Object.fromEntries(
      [...store.list()].map(({ metadata }) => [
        metadata?.name ?? '',
        (metadata?.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`),
      ]),
    )
  }

  it('are made with the pods, which name them, and stay by default', () => {
    const cluster = started({ replicas: 2, volumeClaimTemplates })
    cluster.run(5)
    expect(claims(cluster)).toEqual({ 'data-web-0': [], 'data-web-1': [] })
    expect(cluster.api.pods.infoOf(cluster.pod('web-1')).template.spec.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'data-web-1' } },
    ])
    changeSpec(cluster, { replicas: 0 })
    cluster.run(10)
    expect(claims(cluster)).toEqual({ 'data-web-0': [], 'data-web-1': [] })
  })

  it('go with the set where it says so', () => {
    const cluster = started({
      replicas: 1,
      volumeClaimTemplates,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    })
    cluster.run(5)
    expect(claims(cluster)).toEqual({ 'data-web-0': ['StatefulSet/web'] })
  })

  it('go with the pod that is scaled down, which does not come back on a claim that is going', () => {
    const cluster = started({
      replicas: 2,
      volumeClaimTemplates,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    })
    cluster.run(5)
    expect(claims(cluster)).toEqual({ 'data-web-0': ['StatefulSet/web'], 'data-web-1': ['StatefulSet/web'] })
    changeSpec(cluster, { replicas: 1 })
    cluster.run(5)
    expect(claims(cluster)).toEqual({ 'data-web-0': ['StatefulSet/web'], 'data-web-1': ['Pod/web-1'] })
    changeSpec(cluster, { replicas: 2 })
    cluster.run(5)
    expect(cluster.podNames()).toEqual(['web-0'])
    cluster.api.collection('PersistentVolumeClaim').delete('default/data-web-1')
    changeSpec(cluster, { replicas: 2, minReadySeconds: 1 })
    cluster.run(5)
    expect(cluster.podNames()).toEqual(['web-0', 'web-1'])
  })
})

describe('laws of StatefulSets', () => {
  it('OrderedReady never makes a pod before all below it are ready and available', () => {
    const disturbance = fc.record({
      after: fc.integer({ min: 1, max: 12 }),
      ordinal: fc.integer({ min: 0, max: 5 }),
      kind: fc.constantFrom('fail', 'unready', 'delete', 'none'),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(disturbance, { maxLength: 8 }),
        (replicas, minReadySeconds, disturbances) => {
          const cluster = started({ replicas, minReadySeconds })
          const { api, sim } = cluster
          let made = 0
          api.pods.observe((event, row) => {
            if (event !== POD_CREATED) return
            made += 1
            const ordinal = Number(api.pods.nameOf(row).slice('web-'.length))
            for (let below = 0; below < ordinal; below++) {
              const pod = cluster.pod(`web-${below}`)
              expect(cluster.isUp(pod)).toBe(true)
              // The API knows since when to the second.
              const since = Math.floor(api.pods.table.readyAt(pod) / SECOND) * SECOND
              expect(sim.now - since).toBeGreaterThanOrEqual(minReadySeconds * SECOND)
            }
          })
          for (const { after, ordinal, kind } of disturbances) {
            cluster.run(after)
            const pod = api.pods.rowOfGivenName(`default/web-${ordinal}`)
            if (pod === undefined || !cluster.isUp(pod)) continue
            if (kind === 'fail') api.pods.finish(pod, { succeeded: false, reason: 'Error' })
            if (kind === 'unready') api.pods.setReady(pod, false)
            if (kind === 'delete') api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: '' })
          }
          for (const pod of cluster.pods()) {
            if (api.pods.table.phase(pod) === PHASE_RUNNING) api.pods.setReady(pod, true)
          }
          cluster.run(60)
          expect(made).toBeGreaterThanOrEqual(replicas)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('an update respects the partition and maxUnavailable, and ends', () => {
    fc.assert(
      fc.property(
        fc.record({
          replicas: fc.integer({ min: 1, max: 7 }),
          partition: fc.integer({ min: 0, max: 8 }),
          maxUnavailable: fc.constantFrom<number | string>(1, 2, 3, '25%', '50%', '100%'),
          podManagementPolicy: fc.constantFrom('OrderedReady', 'Parallel'),
        }),
        ({ replicas, partition, maxUnavailable, podManagementPolicy }) => {
          const cluster = started({ replicas, podManagementPolicy })
          cluster.run(30)
          const allowed =
            typeof maxUnavailable === 'number'
              ? maxUnavailable
              : Math.max(1, Math.floor((replicas * Number.parseInt(maxUnavailable, 10)) / 100))
          let worst = 0
          cluster.api.pods.observe(() => {
            const up = cluster.pods().filter((pod) => cluster.isUp(pod)).length
            worst = Math.max(worst, replicas - up)
          })
          changeSpec(cluster, {
            template: podTemplate('2'),
            updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition, maxUnavailable } },
          })
          cluster.run(60)
          const wanted = Array.from({ length: replicas }, (_, ordinal) => (ordinal < partition ? '1' : '2'))
          expect(versions(cluster)).toEqual(wanted)
          expect(cluster.pods().every((pod) => cluster.isUp(pod))).toBe(true)
          expect(worst).toBe(Math.min(allowed, Math.max(0, replicas - partition)))
        },
      ),
      { numRuns: 60 },
    )
  })
})
