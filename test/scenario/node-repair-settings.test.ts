import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { testFolder } from '../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A scenario with these lines under `spec`. */
function scenarioOf(text: string): Scenario {
  const scenario = `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: repair }
spec:
  nodes: [{ template: { count: 1, shape: "4:16Gi" } }]
${text}
`
  return loadScenario({ file: file('repair.yaml', scenario), overrides: [] })
}

describe('the settings of clouds, attachments and repair', () => {
  it('leave repair and the taint of instances that are shut down off, where nothing is said', () => {
    const { repair, cloud, attachments, nodeLifecycle } = scenarioOf('')
    expect(repair).toBeUndefined()
    expect(cloud).toMatchObject({ monitorPeriod: 5 * SECOND, taintsShutDown: false })
    expect(attachments).toEqual({ maxWaitForUnmount: 6 * MINUTE, disableForceDetach: false })
    expect(nodeLifecycle.startupGracePeriod).toBe(60 * SECOND)
    expect(scenarioOf('  cloud: { qps: 5 }').cloud.taintsShutDown).toBe(true)
    expect(scenarioOf('  cloud: { shutdownTaint: false }').cloud.taintsShutDown).toBe(false)
  })

  it('are those of a MachineHealthCheck, with its defaults', () => {
    const { repair } = scenarioOf('  repair: {}')
    expect(repair).toMatchObject({
      selector: {},
      unhealthyConditions: undefined,
      maxUnhealthy: '100%',
      nodeStartupTimeout: 10 * MINUTE,
      drainTimeout: undefined,
    })
    expect(repair?.joinTime(new RandomStreams(1).stream('test'))).toBe(3 * MINUTE)
    const said = scenarioOf(`  repair:
    selector: { pool: workers }
    unhealthyConditions: [{ type: DiskPressure, status: "True", timeout: 90s }]
    maxUnhealthy: 2
    nodeStartupTimeout: 5m
    drainTimeout: 1m`)
    expect(said.repair).toMatchObject({
      selector: { pool: 'workers' },
      unhealthyConditions: [{ type: 'DiskPressure', status: 'True', timeout: 90 * SECOND }],
      maxUnhealthy: 2,
      nodeStartupTimeout: 5 * MINUTE,
      drainTimeout: MINUTE,
    })
  })

  it.each([
    ['  repair: { maxUnhealthy: 140% }', /maxUnhealthy.*percentage/],
    ['  repair: { unhealthyConditions: [{ type: Ready, status: Maybe, timeout: 1m }] }', /status/],
    ['  repair: { unhealthyConditions: [{ type: Ready }] }', /status/],
    ['  attachments: { maxWait: 1m }', /maxWait/],
    ['  actions: [{ at: 1m, taint: { node: a, key: k } }]', /effect/],
    ['  actions: [{ at: 1m, taint: { node: a, key: "a b", effect: NoExecute } }]', /key of a taint/],
    ['  actions: [{ at: 1m, untaint: { node: a, key: k, effect: Never } }]', /effect/],
  ])('refuse %s', (text, message) => {
    expect(() => scenarioOf(text)).toThrow(message)
  })

  it('are taints as kubectl takes them', () => {
    const { actions } = scenarioOf(`  actions:
    - { at: 1m, taint: { node: a, key: node.kubernetes.io/out-of-service, value: down, effect: NoExecute } }
    - { at: 2m, taint: { selector: { pool: one }, key: k, effect: NoSchedule } }
    - { at: 3m, untaint: { node: a, key: k } }`)
    expect(actions).toMatchObject([
      {
        verb: 'taint',
        taint: { key: 'node.kubernetes.io/out-of-service', value: 'down', effect: 'NoExecute' },
      },
      { verb: 'taint', nodes: { selector: { pool: 'one' } }, taint: { key: 'k', effect: 'NoSchedule' } },
      { verb: 'untaint', nodes: { node: 'a' }, key: 'k', effect: undefined },
    ])
  })
})
