import { describe, expect, it } from 'vitest'

import type {
  LimitRange,
  Namespace,
  PersistentVolumeClaim,
  ResourceQuota,
} from '../../src/api/types.generated.ts'
import { defaultAdmission } from '../../src/cluster/admission-stages/index.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { PodDraft } from '../../src/cluster/pod-draft.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { startLimitRanges } from '../../src/policy/limit-ranges.ts'
import { startNamespaceLifecycle } from '../../src/policy/namespace-lifecycle.ts'
import { startQuotaAdmission } from '../../src/policy/quota-admission.ts'
import { withPolicies } from '../../src/run/namespace-policies.ts'
import { GIB, podTemplate } from '../node/test-cluster.ts'

interface Cluster {
  readonly sim: Simulation
  readonly api: ApiServer
}

function cluster(podNodeSelector?: Record<string, string>): Cluster {
  const sim = new Simulation({ seed: 1 })
  return { sim, api: new ApiServer(sim, withPolicies(defaultAdmission, { podNodeSelector })) }
}

function draft(api: ApiServer, name: string, size: { cpu: number; memory: number }): PodDraft {
  const interned = api.pods.templates.intern(podTemplate())
  if (!interned.ok) throw new Error(interned.message)
  return { template: interned.id, name, ...size }
}

const SIZE = { cpu: 1000, memory: GIB }

describe('a namespace that terminates', () => {
  it('takes no new pods, and takes them again when it is another', () => {
    const { sim, api } = cluster()
    startNamespaceLifecycle(api)
    api.namespaces.create({ metadata: { name: 'default', finalizers: ['kubernetes'] } })
    sim.run(0)
    expect(api.admitPod(draft(api, 'a', SIZE))).toBeUndefined()
    api.namespaces.delete('default')
    sim.run(0)
    expect(api.admitPod(draft(api, 'a', SIZE))).toEqual({
      plugin: 'NamespaceLifecycle',
      message:
        'pods "a" is forbidden: unable to create new content in namespace default because it is being terminated',
      isLasting: true,
    })
    const deployments = api.collection('Deployment')
    const web = { apiVersion: 'apps/v1', metadata: { name: 'web', namespace: 'default' } }
    expect(deployments.create(web)).toEqual({
      ok: false,
      reason: 'Forbidden',
      message:
        'deployments.apps "web" is forbidden: unable to create new content in namespace default because it is being terminated',
    })
    const present = api.namespaces.get('default')
    api.namespaces.update({ ...present, metadata: { ...present?.metadata, finalizers: [] } })
    sim.run(0)
    expect(api.namespaces.get('default')).toBeUndefined()
    expect(api.admitPod(draft(api, 'a', SIZE))).toBeUndefined()
    expect(deployments.create(web).ok).toBe(true)
  })
})

describe('a LimitRange', () => {
  const range: LimitRange = {
    metadata: { name: 'lr', namespace: 'default' },
    spec: { limits: [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '1' } }] },
  }

  it('gives pods of manifests its defaults, and refuses them by its bounds', () => {
    const { api } = cluster()
    api.collection<LimitRange>('LimitRange').create(range)
    const verdict = api.pods.templates.intern(podTemplate({}, 'template'))
    const template = verdict.ok ? api.pods.templates.get(verdict.id).template : undefined
    expect(template?.spec.containers[0]?.resources?.limits).toEqual({ cpu: '1' })
    expect(template?.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu limit for container main',
    })
    const containers = [{ name: 'main', resources: { limits: { cpu: '2' } } }]
    expect(api.pods.templates.intern(podTemplate({ containers }, 'template'))).toEqual({
      ok: false,
      reason: 'LimitRanger',
      message: 'maximum cpu usage per Container is 1, but limit is 2',
    })
  })

  it('acts on templates that were admitted before it was there', () => {
    const { api } = cluster()
    const template = podTemplate({}, 'template')
    const before = api.pods.templates.intern(template)
    expect(before).toEqual(api.pods.templates.intern(template))
    api.collection<LimitRange>('LimitRange').create(range)
    const after = api.pods.templates.intern(template)
    expect(after.ok && before.ok && after.id !== before.id).toBe(true)
  })

  it('bounds pods that bring their own size one by one', () => {
    const { api } = cluster()
    const limits = [{ type: 'Pod', min: { memory: '1Gi' } }]
    api.collection<LimitRange>('LimitRange').create({ ...range, spec: { limits } })
    startLimitRanges(api)
    expect(api.admitPod(draft(api, 'a', SIZE))).toBeUndefined()
    expect(api.admitPod(draft(api, 'b', { cpu: 1000, memory: GIB / 2 }))).toMatchObject({
      plugin: 'LimitRanger',
      message: 'pods "b" is forbidden: minimum memory usage per Pod is 1Gi, but request is 512Mi',
    })
  })

  it('bounds the size of claims', () => {
    const { api } = cluster()
    const limits = [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }]
    api.collection<LimitRange>('LimitRange').create({ ...range, spec: { limits } })
    startLimitRanges(api)
    const claims = api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    const claim = (name: string, storage: string): PersistentVolumeClaim => ({
      metadata: { name, namespace: 'default' },
      spec: { resources: { requests: { storage } } },
    })
    expect(claims.create(claim('small', '1Gi')).ok).toBe(true)
    expect(claims.create(claim('large', '2Gi'))).toMatchObject({
      message:
        'persistentvolumeclaims "large" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    })
  })
})

describe('a ResourceQuota', () => {
  it('is charged as a pod is admitted, in the namespace of the pod alone', () => {
    const { api } = cluster()
    const store = api.collection<ResourceQuota>('ResourceQuota')
    for (const namespace of ['default', 'other']) {
      const hard = { 'requests.cpu': '1' }
      store.create({
        metadata: { name: 'q', namespace },
        spec: { hard },
        status: { hard, used: { 'requests.cpu': '0' } },
      })
    }
    startQuotaAdmission(api)
    expect(api.admitPod(draft(api, 'a', SIZE))).toBeUndefined()
    expect(store.get('default/q')?.status?.used).toEqual({ 'requests.cpu': '1' })
    expect(store.get('other/q')?.status?.used).toEqual({ 'requests.cpu': '0' })
    expect(api.admitPod(draft(api, 'b', SIZE))).toEqual({
      plugin: 'ResourceQuota',
      message:
        'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=1, limited: requests.cpu=1',
      isLasting: false,
    })
  })
})

describe('the node selector of a namespace', () => {
  it('comes on its pods where the plugin is on, and is looked at again when the namespace changes', () => {
    const { api } = cluster({ default: 'zone=a,env=prod' })
    const template = podTemplate({ nodeSelector: { zone: 'a' } })
    const selectorOf = (): unknown => {
      const verdict = api.pods.templates.intern(template)
      return verdict.ok ? api.pods.templates.get(verdict.id).template.spec.nodeSelector : verdict.message
    }
    expect(selectorOf()).toEqual({ zone: 'a' })
    const annotated = (selector: string): Namespace => ({
      metadata: { name: 'default', annotations: { 'scheduler.alpha.kubernetes.io/node-selector': selector } },
    })
    api.namespaces.create(annotated('env=prod'))
    expect(selectorOf()).toEqual({ zone: 'a', env: 'prod' })
    api.namespaces.update(annotated('zone=b'))
    expect(selectorOf()).toBe('pod node label selector conflicts with its namespace node label selector')
  })
})
