import { describe, expect, it } from 'vitest'

import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../src/api/types.generated.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { startDaemonSetController } from '../../src/controllers/daemon-set.ts'
import { startDeploymentController } from '../../src/controllers/deployment.ts'
import { startReplicaSetController } from '../../src/controllers/replicaset.ts'
import { rollBack } from '../../src/controllers/rollback.ts'
import type { RollbackResult } from '../../src/controllers/rollback.ts'
import { startStatefulSetController } from '../../src/controllers/stateful-set.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Templated extends StoredObject {
  readonly spec: { readonly template: PodTemplateSpec; readonly paused?: boolean }
}

/** One workload `default/w` under its controllers, on one node. */
class Rollouts extends TestCluster {
  readonly kind: string
  #seconds = 0

  constructor(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet') {
    super()
    this.kind = kind
    this.addNode('a')
    this.startScheduler()
    const parts = { sim: this.sim, api: this.api, owned: new OwnedPods(this.api), limits: NO_LIMITS }
    if (kind === 'StatefulSet') startStatefulSetController(parts)
    else if (kind === 'DaemonSet') startDaemonSetController(parts)
    else {
      startDeploymentController(parts)
      startReplicaSetController(parts)
    }
    const selector = { matchLabels: { app: 'w' } }
    const spec = { replicas: 2, selector, template: templateOf('app:1'), serviceName: 'w' }
    const metadata = { name: 'w', namespace: 'default' }
    this.api.collection(kind).create({ apiVersion: 'apps/v1', kind, metadata, ...{ spec } })
    this.settle()
  }

  get workload(): Templated {
    const found = this.api.collection<Templated>(this.kind).get('default/w')
    if (found === undefined) throw new Error('the workload is gone')
    return found
  }

  get image(): string | undefined {
    return this.workload.spec.template.spec?.containers[0]?.image
  }

  /** Lets controllers and pods come to rest. */
  settle(): void {
    this.#seconds += 60
    this.runTo(this.#seconds)
  }

  rollOut(image: string, change: Partial<Templated['spec']> = {}): void {
    const { workload } = this
    const spec = { ...workload.spec, template: templateOf(image), ...change }
    this.api.collection<Templated>(this.kind).update({ ...workload, spec })
    this.settle()
  }

  undo(toRevision = 0): RollbackResult {
    const result = rollBack(this.api, { kind: this.kind, namespace: 'default', name: 'w', toRevision })
    this.settle()
    return result
  }

  /** Images of the pods that are there. */
  podImages(): (string | undefined)[] {
    return [...this.api.pods.table.stored()].map(
      (pod) => this.api.pods.infoOf(pod).template.spec.containers[0]?.image,
    )
  }
}

function templateOf(image: string): PodTemplateSpec {
  return { metadata: { labels: { app: 'w' } }, spec: { containers: [{ name: 'c', image }] } }
}

describe('rollBack of a Deployment', () => {
  it('goes to the revision before, which becomes the newest', () => {
    const cluster = new Rollouts('Deployment')
    cluster.rollOut('app:2')
    cluster.rollOut('app:3')
    expect(cluster.undo()).toEqual({ ok: true, message: 'rolled back' })
    expect(cluster.image).toBe('app:2')
    expect(cluster.workload.spec.template.metadata?.labels).toEqual({ app: 'w' })
    expect(cluster.podImages()).toEqual(['app:2', 'app:2'])
    const revisions = [...cluster.api.collection<ReplicaSet>('ReplicaSet').list()].map(
      ({ metadata, spec }) => [
        spec?.template?.spec?.containers[0]?.image,
        metadata?.annotations?.['deployment.kubernetes.io/revision'],
        metadata?.annotations?.['deployment.kubernetes.io/revision-history'],
      ],
    )
    expect(revisions).toEqual([
      ['app:1', '1', undefined],
      ['app:2', '4', '2'],
      ['app:3', '3', undefined],
    ])
    // The revision before is now the third.
    cluster.undo()
    expect(cluster.image).toBe('app:3')
  })

  it('goes to the revision asked for, with the annotations of its ReplicaSet', () => {
    const cluster = new Rollouts('Deployment')
    const { workload } = cluster
    const annotations = { ...workload.metadata?.annotations, 'kubernetes.io/change-cause': 'second' }
    const spec = { ...workload.spec, template: templateOf('app:2') }
    cluster.api
      .collection<Templated>('Deployment')
      .update({ ...workload, metadata: { ...workload.metadata, annotations }, spec })
    cluster.settle()
    expect(cluster.undo(1)).toMatchObject({ ok: true })
    expect(cluster.image).toBe('app:1')
    expect(cluster.workload.metadata?.annotations).not.toHaveProperty('kubernetes.io/change-cause')
    expect(cluster.undo(2)).toMatchObject({ ok: true })
    expect(cluster.workload.metadata?.annotations).toMatchObject({
      'kubernetes.io/change-cause': 'second',
      'deployment.kubernetes.io/revision': '4',
    })
  })

  it('says why it cannot', () => {
    const cluster = new Rollouts('Deployment')
    expect(cluster.undo()).toEqual({
      ok: false,
      message: 'no rollout history found for deployment "w"',
    })
    expect(cluster.undo(7)).toEqual({
      ok: false,
      message: 'unable to find specified revision 7 in history',
    })
    expect(cluster.undo(1)).toEqual({
      ok: true,
      message: 'skipped rollback (current template already matches revision 1)',
    })
    cluster.rollOut('app:2')
    cluster.rollOut('app:3', { paused: true })
    expect(cluster.undo(1)).toEqual({
      ok: false,
      message:
        "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/w' and try again",
    })
    expect(cluster.image).toBe('app:3')
  })
})

describe.each(['StatefulSet', 'DaemonSet'] as const)('rollBack of a %s', (kind) => {
  it('goes back by its ControllerRevisions', () => {
    const cluster = new Rollouts(kind)
    expect(cluster.undo()).toEqual({ ok: false, message: 'no last revision to roll back to' })
    cluster.rollOut('app:2')
    cluster.rollOut('app:3')
    expect(cluster.undo()).toEqual({ ok: true, message: 'rolled back' })
    expect(cluster.image).toBe('app:2')
    expect(new Set(cluster.podImages())).toEqual(new Set(['app:2']))
    expect(cluster.undo(1)).toMatchObject({ ok: true })
    expect(cluster.image).toBe('app:1')
    expect(cluster.undo(5)).toEqual({
      ok: true,
      message: 'skipped rollback (current template already matches revision 5)',
    })
    expect(cluster.undo(9)).toMatchObject({ ok: false })
  })
})

describe('rollBack', () => {
  it('knows no other kinds, and nothing of objects that are not there', () => {
    const { api } = new TestCluster()
    const metadata = { name: 'r', namespace: 'default' }
    api.collection<Deployment>('ReplicaSet').create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec: { selector: {}, template: {} },
    })
    expect(rollBack(api, { ...metadata, kind: 'ReplicaSet', toRevision: 0 })).toEqual({
      ok: false,
      message: 'no rollbacker has been implemented for "ReplicaSet.apps"',
    })
    expect(rollBack(api, { ...metadata, kind: 'Deployment', toRevision: 0 })).toEqual({
      ok: false,
      message: 'there is no Deployment default/r',
    })
  })
})
