import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { volumeBinding } from '../../plugins/volume-binding.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/types.generated.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { claim, claimed, ephemeral, volume, waitingClass } from './volume-objects.ts'

const ROOM = { cpu: '8', memory: '8Gi' }
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

function clusterOf(nodes: readonly string[]): TestCluster {
  const cluster = buildCluster()
  for (const name of nodes) cluster.api.nodes.create(node(name, ROOM))
  cluster.api.collection('StorageClass').create(waitingClass('local'))
  cluster.api.collection('StorageClass').create(waitingClass('made', 'disks.example.com'))
  return cluster
}

function waitingClaim(name: string, size: string, storageClassName = 'local'): PersistentVolumeClaim {
  const resources = { requests: { storage: size } }
  return claim(name, { accessModes: ['ReadWriteOnce'], storageClassName, resources })
}

function volumesOf({ api }: TestCluster): PersistentVolume[] {
  return [...(api.collection('PersistentVolume').list() as Iterable<PersistentVolume>)]
}

describe('VolumeBinding in a run', () => {
  it('takes the smallest volume that is large enough, and writes whose it is', () => {
    const cluster = clusterOf(['n1'])
    for (const one of [volume('big', '9Gi'), volume('small', '2Gi'), volume('tiny', '1Gi')]) {
      cluster.api.collection('PersistentVolume').create(one)
    }
    cluster.api.collection('PersistentVolumeClaim').create(waitingClaim('data', '2Gi'))
    const pod = createPod(cluster.api, 'p', { volumes: [claimed('data')] })
    cluster.sim.run()
    expect(nodeOf(cluster.api, pod)).toBe('n1')
    const taken = volumesOf(cluster).filter(({ spec }) => spec?.claimRef !== undefined)
    expect(taken.map(({ metadata }) => metadata?.name)).toEqual(['small'])
    expect(taken[0]?.spec?.claimRef).toMatchObject({ namespace: 'default', name: 'data', uid: 'uid-data' })
    expect(taken[0]?.metadata?.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' })
  })

  it('tells the provisioner of the chosen node, where the next pod with the claim goes as well', () => {
    const cluster = clusterOf(['n1', 'n2', 'n3'])
    const claims = cluster.api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    claims.create(waitingClaim('data', '2Gi', 'made'))
    const first = createPod(cluster.api, 'p1', { cpu: '5', volumes: [claimed('data')] })
    cluster.sim.run()
    const chosen = nodeOf(cluster.api, first)
    expect(claims.get('default/data')?.metadata?.annotations).toEqual({ [SELECTED_NODE]: chosen })
    const second = createPod(cluster.api, 'p2', { cpu: '1', volumes: [claimed('data')] })
    cluster.sim.run()
    expect(nodeOf(cluster.api, second)).toBe(chosen)
  })

  it('waits for a volume, and takes it when it comes', () => {
    const cluster = clusterOf(['n1', 'n2'])
    cluster.api.collection('PersistentVolumeClaim').create(waitingClaim('data', '2Gi'))
    const messages: string[] = []
    cluster.scheduler.observe((decision) => {
      if (decision.outcome === 'unschedulable') messages.push(decision.message())
    })
    const pod = createPod(cluster.api, 'p', { volumes: [claimed('data')] })
    cluster.sim.run(1)
    expect(nodeOf(cluster.api, pod)).toBe('')
    expect(messages).toEqual([
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    ])
    cluster.api.collection('PersistentVolume').create(volume('v', '2Gi', { host: 'n2' }))
    cluster.sim.run()
    expect(nodeOf(cluster.api, pod)).toBe('n2')
  })

  it('leaves pods without claims to the fast path', () => {
    const cluster = clusterOf(['n1', 'n2'])
    const plugin = volumeBinding(undefined, {
      gates: resolveFeatureGates('1.37'),
      path: 'args',
      warn: () => {},
    })
    const term = (volumes: Parameters<typeof createPod>[2]['volumes']): unknown => {
      const row = createPod(cluster.api, `p${volumes?.length ?? 0}`, volumes === undefined ? {} : { volumes })
      return plugin.compile(cluster.scheduler.cluster.shapes.shapeOf(row))
    }
    const view = cluster.scheduler.cluster
    expect(plugin.isIdle?.(term(undefined), view)).toBe(true)
    expect(plugin.isIdle?.(term([{ name: 'tmp', emptyDir: {} }]), view)).toBe(true)
    expect(plugin.isIdle?.(term([claimed('data'), ephemeral('x')]), view)).toBe(false)
  })
})

describe('VolumeBinding arguments', () => {
  const on = { gates: resolveFeatureGates('1.37'), path: 'args', warn: () => {} }
  const off = { gates: resolveFeatureGates('1.36'), path: 'args', warn: () => {} }

  it('scores only where the gate is on', () => {
    expect('score' in volumeBinding(undefined, on)).toBe(true)
    expect('score' in volumeBinding(undefined, off)).toBe(false)
    expect(() => volumeBinding({ shape: [{ utilization: 0, score: 1 }] }, off)).toThrow(
      /StorageCapacityScoring/,
    )
  })

  it.each([
    [{ bindTimeoutSeconds: -1 }, /bindTimeoutSeconds/],
    [{ shape: [] }, /at least one point/],
    [{ shape: [{ utilization: 0, score: 11 }] }, /not in valid range \[0, 10\]/],
    [{ timeout: 1 }, /unknown field/],
  ])('refuses %j', (args, message) => {
    expect(() => volumeBinding(args, on)).toThrow(message)
  })
})

/** A claim and a volume: their sizes in GiB, and the node that the volume is on. */
interface Draw {
  readonly claims: readonly number[]
  readonly volumes: readonly (readonly [size: number, node: number])[]
  readonly claimsOfPod: number
}

const draws: fc.Arbitrary<Draw> = fc.record({
  claims: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
  volumes: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 })), {
    maxLength: 12,
  }),
  claimsOfPod: fc.integer({ min: 1, max: 3 }),
})

describe('assumed volumes', () => {
  it('are never matched to two claims, whether the API server has been told or not', () => {
    fc.assert(
      fc.property(draws, ({ claims, volumes, claimsOfPod }) => {
        const cluster = clusterOf(['n0', 'n1', 'n2'])
        volumes.forEach(([size, host], index) => {
          cluster.api
            .collection('PersistentVolume')
            .create(volume(`v${index}`, `${size}Gi`, { host: `n${host}` }))
        })
        claims.forEach((size, index) => {
          cluster.api.collection('PersistentVolumeClaim').create(waitingClaim(`c${index}`, `${size}Gi`))
        })
        const pods: number[][] = []
        claims.forEach((_size, index) => {
          if (index % claimsOfPod === 0) pods.push([])
          pods.at(-1)?.push(index)
        })
        const rows = pods.map((own, index) =>
          createPod(cluster.api, `p${index}`, { volumes: own.map((one) => claimed(`c${one}`)) }),
        )
        cluster.sim.run(1)
        const owners = new Map<string, PersistentVolume>()
        for (const one of volumesOf(cluster)) {
          const { claimRef } = one.spec ?? {}
          if (claimRef === undefined) continue
          expect(owners.has(claimRef.name ?? '')).toBe(false)
          owners.set(claimRef.name ?? '', one)
        }
        pods.forEach((own, index) => {
          const row = rows[index]
          const place = row === undefined ? '' : nodeOf(cluster.api, row)
          for (const one of own) {
            const taken = owners.get(`c${one}`)
            expect(taken !== undefined).toBe(place !== '')
            if (taken === undefined) continue
            const [capacity, host] = volumes[Number(taken.metadata?.name?.slice(1))] ?? []
            expect(capacity).toBeGreaterThanOrEqual(claims[one] ?? 0)
            expect(`n${host}`).toBe(place)
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  it('are taken in a sequence before anything is written', () => {
    const objects = [
      node('n1', ROOM),
      waitingClass('local'),
      volume('v1', '1Gi'),
      ...['a', 'b'].map((name) => waitingClaim(name, '1Gi')),
    ]
    const pending = ['a', 'b'].map((name) => ({
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'main' }], volumes: [claimed(name)] },
    }))
    const result = runCase(
      { mode: 'sequence', objects, pending },
      { registry: plugins, gates: resolveFeatureGates('1.37') },
    )
    expect(result).toMatchObject({
      sequence: [
        { pod: 'default/a', node: 'n1' },
        { pod: 'default/b', feasible: 0 },
      ],
    })
  })
})
