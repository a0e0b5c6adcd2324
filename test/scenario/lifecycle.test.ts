import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const SHIPPED = path.join(PROJECT_ROOT, 'traces/mixed-day.yaml')
const stream = new RandomStreams(1).stream('test')

function lifecycle(...overrides: string[]): Scenario['lifecycle'] {
  return loadScenario({ file: SHIPPED, overrides }).lifecycle
}

describe('the life of pods in a scenario', () => {
  it('is that of a kubelet when nothing is said of it', () => {
    expect(lifecycle()).toMatchObject({
      rules: [],
      images: undefined,
      kubelet: {
        serializeImagePulls: true,
        registryPullQPS: 5,
        registryBurst: 10,
        imageGCHighThresholdPercent: 85,
        imageGCLowThresholdPercent: 80,
        maxContainerRestartPeriod: 300 * SECOND,
      },
    })
  })

  it('takes rules, images, runtimes and settings of kubelets', () => {
    const { rules, images, runtimes, kubelet } = lifecycle(
      'spec.behaviour.rules=[{selector: {matchLabels: {app: web}}, container: log, duration: 2m, memory: "0s=1Mi,9s=2Mi"}]',
      'spec.images={sizes: {"web:1": 2Gi}, unavailable: [{image: "bad:1", to: 5m}]}',
      'spec.runtimes={kata: {sandbox: 700ms}}',
      'spec.kubelet={maxParallelImagePulls: 3, crashLoopBackOff: {maxContainerRestartPeriod: 60s}}',
    )
    expect(rules[0]).toMatchObject({ selector: { matchLabels: { app: 'web' } }, container: 'log' })
    expect(rules[0]?.behaviour.duration?.(stream)).toBe(120 * SECOND)
    expect(rules[0]?.behaviour.memory?.map(({ at, value }) => [at / SECOND, value(stream)])).toEqual([
      [0, 1024 ** 2],
      [9, 2 * 1024 ** 2],
    ])
    expect(images?.sizes.get('web:1')).toBe(2 * 1024 ** 3)
    expect(images?.unavailable[0]).toEqual({ image: 'bad:1', span: { from: 0, to: 300 * SECOND } })
    expect(runtimes.get('kata')?.sandbox(stream)).toBe(700_000)
    expect(kubelet).toMatchObject({ serializeImagePulls: false, maxContainerRestartPeriod: 60 * SECOND })
  })

  it.each([
    ['spec.behaviour.rules=[{selector: {}, duration: soon}]', '"soon" is no duration'],
    ['spec.behaviour.rules=[{selector: {}, exitCode: 300}]', '"300" is no exit code'],
    ['spec.behaviour.rules=[{selector: {}, livenessFails: 9s-3s}]', '"9s-3s" is no span'],
    ['spec.behaviour.rules=[{selector: {}, memoryLeak: 3Mi/d}]', '"3Mi/d" is no rate'],
    ['spec.behaviour.rules=[{selector: {}, duraton: 3s}]', 'did you mean duration?'],
    ['spec.behaviour.rules=[{duration: 3s}]', 'the field selector is missing'],
    ['spec.images={bandwidth: 0}', 'bandwidth: is 0'],
    ['spec.kubelet={imageGCLowThresholdPercent: 90}', 'expected less than imageGCHighThresholdPercent'],
  ])('refuses %s', (override, message) => {
    expect(() => lifecycle(override)).toThrow(message)
  })
})
