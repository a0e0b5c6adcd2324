import { describe, expect, it } from 'vitest'

import type { Deployment, DeploymentCondition, ReplicaSet } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { rollback } from '../../src/controllers/deployment-rollback.ts'
import { resolveFenceposts } from '../../src/controllers/deployment-fenceposts.ts'
import { newestAnnotations } from '../../src/controllers/deployment-revisions.ts'
import { isSameTemplate, podTemplateHash } from '../../src/controllers/pod-template-hash.ts'
import { template, webDeployment, workloadCluster } from './deployment-cluster.ts'
import type { WorkloadCluster, WorkloadOptions } from './deployment-cluster.ts'

type Spec = Partial<NonNullable<Deployment['spec']>>

function rolledOut(spec: Spec = {}, options: WorkloadOptions = {}): WorkloadCluster {
  const cluster = workloadCluster(options)
  cluster.api.collection('Deployment').create(webDeployment(spec))
  cluster.pass(MINUTE)
  return cluster
}

function condition(cluster: WorkloadCluster, type: string): DeploymentCondition | undefined {
  return cluster.deployment().status?.conditions?.find((each) => each.type === type)
}

function annotation(object: ReplicaSet | Deployment | undefined, name: string): string | undefined {
  return object?.metadata?.annotations?.[`deployment.kubernetes.io/${name}`]
}

describe('a Deployment', () => {
  it('makes a ReplicaSet for its template, which makes the pods', () => {
    const cluster = rolledOut({ replicas: 3 })
    const [set] = cluster.sets()
    const hash = podTemplateHash(template(1), undefined)
    expect(set?.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }],
    })
    expect(set?.spec?.selector).toEqual({ matchLabels: { app: 'web', 'pod-template-hash': hash } })
    expect(annotation(set, 'revision')).toBe('1')
    expect(annotation(set, 'desired-replicas')).toBe('3')
    expect(annotation(set, 'max-replicas')).toBe('4')
    expect(annotation(cluster.deployment(), 'revision')).toBe('1')
    expect(cluster.deployment().status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
      terminatingReplicas: 0,
    })
    expect(condition(cluster, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    })
    expect(condition(cluster, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "web-${hash}" has successfully progressed.`,
      lastUpdateTime: '2026-01-01T00:00:01Z',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
  })

  it('says that it makes no progress once its deadline has passed, and only then', () => {
    const cluster = rolledOut({ progressDeadlineSeconds: 90 }, { fate: () => ({}) })
    expect(condition(cluster, 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' })
    cluster.pass(29 * SECOND)
    expect(condition(cluster, 'Progressing')?.reason).toBe('ReplicaSetUpdated')
    cluster.pass(3 * SECOND)
    const [set] = cluster.sets()
    expect(condition(cluster, 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${set?.metadata?.name}" has timed out progressing.`,
    })
    expect(condition(cluster, 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    })
  })

  it('is left alone once its rollout is over, though pods are not available for longer than its deadline', () => {
    const cluster = rolledOut({ replicas: 2, progressDeadlineSeconds: 90 })
    const [row] = cluster.active()
    if (row !== undefined) cluster.api.pods.setReady(row, false)
    cluster.pass(10 * MINUTE)
    const { executed } = cluster.sim
    cluster.pass(10 * MINUTE)
    expect(cluster.deployment().status?.availableReplicas).toBe(1)
    expect(condition(cluster, 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
    expect(cluster.sim.executed).toBe(executed)
  })

  it('holds a rollout while it is paused, and scales all of its sets by their share', () => {
    const cluster = rolledOut({
      replicas: 10,
      strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
    })
    cluster.change({ template: template(2) })
    cluster.pass(SECOND / 2)
    cluster.change({ paused: true })
    cluster.pass(MINUTE)
    expect(cluster.sets().map(({ spec }) => spec?.replicas)).toEqual([10, 2])
    expect(condition(cluster, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
    cluster.change({ replicas: 22 })
    cluster.pass(MINUTE)
    expect(cluster.sets().map(({ spec }) => spec?.replicas)).toEqual([20, 4])
    cluster.change({ paused: false })
    cluster.pass(5 * MINUTE)
    expect(cluster.sets().map(({ spec }) => spec?.replicas)).toEqual([0, 22])
    expect(condition(cluster, 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
  })

  it('keeps as many old sets as its history is long, and goes back to any of them', () => {
    const cluster = rolledOut({ revisionHistoryLimit: 2 })
    for (const version of [2, 3, 4]) {
      cluster.change({ template: template(version) })
      cluster.pass(MINUTE)
    }
    expect(cluster.sets().map((set) => annotation(set, 'revision'))).toEqual(['2', '3', '4'])

    expect(rollback(cluster.api, 'default/web')).toEqual({ ok: true, message: 'rolled back' })
    cluster.pass(MINUTE)
    expect(cluster.deployment().spec?.template).toEqual(template(3))
    expect(cluster.sets().map((set) => annotation(set, 'revision'))).toEqual(['2', '5', '4'])
    expect(annotation(cluster.sets()[1], 'revision-history')).toBe('3')
    expect(annotation(cluster.deployment(), 'revision')).toBe('5')
    expect(cluster.sets().map(({ spec }) => spec?.replicas)).toEqual([0, 4, 0])

    expect(rollback(cluster.api, 'default/web', 2).ok).toBe(true)
    cluster.pass(MINUTE)
    expect(cluster.deployment().spec?.template).toEqual(template(2))
  })

  it('does not go back where there is nothing to go back to', () => {
    const cluster = rolledOut()
    expect(rollback(cluster.api, 'default/web').message).toBe('no rollout history found for deployment "web"')
    expect(rollback(cluster.api, 'default/web', 7).message).toBe(
      'unable to find specified revision 7 in history',
    )
    expect(rollback(cluster.api, 'default/web', 1)).toEqual({
      ok: true,
      message: 'skipped rollback (current template already matches revision 1)',
    })
    cluster.change({ paused: true })
    expect(rollback(cluster.api, 'default/web', 1).ok).toBe(false)
  })

  it('with Recreate makes new pods only when the old ones have gone', () => {
    const cluster = rolledOut({ strategy: { type: 'Recreate' } }, { goesAfter: 20 * SECOND })
    cluster.change({ template: template(2) })
    cluster.pass(19 * SECOND)
    expect(cluster.active()).toHaveLength(0)
    expect(cluster.sets()).toHaveLength(1)
    expect(cluster.deployment().status?.terminatingReplicas).toBe(4)
    cluster.pass(2 * SECOND)
    expect(cluster.sets().map(({ spec }) => spec?.replicas)).toEqual([0, 4])
    cluster.pass(MINUTE)
    expect(cluster.deployment().status).toMatchObject({ updatedReplicas: 4, availableReplicas: 4 })
  })

  it('takes another name for its set where that is taken', () => {
    const cluster = workloadCluster()
    const name = `web-${podTemplateHash(template(1), undefined)}`
    const stranger: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name, namespace: 'default' },
      spec: { replicas: 0, selector: { matchLabels: { app: 'other' } }, template: template(9) },
    }
    cluster.api.collection<ReplicaSet>('ReplicaSet').create(stranger)
    cluster.api.collection('Deployment').create(webDeployment())
    cluster.pass(MINUTE)
    expect(cluster.deployment().status).toMatchObject({ collisionCount: 1, availableReplicas: 4 })
    expect(cluster.sets()[1]?.metadata?.name).toBe(`web-${podTemplateHash(template(1), 1)}`)
  })

  it('adopts a set that its selector matches, and lets go of one that it does not', () => {
    const cluster = workloadCluster()
    const sets = cluster.api.collection<ReplicaSet>('ReplicaSet')
    const labels = { app: 'web', tier: 'a' }
    const set: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'mine', namespace: 'default', labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { ...template(1), metadata: { labels } },
      },
    }
    sets.create(set)
    cluster.api.collection('Deployment').create(webDeployment({ paused: true, replicas: 2 }))
    cluster.pass(MINUTE)
    const owners = (): readonly (string | undefined)[] =>
      (sets.get('default/mine')?.metadata?.ownerReferences ?? []).map(({ name }) => name)
    expect(owners()).toEqual(['web'])
    const present = sets.get('default/mine') ?? set
    sets.update({ ...present, metadata: { ...present.metadata, labels: { app: 'other' } } })
    cluster.pass(MINUTE)
    expect(owners()).toEqual([])
  })

  it('does nothing when its selector matches everything', () => {
    const cluster = rolledOut({ selector: {} })
    expect(cluster.sets()).toEqual([])
    expect(cluster.deployment().status).toEqual({ observedGeneration: 1 })
  })
})

describe('resolveFenceposts', () => {
  it('rounds surge up and unavailability down, and lets one pod go where both are 0', () => {
    expect(resolveFenceposts('25%', '25%', 10)).toEqual({ maxSurge: 3, maxUnavailable: 2 })
    expect(resolveFenceposts('0%', '1%', 10)).toEqual({ maxSurge: 0, maxUnavailable: 1 })
    expect(resolveFenceposts(0, '10', 10)).toHaveProperty('error')
  })
})

describe('newestAnnotations', () => {
  it('drops the oldest revisions when their history becomes too long', () => {
    const history = Array.from({ length: 500 }, (_, index) => String(index + 100)).join(',')
    const present = {
      'deployment.kubernetes.io/revision': '700',
      'deployment.kubernetes.io/revision-history': history,
    }
    const annotations = newestAnnotations(webDeployment(), present, 701)
    const revisions = annotations['deployment.kubernetes.io/revision-history'] ?? ''
    expect(revisions.length).toBeLessThanOrEqual(2000)
    expect(revisions.endsWith(',599,700')).toBe(true)
  })
})

describe('podTemplateHash', () => {
  it('follows from what a template says, not from the order in which it says it', () => {
    const one = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [] } }
    const other = { spec: { containers: [] }, metadata: { annotations: {}, labels: { b: '2', a: '1' } } }
    expect(podTemplateHash(one, undefined)).toBe(podTemplateHash(other, undefined))
    expect(isSameTemplate(one, other)).toBe(true)
    expect(podTemplateHash(one, undefined)).not.toBe(podTemplateHash(one, 0))
    expect(podTemplateHash(one, undefined)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  })

  it('does not count itself', () => {
    const labels = { app: 'web', 'pod-template-hash': 'x' }
    expect(isSameTemplate(template(1), { ...template(1), metadata: { labels } })).toBe(true)
    expect(isSameTemplate(template(1), template(2))).toBe(false)
  })
})
