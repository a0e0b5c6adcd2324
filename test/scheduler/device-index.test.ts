import fc from 'fast-check'
import { expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startResourceClaimController } from '../../src/controllers/resource-claims.ts'
import { device, deviceClass, request, slice } from '../plugins/device-allocation/devices.ts'
import { buildCluster, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

const RESOURCE = 'example.com/gpu'

/** Nodes with the resource of their own, with devices, or with neither. */
function mixedCluster(random: RandomStream, usesIndex: boolean): TestCluster {
  const cluster = buildCluster({ options: { usesIndex } })
  const { api } = cluster
  startResourceClaimController(api)
  api.collection('ResourceClaimTemplate').create({
    kind: 'ResourceClaimTemplate',
    metadata: { name: 'one', namespace: 'default' },
    ...{ spec: { spec: { devices: { requests: [request('r', { deviceClassName: 'plain' })] } } } },
  })
  api.collection('DeviceClass').create(deviceClass('plain'))
  for (let i = 0; i < 12; i++) {
    const made = node(`n${i}`, { cpu: '8', memory: '16Gi' })
    const hasOwn = random.uniform() < 0.4
    const amounts = { ...made.status?.allocatable, ...(hasOwn ? { [RESOURCE]: '3' } : {}) }
    api.nodes.create({ ...made, status: { allocatable: amounts, capacity: amounts } })
    if (random.uniform() < 0.6) {
      const devices = Array.from({ length: 1 + random.integer(3) }, (_, index) => device(`d${index}`))
      api.collection('ResourceSlice').create(slice(`s${i}`, devices, { nodeName: `n${i}` }))
    }
  }
  return cluster
}

function createPod({ api }: TestCluster, name: string, kind: number): PodRow {
  const requests = { cpu: '500m', ...(kind === 1 ? { [RESOURCE]: '1' } : {}) }
  const claims = kind === 2 ? { resourceClaims: [{ name: 'c', resourceClaimTemplateName: 'one' }] } : {}
  const interned = api.pods.templates.internPod({
    metadata: { name, namespace: 'default' },
    spec: { ...claims, preemptionPolicy: 'Never', containers: [{ name: 'main', resources: { requests } }] },
  })
  if (!interned.ok) throw new Error(interned.message)
  return api.pods.create({ template: interned.id, name })
}

/** Plays random arrivals and ends, while a class comes and goes that stands for the resource. */
function play(seed: number, usesIndex: boolean): readonly string[] {
  const random = new RandomStreams(seed).stream('test')
  const cluster = mixedCluster(random, usesIndex)
  const { sim, api, scheduler } = cluster
  const said: string[] = []
  scheduler.observe((decision) => {
    // How often a pod without a chance is tried differs: equal ones wait as a group.
    if (decision.outcome === 'bound')
      said.push(`${api.pods.nameOf(decision.pod)} ${nodeOf(api, decision.pod)}`)
  })
  const classes = api.collection('DeviceClass')
  const pods: PodRow[] = []
  for (let step = 0; step < 80; step++) {
    const draw = random.uniform()
    const pod = pods[random.integer(Math.max(1, pods.length))]
    if (draw < 0.75) pods.push(createPod(cluster, `p${step}`, random.integer(3)))
    else if (draw < 0.9) {
      if (pod !== undefined && !api.pods.isRemoved(pod)) {
        api.pods.requestDeletion(pod, { grace: 0, reason: '' })
      }
    } else if (classes.get('standing') === undefined) {
      classes.create(deviceClass('standing', undefined, RESOURCE))
    } else classes.delete('standing')
    sim.run(sim.now + 700_000)
  }
  return said
}

it('places every pod where the definition does, whatever classes come and go', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      expect(play(seed, true)).toEqual(play(seed, false))
    }),
    { seed: 11, numRuns: 12 },
  )
})
