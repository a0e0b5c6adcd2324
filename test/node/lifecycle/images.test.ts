import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NEVER, SECOND } from '../../../src/base/time.ts'
import { fullImageName, pullPolicyOf } from '../../../src/node/images/image-name.ts'
import type { ImageOptions } from '../../../src/node/images/image-options.ts'
import { NodeImages } from '../../../src/node/images/node-images.ts'
import { NodePulls } from '../../../src/node/images/node-pulls.ts'
import type { Pull } from '../../../src/node/images/node-pulls.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

/** Registries answer at once; 10 bytes a second. */
function clusterWith(
  images: Partial<ImageOptions>,
  sizes: Readonly<Record<string, number>>,
): LifecycleCluster {
  const named = new Map(Object.entries(sizes).map(([name, size]) => [fullImageName(name), size]))
  const lifecycle = { images: { latency: 0, bandwidth: 10, sizes: named, ...images } }
  return new LifecycleCluster({ kubelet: { lifecycle } })
}

const imagesOf = (...images: string[]) => ({
  containers: images.map((image, index) => ({ name: `c${index}`, image })),
})

describe('names of images', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'Always'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27', 'IfNotPresent'],
    ['grafana/loki:latest', 'docker.io/grafana/loki:latest', 'Always'],
    ['registry:5000/app', 'registry:5000/app:latest', 'Always'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10', 'IfNotPresent'],
    ['app@sha256:0123', 'docker.io/library/app@sha256:0123', 'IfNotPresent'],
  ])('%s is %s, pulled %s', (image, full, policy) => {
    expect([fullImageName(image), pullPolicyOf(image, undefined)]).toEqual([full, policy])
  })
})

describe('a pull', () => {
  it('comes before the container starts, container by container', () => {
    const cluster = clusterWith({ latency: SECOND }, { 'a:1': 40, 'b:1': 100 })
    const pod = cluster.pod(imagesOf('a:1', 'b:1'))
    const again = cluster.pod(imagesOf('a:1'))
    cluster.runTo(100)
    expect(cluster.history(pod)).toEqual([
      '0 Pending ContainerCreating ContainerCreating',
      '5 Pending Running ContainerCreating',
      '17 Running ready Running Running',
    ])
    // Both ask for the same image: the second finds it there when it is its turn.
    expect(cluster.seconds('runningAt', again)).toBe(6)
  })

  it('waits for the others of its node, or shares with them', () => {
    const runningAt = (maxParallel: number): number[] => {
      const cluster = clusterWith({ maxParallel }, { 'a:1': 100, 'b:1': 50 })
      const pods = [cluster.pod(imagesOf('a:1')), cluster.pod(imagesOf('b:1'))]
      cluster.runTo(100)
      return pods.map((pod) => cluster.seconds('runningAt', pod))
    }
    expect(runningAt(1)).toEqual([10, 15])
    expect(runningAt(2)).toEqual([15, 10])
  })

  it('brings only the layers that are not there', () => {
    const base = { digest: 'base', size: 100 }
    const layers = new Map([
      [fullImageName('a:1'), [base, { digest: 'a', size: 20 }]],
      [fullImageName('b:1'), [base, { digest: 'b', size: 30 }]],
    ])
    const cluster = clusterWith({ layers }, {})
    const pods = [cluster.pod(imagesOf('a:1')), cluster.pod(imagesOf('b:1'))]
    cluster.runTo(100)
    expect(pods.map((pod) => cluster.seconds('runningAt', pod))).toEqual([12, 15])
    expect(cluster.kubelets.workers.images?.bytesOn(cluster.node0)).toBe(150)
  })

  it('is tried again after 10 s, 20 s, 40 s, ... when it fails', () => {
    const unavailable = new Map([[fullImageName('a:1'), [{ from: 0, to: 60 * SECOND }]]])
    const cluster = clusterWith({ unavailable }, { 'a:1': 10 })
    const pod = cluster.pod(imagesOf('a:1'))
    cluster.runTo(200)
    expect(cluster.history(pod)).toEqual([
      '0 Pending ErrImagePull',
      '20 Pending ImagePullBackOff',
      '30 Pending ErrImagePull',
      '40 Pending ImagePullBackOff',
      '71 Running ready Running',
    ])
  })

  it('may not come at all', () => {
    const cluster = clusterWith({}, {})
    const never = { containers: [{ name: 'app', image: 'a:1', imagePullPolicy: 'Never' }] }
    const pod = cluster.pod(never)
    cluster.runTo(100)
    expect([cluster.state(pod), cluster.shown(pod)]).toEqual(['Pending', 'ErrImageNeverPull'])
  })

  it('is refused beyond 5 a second after a burst', () => {
    const cluster = clusterWith({ maxParallel: 100, burst: 2, latency: SECOND }, {})
    const pods = ['a:1', 'b:1', 'c:1'].map((image) => cluster.pod(imagesOf(image)))
    cluster.runTo(0.5)
    expect(pods.map((pod) => cluster.shown(pod))).toEqual([
      'ContainerCreating',
      'ContainerCreating',
      'ErrImagePull',
    ])
  })
})

describe('the images of a node', () => {
  it('are in its status soon after, the largest first, and those that were there need not come', () => {
    const cluster = clusterWith({}, { 'a:1': 20, 'b:1': 40 })
    const here = { names: [fullImageName('c:1')], sizeBytes: 30 }
    const node = cluster.node(cluster.node0)
    cluster.api.nodes.update({ ...node, status: { ...node.status, images: [here] } })
    const pulled: [string, number][] = []
    cluster.kubelets.workers.observe({ imagePulled: (_, name, span) => pulled.push([name, span / SECOND]) })
    const pod = cluster.pod(imagesOf('c:1', 'a:1', 'b:1'))
    cluster.runTo(9)
    expect([cluster.seconds('runningAt', pod), pulled]).toEqual([
      6,
      [
        ['c1', 2],
        ['c2', 4],
      ],
    ])
    cluster.runTo(10)
    const images = cluster.node(cluster.node0).status?.images ?? []
    expect(images.map(({ names = [], sizeBytes }) => [names[0], sizeBytes])).toEqual([
      [fullImageName('b:1'), 40],
      [fullImageName('c:1'), 30],
      [fullImageName('a:1'), 20],
    ])
  })

  it('are removed above 85 % down to 80 %, the longest unused first, none in use, none younger than 2 min', () => {
    const sizes = { 'a:1': 300, 'b:1': 300, 'c:1': 260, 'd:1': 10 }
    const cluster = clusterWith({ disk: 1000, bandwidth: 1000 }, sizes)
    const once = { restartPolicy: 'Never' }
    for (const image of ['b:1', 'a:1']) cluster.pod({ ...imagesOf(image), ...once }, { duration: '10s' })
    cluster.pod(imagesOf('c:1'))
    cluster.runTo(299)
    expect(cluster.kubelets.workers.images?.bytesOn(cluster.node0)).toBe(860)
    cluster.runTo(301)
    expect(cluster.kubelets.workers.images?.namesOn(cluster.node0)).toEqual(['a:1', 'c:1'].map(fullImageName))
  })

  it('never come to more bytes than their layers have', () => {
    const layer = fc.record({ digest: fc.constantFrom('p', 'q', 'r', 's'), size: fc.constant(7) })
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(layer, { selector: ({ digest }) => digest }), { maxLength: 8 }),
        (lists) => {
          const images = new NodeImages()
          lists.forEach((layers, index) => images.add(`i${index}`, layers, index))
          const digests = new Set(lists.flat().map(({ digest }) => digest))
          expect(images.bytes).toBe(7 * digests.size)
          expect(images.free(NEVER, 1000, 0)).toBe(7 * digests.size)
          expect(images.bytes).toBe(0)
        },
      ),
    )
  })
})

describe('pulls of one node', () => {
  it('take as long together as their bytes take, however many run at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (sizes, maxParallel) => {
          const pulls = new NodePulls<Pull & { size: number }>({
            maxParallel,
            bandwidth: 100,
            qps: 0,
            burst: 1,
          })
          for (const size of sizes) pulls.add({ image: 'x', left: undefined, answerAt: 0, size })
          let now = 0
          let ended = 0
          while (ended < sizes.length) {
            for (let pull = pulls.begin(now); pull !== undefined; pull = pulls.begin(now))
              pulls.answered(pull, pull.size, now)
            now = pulls.nextAt()
            ended += pulls.finished(now).length
          }
          const bytes = sizes.reduce((sum, size) => sum + size, 0)
          expect(Math.abs(now - (bytes * SECOND) / 100)).toBeLessThanOrEqual(sizes.length * 10_000)
        },
      ),
    )
  })
})
