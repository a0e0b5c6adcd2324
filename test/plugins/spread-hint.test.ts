import { describe, expect, it } from 'vitest'

import { podTopologySpread } from '../../plugins/pod-topology-spread.ts'
import type { Service, TopologySpreadConstraint } from '../../src/api/types.generated.ts'
import type { ClusterChange, PodShape } from '../../src/scheduler/framework/index.ts'
import { ANY_POD } from '../../src/scheduler/index-plan.ts'
import { buildCluster, node } from '../scheduler/cluster-builder.ts'
import { shapeWith } from './volume-objects.ts'

const ZONE = 'topology.kubernetes.io/zone'
const CONTEXT = { gates: new Map<string, boolean>(), path: 'args', warn: () => {} }
const BY_ZONE: TopologySpreadConstraint = {
  maxSkew: 1,
  topologyKey: ZONE,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
}

function pod(app: string, constraints: readonly TopologySpreadConstraint[] = []): PodShape {
  const shape = shapeWith()
  return { ...shape, labels: { app }, spec: { ...shape.spec, topologySpreadConstraints: [...constraints] } }
}

/** Whether a rejected pod is worth another try, where a service selects the pods of app web. */
function hints(shape: PodShape, change: ClusterChange, args?: object): boolean {
  const { api, scheduler } = buildCluster()
  api.collection<Service>('Service').create({
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' } },
  })
  const plugin = podTopologySpread(args, CONTEXT)
  return plugin.hint?.(plugin.compile(shape), change, scheduler.cluster, ANY_POD) ?? true
}

const gone = (shape: PodShape): ClusterChange => ({ type: 'assigned-pod-deleted', pod: shape, node: 'n1' })
const relabelled = (itself: boolean): ClusterChange => ({
  type: 'pending-pod-updated',
  old: pod('web', [BY_ZONE]),
  pod: pod('api', [BY_ZONE]),
  itself,
  updates: ['labels'],
})

describe('PodTopologySpread hints', () => {
  it('hear of the pods that a constraint selects', () => {
    expect(hints(pod('web', [BY_ZONE]), gone(pod('web')))).toBe(true)
    expect(hints(pod('web', [BY_ZONE]), gone(pod('api')))).toBe(false)
  })

  it('hear of the pods that the default constraints select by the services', () => {
    const { labelSelector: _, ...constraint } = BY_ZONE
    const args = { defaultingType: 'List', defaultConstraints: [constraint] }
    expect(hints(pod('web'), gone(pod('web')), args)).toBe(true)
    expect(hints(pod('web'), gone(pod('api')), args)).toBe(false)
    const zoneless = { ...node('n9', { cpu: '1', memory: '1Gi' }), metadata: { name: 'n9', labels: {} } }
    expect(hints(pod('web'), { type: 'node-added', node: zoneless }, args)).toBe(false)
  })

  it('hear of their own labels, not of those of other pods without a node', () => {
    expect(hints(pod('web', [BY_ZONE]), relabelled(true))).toBe(true)
    expect(hints(pod('web', [BY_ZONE]), relabelled(false))).toBe(false)
  })
})
