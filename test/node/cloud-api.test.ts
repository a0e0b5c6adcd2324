import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import type { CloudOptions } from '../../src/node/cloud-api.ts'
import type { CloudCall } from '../../src/scenario/cloud.ts'

/** A cloud, and when its calls were done, in seconds. */
function watchedCloud(options?: CloudOptions): {
  readonly sim: Simulation
  readonly cloud: CloudApi
  readonly call: (call: CloudCall, times?: number) => void
  readonly done: string[]
} {
  const sim = new Simulation({ seed: 1 })
  const cloud = new CloudApi(sim, options)
  const done: string[] = []
  const answered = sim.payloadHandler<string>('test/answered', (name) => {
    done.push(`${name} ${sim.now / SECOND}`)
  })
  const call = (name: CloudCall, times = 1): void => {
    for (let i = 0; i < times; i++) cloud.call(name, answered, name)
  }
  return { sim, cloud, call, done }
}

it('does a call after its time, as many at once as come, where nothing limits it', () => {
  const { sim, call, done } = watchedCloud({ latencies: { attachVolume: () => 2 * SECOND } })
  call('attachVolume', 2)
  call('createVolume')
  call('createInstance')
  sim.run(60 * SECOND)
  expect(done).toEqual(['createInstance 0', 'attachVolume 2', 'attachVolume 2', 'createVolume 5'])
})

it('lets calls wait for their turn under a limit of its own', () => {
  const { sim, cloud, call, done } = watchedCloud({ qps: 0.5, burst: 2 })
  call('createInstance', 4)
  expect(cloud.waiting).toBe(2)
  sim.run(60 * SECOND)
  expect(done.map((line) => line.split(' ')[1])).toEqual(['0', '0', '2', '4'])
})

it('is throttled by causes, the strictest of each, and lets what waits go when they end', () => {
  const { sim, cloud, call, done } = watchedCloud()
  cloud.throttle('a', { qps: 0.1 })
  cloud.throttle('b', { latencyFactor: 3 })
  call('detachVolume', 3)
  sim.run(12 * SECOND)
  expect(cloud.waiting).toBe(1)
  cloud.restore('b')
  cloud.restore('a')
  expect(cloud.waiting).toBe(0)
  cloud.restore('a')
  sim.run(60 * SECOND)
  // 3 × 5 s from 0 and from 10 s, and 5 s from 12 s on.
  expect(done.map((line) => line.split(' ')[1])).toEqual(['15', '17', '25'])
})
