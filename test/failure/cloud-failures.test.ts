import { describe, expect, it } from 'vitest'

import { DAY, MINUTE, SECOND } from '../../src/base/time.ts'
import { startCloudThrottling } from '../../src/failure/cloud-throttling.ts'
import { startRegistryOutages } from '../../src/failure/registry-outage.ts'
import { SpotInterruptions } from '../../src/failure/spot-interruption.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import { Registries } from '../../src/node/images/registries.ts'
import { failureLines, watchedFailures } from './watched-failures.ts'

describe('registries', () => {
  it('are down or slow by what names of images begin with', () => {
    const registries = new Registries()
    registries.fail('docker.io', 'a')
    registries.slow('', 3, 'b')
    registries.slow('quay.io/team', 8, 'c')
    const images = ['docker.io/library/web:1', 'docker.iox/web:1', 'quay.io/team/x:1', 'quay.io/teams/x:1']
    expect(images.map((image) => registries.slownessOf(image))).toEqual([Infinity, 3, 8, 3])
    registries.restore('a')
    registries.restore('b')
    expect(images.map((image) => registries.slownessOf(image))).toEqual([1, 1, 8, 1])
  })

  it('fail by the model, and are whole again when the last failure ends', () => {
    const test = watchedFailures(1)
    const registries = new Registries()
    for (const [ordinal, slowness] of [undefined, () => 4].entries()) {
      startRegistryOutages(test.cluster.sim, test.log, registries, {
        ordinal,
        occurrence: { kind: 'once', at: (10 + ordinal) * SECOND, span: () => 5 * SECOND },
        registry: ordinal === 0 ? '' : 'docker.io',
        slowness,
      })
    }
    const seen: number[] = []
    for (const at of [9, 10, 12, 15, 16]) {
      test.cluster.runTo(at)
      seen.push(registries.slownessOf('docker.io/library/web:1'))
    }
    expect(seen).toEqual([1, Infinity, Infinity, 4, 1])
    expect(failureLines(test)).toEqual([
      'registry-outage all registries [] 10-15',
      'registry-outage docker.io [] 11-16',
    ])
  })
})

describe('a cloud that throttles', () => {
  it('lets calls wait while it does', () => {
    const test = watchedFailures(1)
    const { sim } = test.cluster
    const cloud = new CloudApi(sim)
    startCloudThrottling(sim, test.log, cloud, {
      ordinal: 0,
      occurrence: { kind: 'recurring', timeBetweenFailures: () => 10 * SECOND, span: () => 20 * SECOND },
      limits: { qps: 0.1, burst: 1, latencyFactor: 2 },
    })
    const done: number[] = []
    const answered = sim.payloadHandler<string>('test/answered', () => done.push(sim.now / SECOND))
    test.cluster.at(12, () => {
      for (let i = 0; i < 4; i++) cloud.call('attachVolume', answered, '')
    })
    test.cluster.runTo(45)
    // At 12 s and 22 s one each at twice its time, the others when it is over.
    expect(done).toEqual([22, 32, 35, 35])
    expect(failureLines(test)).toEqual(['cloud-throttling cloud [] 10-30', 'cloud-throttling cloud [] 40-…'])
  })
})

describe('spot interruptions', () => {
  it('give notice, take the instance for good, and end when another has its place', () => {
    const test = watchedFailures(3)
    const { sim, machines } = test.cluster
    const notices: string[] = []
    const waiting: (() => void)[] = []
    const spot = new SpotInterruptions(sim, test.log, {
      ordinal: 0,
      notice: 2 * MINUTE,
      noticed: ({ name }, goneAt) => notices.push(`${name} ${goneAt / SECOND}`),
      replace: (_, replaced) => waiting.push(replaced),
    })
    const stream = sim.random.stream('test')
    spot.add({ stream, nodes: () => test.nodes.slice(0, 2), part: {}, at: 60 * SECOND })
    spot.add({ stream, nodes: () => test.nodes, part: {}, at: 90 * SECOND })
    test.cluster.runTo(100)
    expect(notices).toEqual(['n0 180', 'n1 180', 'n2 210'])
    expect(test.nodes.every(({ row }) => machines.isUp(row))).toBe(true)
    test.cluster.runTo(300)
    expect(test.nodes.some(({ row }) => machines.isUp(row))).toBe(false)
    waiting[0]?.()
    expect(failureLines(test)).toEqual(['spot-interruption [0 1] 60-…', 'spot-interruption [2] 90-…'])
    waiting[1]?.()
    expect(failureLines(test)[0]).toBe('spot-interruption [0 1] 60-300')
  })

  it('take each node once, after the time that the mean says', () => {
    const test = watchedFailures(400)
    const spot = new SpotInterruptions(test.cluster.sim, test.log, {
      ordinal: 0,
      notice: 30 * SECOND,
      noticed: () => undefined,
      replace: undefined,
    })
    for (const node of test.nodes) {
      spot.add({
        stream: test.cluster.sim.random.stream(node.name),
        nodes: () => [node],
        part: {},
        at: { timeBetween: (stream) => stream.exponential(DAY), isRecurring: false },
      })
    }
    test.cluster.sim.run(DAY)
    const expected = 400 * (1 - Math.exp(-1))
    expect(Math.abs(test.log.records.length - expected)).toBeLessThan(4 * Math.sqrt(400 * 0.63 * 0.37))
    test.cluster.sim.run(60 * DAY)
    expect(test.log.records).toHaveLength(400)
  })

  it('take a share of a pool again and again', () => {
    const test = watchedFailures(100)
    const spot = new SpotInterruptions(test.cluster.sim, test.log, {
      ordinal: 0,
      notice: MINUTE,
      noticed: () => undefined,
      replace: undefined,
    })
    const at = { timeBetween: () => 10 * MINUTE, isRecurring: true }
    spot.add({
      stream: test.cluster.sim.random.stream('pool'),
      nodes: () => test.nodes,
      part: { share: 0.5 },
      at,
    })
    test.cluster.sim.run(32 * MINUTE)
    expect(test.log.records.map(({ nodes }) => nodes.length)).toEqual([50, 25, 13])
  })
})
