import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { addToList } from '../../src/api/resource-list.ts'
import { formatQuantity } from '../../src/api/quantity.ts'
import type { ParsedQuantity } from '../../src/api/quantity.ts'
import type {
  ObjectMeta,
  PersistentVolumeClaim,
  ResourceQuota,
  Service,
} from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import { podObject } from '../../src/cluster/pod-object.ts'
import type { PodRow, TemplateId } from '../../src/cluster/rows.ts'
import { startResourceQuotaController } from '../../src/controllers/resource-quota.ts'
import { Tasks } from '../../src/controllers/task.ts'
import { startQuotaAdmission } from '../../src/policy/quota-admission.ts'
import { matchesScopes } from '../../src/policy/quota-scopes.ts'
import { podQuotaUsage } from '../../src/policy/quota-usage.ts'
import { GIB, TestCluster, podTemplate } from '../node/test-cluster.ts'

const HARD = { 'count/pods': '50', pods: '20', 'requests.cpu': '8' }

function addQuota({ api }: TestCluster, name: string, spec: ResourceQuota['spec'] = {}): void {
  const metadata = { name, namespace: 'default' }
  api.collection<ResourceQuota>('ResourceQuota').create({ metadata, spec: { hard: HARD, ...spec } })
}

function quotaOf({ api }: TestCluster, name: string): ResourceQuota {
  const quota = api.collection<ResourceQuota>('ResourceQuota').get(`default/${name}`)
  if (quota === undefined) throw new Error(`there is no quota ${name}`)
  return quota
}

/** A template of pods with so many millicores. */
function templateOf({ api }: TestCluster, milli: number, isLimited: boolean): TemplateId {
  const amounts = { cpu: `${milli}m` }
  const resources = { requests: amounts, ...(isLimited ? { limits: amounts } : {}) }
  const spec = { containers: [{ name: 'main', resources }] }
  const interned = api.pods.templates.intern(podTemplate(spec, 'template'))
  if (!interned.ok) throw new Error(interned.message)
  return interned.id
}

/** Creates a pod with so many millicores, if admission lets. */
function createPod(cluster: TestCluster, milli: number, isLimited: boolean): PodRow | undefined {
  const { api } = cluster
  const draft = { template: templateOf(cluster, milli, isLimited) }
  return api.admitPod(draft) === undefined ? api.pods.create(draft) : undefined
}

/** What the pods in the store come to, counted anew from the objects that the API gives. */
function recount({ api, sim }: TestCluster, quota: ResourceQuota): Record<string, string> {
  const sums = new Map<string, ParsedQuantity>()
  const now = Date.parse(api.calendar.format(sim.now)) * 1000
  for (const row of api.pods.table.stored()) {
    const pod = podObject(api, row)
    if (matchesScopes(quota, pod)) addToList(sums, podQuotaUsage(pod, now))
  }
  const text = (resource: string): string => {
    const sum = sums.get(resource)
    return sum === undefined ? '0' : formatQuantity(sum)
  }
  return Object.fromEntries(Object.keys(HARD).map((resource) => [resource, text(resource)]))
}

describe('the use of a quota', () => {
  it('is known as soon as the controller starts, from the pods that are there', () => {
    const cluster = new TestCluster()
    createPod(cluster, 500, false)
    addQuota(cluster, 'q')
    expect(quotaOf(cluster, 'q').status).toBeUndefined()
    startResourceQuotaController(cluster.sim, cluster.api)
    expect(quotaOf(cluster, 'q').status).toEqual({
      hard: HARD,
      used: { 'count/pods': '1', pods: '1', 'requests.cpu': '500m' },
    })
  })

  it('follows a change of the bounds', () => {
    const cluster = new TestCluster()
    addQuota(cluster, 'q')
    startResourceQuotaController(cluster.sim, cluster.api)
    const { api } = cluster
    api.collection<ResourceQuota>('ResourceQuota').update({
      ...quotaOf(cluster, 'q'),
      spec: { hard: { pods: '1', services: '3' } },
    })
    cluster.runTo(0)
    expect(quotaOf(cluster, 'q').status).toEqual({
      hard: { pods: '1', services: '3' },
      used: { pods: '0', services: '0' },
    })
  })

  it('counts other objects, and what claims and services take', () => {
    const cluster = new TestCluster()
    const hard = {
      'count/deployments.apps': '1',
      services: '5',
      'services.nodeports': '2',
      'requests.storage': '10Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '5Gi',
    }
    const { api, sim } = cluster
    addQuota(cluster, 'q', { hard })
    startResourceQuotaController(sim, api)
    startQuotaAdmission(api)
    const used = (): unknown => Object.values(quotaOf(cluster, 'q').status?.used ?? {})
    const metadata = (name: string): ObjectMeta => ({ name, namespace: 'default' })
    const deployments = api.collection('Deployment')
    expect(deployments.create({ metadata: metadata('a') }).ok).toBe(true)
    expect(deployments.create({ metadata: metadata('b') })).toMatchObject({
      reason: 'Forbidden',
      message:
        'deployments.apps "b" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
    })
    const services = api.collection<Service>('Service')
    services.create({ metadata: metadata('s'), spec: { type: 'NodePort', ports: [{ port: 1 }] } })
    const claims = api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    const claim = (storage: string): PersistentVolumeClaim => ({
      metadata: metadata('c'),
      spec: { storageClassName: 'fast', resources: { requests: { storage } } },
    })
    claims.create(claim('4Gi'))
    expect(used()).toEqual(['1', '1', '1', '4Gi', '4Gi'])
    claims.update(claim('6Gi'))
    cluster.runTo(0)
    expect(used()).toEqual(['1', '1', '1', '6Gi', '6Gi'])
    deployments.delete('default/a')
    claims.delete('default/c')
    services.update({ metadata: metadata('s'), spec: { type: 'ClusterIP', ports: [{ port: 1 }] } })
    cluster.runTo(0)
    expect(used()).toEqual(['0', '1', '0', '0', '0'])
  })

  it('is given back for a pod whose deletion is overdue, at the next look', () => {
    const cluster = new TestCluster()
    addQuota(cluster, 'q')
    startResourceQuotaController(cluster.sim, cluster.api)
    startQuotaAdmission(cluster.api)
    const node = cluster.addNode('n0')
    const pod = createPod(cluster, 1000, false)
    if (pod === undefined) throw new Error('the pod was refused')
    cluster.api.pods.bind(pod, node, 0)
    cluster.machines.crash(node, 'test')
    cluster.at(1, () => cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'Test' }))
    const pods = (): unknown => quotaOf(cluster, 'q').status?.used?.['pods']
    cluster.runTo(299)
    expect([pods(), quotaOf(cluster, 'q').status?.used?.['count/pods']]).toEqual(['1', '1'])
    cluster.runTo(300)
    expect([pods(), quotaOf(cluster, 'q').status?.used?.['count/pods']]).toEqual(['0', '1'])
    cluster.at(301, () => cluster.api.pods.remove(pod))
    cluster.runTo(301)
    expect([pods(), quotaOf(cluster, 'q').status?.used?.['count/pods']]).toEqual(['0', '0'])
  })

  it('is what its pods come to, after each of many writes', () => {
    const step = fc.record({
      verb: fc.constantFrom('create', 'finish', 'delete', 'kill', 'wait', 'bind', 'resize'),
      pick: fc.nat(20),
      milli: fc.constantFrom(0, 250, 1000),
      isLimited: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cluster = new TestCluster()
        const { api, sim } = cluster
        addQuota(cluster, 'all')
        addQuota(cluster, 'some', { scopes: ['NotBestEffort'] })
        startResourceQuotaController(sim, api)
        startQuotaAdmission(api)
        const node = cluster.addNode('n0')
        cluster.machines.crash(node, 'test')
        let now: Micros = 0
        for (const { verb, pick, milli, isLimited } of steps) {
          const stored = [...api.pods.table.stored()]
          const row = stored[pick % Math.max(1, stored.length)]
          if (verb === 'wait') now += 3 * MINUTE
          else if (verb === 'create') createPod(cluster, milli, isLimited)
          else if (row === undefined) continue
          else if (verb === 'bind') api.pods.bind(row, node, 0)
          else if (verb === 'resize') api.pods.updateTemplate(row, templateOf(cluster, milli, isLimited))
          else if (verb === 'finish') api.pods.finish(row, { succeeded: true, reason: '' })
          else {
            api.pods.requestDeletion(row, { grace: verb === 'kill' ? 0 : 30 * SECOND, reason: 'Test' })
          }
          sim.run(now)
          // An overdue pod is seen at the next look only.
          if (verb === 'wait') sim.run((now = Math.ceil(now / (5 * MINUTE)) * 5 * MINUTE + SECOND))
          for (const name of ['all', 'some']) {
            const quota = quotaOf(cluster, name)
            expect(quota.status?.used, `${verb} ${name}`).toEqual(recount(cluster, quota))
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a task that a quota has no room for', () => {
  it('is told of once, and tried again after 1 s, then twice as long', () => {
    const cluster = new TestCluster()
    addQuota(cluster, 'q', { hard: { pods: '1' } })
    startResourceQuotaController(cluster.sim, cluster.api)
    startQuotaAdmission(cluster.api)
    cluster.addNode('n0')
    cluster.startScheduler()
    const tasks = new Tasks(cluster.sim, cluster.api, { keepFinished: false, retriesMax: undefined })
    const refused: string[] = []
    tasks.onRefused(({ name, message }) => refused.push(`${name}: ${message}`))
    const sizes = { cpu: 1000, memory: GIB, count: 2, duration: 10 * SECOND }
    tasks.submit({ name: 'two', at: 0, template: podTemplate(), ...sizes })
    expect([tasks.counts.waiting, tasks.remaining]).toEqual([1, 2])
    cluster.runTo(14)
    expect(tasks.remaining).toBe(1)
    expect(cluster.api.pods.count).toBe(0)
    cluster.runTo(15)
    expect([cluster.api.pods.count, tasks.counts.waiting]).toEqual([1, 0])
    cluster.runTo(25)
    expect(tasks.remaining).toBe(0)
    expect(refused).toEqual([
      'two-1: pods "two-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    ])
  })
})
