import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { MINUTE, SECOND } from '../../src/base/time.ts'
import { RandomStreams } from '../../src/base/random.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { ActionSource } from '../../src/scenario/action.ts'
import { testFolder } from '../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Actions of a scenario with this text under `spec.actions`. */
function actionsOf(text: string): readonly ActionSource[] {
  const scenario = `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: actions }
spec:
  nodes: [{ template: { count: 1, shape: "4:16Gi" } }]
  actions:
${text}
`
  return loadScenario({ file: file('actions.yaml', scenario), overrides: [] }).actions
}

describe('actions of a scenario', () => {
  it('are upgrades with the options of a drain', () => {
    const [upgrade] = actionsOf(`    - at: 5m
      upgrade:
        selector: { pool: workers }
        nodesMax: 25%
        for: { uniform: { low: 2m, high: 4m } }
        timeout: 10m
        readyTimeout: 7m
        podSelector: app=web,tier notin (db)
        skipWaitForDeleteTimeout: 90s
        kubeletVersion: v1.37.3
        kernelVersion: 6.12.95`)
    expect(upgrade).toMatchObject({
      at: 5 * MINUTE,
      verb: 'upgrade',
      nodes: { selector: { pool: 'workers' } },
      nodesMax: '25%',
      timeout: 10 * MINUTE,
      readyTimeout: 7 * MINUTE,
      disableEviction: false,
      skipWaitForDeleteTimeout: 90 * SECOND,
      software: { kubeletVersion: 'v1.37.3', kernelVersion: '6.12.95' },
    })
    if (upgrade?.verb !== 'upgrade') throw new Error('it is no upgrade')
    expect(upgrade.podSelector?.({ app: 'web' })).toBe(true)
    expect(upgrade.podSelector?.({ app: 'web', tier: 'db' })).toBe(false)
    const downtime = upgrade.downtime(new RandomStreams(1).stream('test'))
    expect(downtime).toBeGreaterThanOrEqual(2 * MINUTE)
    expect(downtime).toBeLessThanOrEqual(4 * MINUTE)
  })

  it.each([
    ['{ at: 1m, upgrade: { node: a } }', /for/],
    ['{ at: 1m, upgrade: { node: a, for: 1m, nodesMax: 2.5 } }', /nodesMax/],
    [
      '{ at: 1m, upgrade: { node: a, for: 1m, nodesMax: 120% } }',
      /^\S+ \S+nodesMax: "120%" is not of the form; it is a percentage from 0% to 100%$/,
    ],
    ['{ at: 1m, upgrade: { node: a, for: soon } }', /"soon" is no duration/],
    ['{ at: 1m, upgrade: { for: 1m } }', /a node or a selector/],
    ['{ at: 1m, drain: { node: a, podSelector: "app in web" } }', /podSelector.*found 'web'/],
    ['{ at: 1m, undo: { kind: Deployment, name: a, toRevision: -1 } }', /toRevision/],
  ])('are refused where they make no sense: %s', (text, message) => {
    expect(() => actionsOf(`    - ${text}`)).toThrow(message)
  })
})
