import { describe, expect, it } from 'vitest'

import type { Container } from '../../../src/api/types.generated.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const asking = (cpu: string, more: Partial<Container> = {}) => ({
  containers: [{ name: 'app', resources: { requests: { cpu } }, ...more }],
})

/** Writes another spec of a pod, as the resize subresource does. */
function resize(cluster: LifecycleCluster, pod: PodRow, cpu: string): void {
  const { pods } = cluster.api
  const { template } = pods.infoOf(pod)
  const [app] = template.spec.containers
  const containers = [{ ...(app as Container), resources: { requests: { cpu } } }]
  const interned = pods.templates.intern({ ...template, spec: { ...template.spec, containers } })
  if (interned.ok) pods.updateTemplate(pod, interned.id)
}

describe('a resize in place', () => {
  it('is allocated when it fits, without a restart', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const pod = cluster.pod(asking('1'))
    cluster.at(10, () => resize(cluster, pod, '3'))
    cluster.runTo(20)
    expect(cluster.status(pod)).toMatchObject({ restartCount: 0, allocatedResources: { cpu: '3' } })
    expect(cluster.kubelets.runningCpu(cluster.node0)).toBe(3000)
    // 1 of 4 cores is left.
    const late = cluster.pod(asking('2'))
    cluster.runTo(30)
    expect(cluster.state(late)).toBe('Failed OutOfcpu')
  })

  it('starts the container again where its resizePolicy says so', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const pod = cluster.pod(asking('1', { resizePolicy }))
    cluster.at(10, () => resize(cluster, pod, '3'))
    cluster.runTo(20)
    expect(cluster.status(pod)).toMatchObject({ restartCount: 1, allocatedResources: { cpu: '3' } })
  })

  it('waits for room, and takes it when another pod leaves', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const pod = cluster.pod(asking('1'))
    cluster.pod({ ...asking('2'), restartPolicy: 'Never' }, { duration: '60s' })
    cluster.at(10, () => resize(cluster, pod, '3'))
    cluster.runTo(20)
    expect(cluster.podCondition(pod, 'PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Deferred',
    })
    expect(cluster.status(pod)?.allocatedResources).toEqual({ cpu: '1' })
    cluster.runTo(61)
    expect(cluster.podCondition(pod, 'PodResizePending')).toBeUndefined()
    expect(cluster.status(pod)?.allocatedResources).toEqual({ cpu: '3' })
  })

  it('is infeasible beyond what the node has, and gives back what was allocated', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const pod = cluster.pod(asking('1'))
    cluster.at(10, () => resize(cluster, pod, '5'))
    cluster.at(20, () => cluster.delete(pod, 0))
    cluster.runTo(15)
    expect(cluster.podCondition(pod, 'PodResizePending')).toMatchObject({
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
    })
    cluster.runTo(25)
    const next = cluster.pod(asking('4'))
    cluster.runTo(30)
    expect(cluster.state(next)).toBe('Running')
  })
})

describe('a readiness gate', () => {
  it('keeps the pod from being ready until its condition is True', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod({ readinessGates: [{ conditionType: 'example.com/routed' }] })
    cluster.runTo(10)
    expect(cluster.api.pods.table.isReady(pod)).toBe(false)
    expect(cluster.podCondition(pod, 'ContainersReady')?.status).toBe('True')
    expect(cluster.podCondition(pod, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/routed" does not exist.',
    })
    const { conditions = [] } = cluster.api.pods.detailsOf(pod)
    const routed = { type: 'example.com/routed', status: 'True' }
    cluster.at(20, () => cluster.api.pods.updateDetails(pod, { conditions: [...conditions, routed] }))
    cluster.runTo(30)
    expect(cluster.seconds('readyAt', pod)).toBe(20)
    expect(cluster.podCondition(pod, 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:00:20Z')
    expect(cluster.podCondition(pod, 'example.com/routed')).toEqual(routed)
  })
})

describe('a static pod', () => {
  it('is there again when its mirror is deleted', () => {
    const cluster = new LifecycleCluster()
    const interned = cluster.api.pods.templates.intern({
      metadata: {
        namespace: 'kube-system',
        labels: {},
        annotations: { 'kubernetes.io/config.source': 'file' },
      },
      spec: { containers: [{ name: 'etcd' }] },
      sizing: 'template',
    })
    if (!interned.ok) throw new Error(interned.message)
    const pod = cluster.api.pods.create({ template: interned.id, name: 'etcd-n0', node: cluster.node0 })
    cluster.at(10, () => cluster.delete(pod, 30))
    cluster.runTo(20)
    const row = cluster.api.pods.rowOfGivenName('kube-system/etcd-n0')
    expect(row).not.toBe(pod)
    expect([cluster.state(pod), cluster.state(row as PodRow)]).toEqual(['gone', 'Running'])
  })
})
