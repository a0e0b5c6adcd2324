import { describe, expect, it } from 'vitest'

import type { ConfigMap } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startDaemonSetController } from '../../src/controllers/daemon-set.ts'
import { startJobController } from '../../src/controllers/job.ts'
import { startNamespaceController } from '../../src/controllers/namespace.ts'
import { startReplicaSetController } from '../../src/controllers/replicaset.ts'
import {
  startRootCertificatePublisher,
  startServiceAccountController,
} from '../../src/controllers/service-account.ts'
import { startStatefulSetController } from '../../src/controllers/stateful-set.ts'
import { startNamespaceLifecycle } from '../../src/policy/namespace-lifecycle.ts'
import { TestCluster } from '../node/test-cluster.ts'
import { WorkloadCluster, podTemplate } from './workload-cluster.ts'

/** A cluster with a namespace, in which pods take a while to end. */
class NamespacedCluster extends TestCluster {
  readonly home = this.addNode('n')

  constructor(stopSeconds = 0) {
    super({ kubelet: { stop: () => stopSeconds * SECOND } })
    startNamespaceController(this)
    startServiceAccountController(this)
    startRootCertificatePublisher(this)
    this.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    this.runTo(1)
  }

  create(kind: string, name: string, finalizers: readonly string[] = [], apiVersion = 'v1'): void {
    this.api.collection(kind).create({ apiVersion, kind, metadata: { name, namespace: 'team', finalizers } })
  }

  pod(name: string): PodRow {
    const interned = this.api.pods.templates.internPod({
      metadata: { namespace: 'team' },
      spec: { containers: [{ name: 'c' }], terminationGracePeriodSeconds: 30 },
    })
    if (!interned.ok) throw new Error(interned.message)
    const row = this.api.pods.create({ template: interned.id, name })
    this.api.pods.bind(row, this.home, 0)
    return row
  }

  delete(): void {
    this.api.namespaces.delete('team')
  }

  get namespace() {
    return this.api.namespaces.get('team')
  }

  conditions(): Readonly<Record<string, string>> {
    const conditions = this.namespace?.status?.conditions ?? []
    return Object.fromEntries(
      conditions.map(({ type, status, message = '' }) => [type, `${status} ${message}`]),
    )
  }
}

describe('the namespace controller', () => {
  it('holds a namespace until all in it is gone, 5 s after its deletion', () => {
    const cluster = new NamespacedCluster()
    expect(cluster.namespace?.status?.phase).toBe('Active')
    cluster.create('ConfigMap', 'settings')
    cluster.create('Deployment', 'web', [], 'apps/v1')
    cluster.api.collection('ConfigMap').create({ metadata: { name: 'settings', namespace: 'other' } })
    const pod = cluster.pod('p')
    cluster.runTo(10)
    cluster.delete()
    cluster.runTo(14)
    expect([cluster.namespace?.status?.phase, cluster.state(pod)]).toEqual(['Terminating', 'Running'])
    cluster.runTo(60)
    expect(cluster.namespace).toBeUndefined()
    expect(cluster.state(pod)).toBe('gone')
    const kinds = ['Deployment', 'ServiceAccount', 'ConfigMap'].map(
      (kind) => cluster.api.collection(kind).size,
    )
    expect(kinds).toEqual([0, 0, 1])
    expect(cluster.sim.pending).toBe(0)
  })

  it('deletes nothing else before the last pod is gone, and looks again after half of its grace and a second', () => {
    const cluster = new NamespacedCluster(12)
    cluster.create('ConfigMap', 'settings')
    const pod = cluster.pod('p')
    cluster.runTo(10)
    cluster.delete()
    cluster.runTo(15)
    expect(cluster.state(pod)).toContain('deleting')
    expect(cluster.conditions()).toMatchObject({
      NamespaceContentRemaining: 'True Some resources are remaining: pods. has 1 resource instances',
      NamespaceFinalizersRemaining: 'False All content-preserving finalizers finished',
    })
    // Gone at 27; it looked at 20, 5 s after the conditions changed, and looks 16 s after that.
    cluster.runTo(35.9)
    expect([cluster.state(pod), cluster.api.collection('ConfigMap').size]).toEqual(['gone', 2])
    cluster.runTo(36)
    expect([cluster.namespace, cluster.api.collection('ConfigMap').size]).toEqual([undefined, 0])
  })

  it('waits for what finalizers hold, and says so', () => {
    const cluster = new NamespacedCluster()
    cluster.create('PersistentVolumeClaim', 'data', ['kubernetes.io/pvc-protection'])
    cluster.delete()
    cluster.runTo(6)
    const claims = cluster.api.collection('PersistentVolumeClaim')
    expect(claims.get('team/data')?.metadata?.deletionTimestamp).toBe('2026-01-01T00:00:06Z')
    expect(cluster.conditions()).toMatchObject({
      NamespaceContentRemaining:
        'True Some resources are remaining: persistentvolumeclaims. has 1 resource instances',
      NamespaceFinalizersRemaining:
        'True Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 1 resource instances',
    })
    cluster.runTo(100)
    expect(cluster.namespace?.status?.phase).toBe('Terminating')
    const claim = claims.get('team/data')
    claims.update({ ...claim, metadata: { ...claim?.metadata, finalizers: [] } })
    cluster.runTo(110)
    expect(cluster.namespace).toBeUndefined()
  })

  it('tries again, ever more slowly up to a minute, when a pod is there for longer than its grace period', () => {
    const cluster = new NamespacedCluster()
    cluster.runTo(9)
    const pod = cluster.pod('p')
    cluster.runTo(10)
    cluster.machines.crash(cluster.home, 'test')
    cluster.delete()
    cluster.runTo(190)
    expect(cluster.conditions()['NamespaceDeletionContentFailure']).toBe(
      'True Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: team for gvr: pods.',
    )
    cluster.api.pods.remove(pod)
    cluster.runTo(250)
    expect(cluster.namespace).toBeUndefined()
  })
})

describe('controllers in a namespace that is going', () => {
  it('do not try to make again the pods that went with it', () => {
    const cluster = new WorkloadCluster()
    const { api, parts } = cluster
    cluster.addNode('n')
    startNamespaceLifecycle(api)
    startNamespaceController(parts)
    startReplicaSetController(parts)
    startDaemonSetController(parts)
    startStatefulSetController(parts)
    startJobController(parts)
    const told: string[] = []
    api.onRefusedPod((_, message) => void told.push(message))
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: podTemplate() }
    for (const kind of ['ReplicaSet', 'DaemonSet', 'StatefulSet']) {
      cluster.create({
        apiVersion: 'apps/v1',
        kind,
        metadata: { name: 'web', namespace: 'team' },
        ...{ spec },
      })
    }
    const template = { spec: { containers: [{ name: 'main' }], restartPolicy: 'Never' } }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job', namespace: 'team' } }
    cluster.create({ ...job, ...{ spec: { template } } })
    cluster.run(5)
    expect(cluster.pods()).toHaveLength(6)
    api.namespaces.delete('team')
    // The pods go at 10, and are not replaced; those of the Job are held by its finalizer until it has counted them.
    cluster.run(9)
    expect(cluster.pods().length).toBeLessThanOrEqual(1)
    expect(told).toEqual([])
  })
})

describe('accounts and certificates', () => {
  it('are in each new namespace, and come again when somebody deletes or changes them', () => {
    const cluster = new NamespacedCluster()
    const accounts = cluster.api.collection('ServiceAccount')
    const maps = cluster.api.collection<ConfigMap>('ConfigMap')
    expect(accounts.get('team/default')?.metadata?.name).toBe('default')
    const certificate = maps.get('team/kube-root-ca.crt')?.data?.['ca.crt']
    expect(certificate).toContain('BEGIN CERTIFICATE')
    accounts.delete('team/default')
    maps.update({ ...maps.get('team/kube-root-ca.crt'), data: {} })
    cluster.runTo(2)
    expect(accounts.size).toBe(1)
    expect(maps.get('team/kube-root-ca.crt')?.data).toEqual({ 'ca.crt': certificate })
  })
})
