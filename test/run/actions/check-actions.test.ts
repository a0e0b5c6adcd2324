import { describe, expect, it } from 'vitest'

import { checkScenario } from '../../../src/run/check.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { inlineScenario, runInline } from '../inline-scenario.ts'

function web({ app = 'web', replicas = 'replicas', image = 'i' }): string {
  return `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { ${replicas}: 2,
    selector: { matchLabels: { app: ${app} } }, template: { metadata: { labels: { app: ${app} } },
    spec: { containers: [{ name: c, image: ${image} }] } } } }`
}

const DATABASE = (service: string, image: string): string => `{ apiVersion: apps/v1, kind: StatefulSet,
  metadata: { name: db }, spec: { serviceName: ${service}, selector: { matchLabels: { app: db } },
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: c, image: ${image} }] } } } }`
const JOB = (
  image: string,
): string => `{ apiVersion: batch/v1, kind: Job, metadata: { name: job }, spec: { template: {
  metadata: { annotations: { stowage.dev/duration: 1h } },
  spec: { restartPolicy: Never, containers: [{ name: c, image: ${image} }] } } } }`
const SERVICE = '{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { ports: [{ port: 80 }] } }'

/** A scenario with an object and actions; `applied` is the text of the file that they may apply. */
function scenarioOf(object: string, actions: string, applied = ''): () => Scenario {
  return () => inlineScenario(object, `until: 2m, actions: [${actions}]`, { 'applied.yaml': applied })
}

async function warningsOfRun(scenario: () => Scenario): Promise<readonly string[]> {
  return (await runInline(scenario())).warnings
}

const APPLY = '{ at: 1m, apply: applied.yaml }'

describe('actions that cannot be', () => {
  it.each([
    ['{ at: 1m, scale: { kind: deployment, name: web, replicas: 1 } }', '"deployment" is no kind for scale'],
    ['{ at: 1m, pause: { kind: StatefulSet, name: web } }', 'is no kind for pause (expected Deployment)'],
    ['{ at: 1m, delete: { kind: pod, name: web } }', '"pod" is no kind (kinds begin with a capital letter)'],
    ['{ at: 1m, apply: missing.yaml }', 'missing.yaml: cannot be read'],
  ])('are refused by run and check: %s', async (action, message) => {
    const scenario = scenarioOf(web({}), action)
    await expect(warningsOfRun(scenario)).rejects.toThrow(message)
    await expect((async () => checkScenario(scenario()))()).rejects.toThrow(message)
  })

  it('are refused for misspelt fields of what they apply, before the run', async () => {
    const scenario = scenarioOf(web({}), APPLY, web({ replicas: 'replica' }))
    const message = 'applied.yaml: web: spec.replica: unknown field (did you mean replicas?)'
    await expect(warningsOfRun(scenario)).rejects.toThrow(message)
    await expect(checkScenario(scenario())).rejects.toThrow(message)
  })

  it('are named by the check when they are about nothing', async () => {
    const scale = '{ at: 1m, scale: { kind: Deployment, name: wbe, replicas: 1 } }'
    const { warnings } = await checkScenario(
      scenarioOf(web({}), `${scale}, { at: 1m, drain: { node: node-9 } }`)(),
    )
    expect(warnings).toEqual([
      'scale at 1m: there is no Deployment default/wbe at the start (did you mean default/web?)',
      'drain at 1m: there is no node node-9',
    ])
  })
})

describe('applied manifests', () => {
  it('cannot change what is immutable', async () => {
    const selector = scenarioOf(web({}), APPLY, web({ app: 'other' }))
    expect((await warningsOfRun(selector)).join()).toContain(
      'spec.selector: Invalid value: field is immutable',
    )
    const service = scenarioOf(DATABASE('db', 'a'), APPLY, DATABASE('other', 'a'))
    expect((await warningsOfRun(service)).join()).toContain(
      "db: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',",
    )
    const job = scenarioOf(JOB('a'), APPLY, JOB('b'))
    expect((await warningsOfRun(job)).join()).toContain('spec.template: Invalid value: field is immutable')
  })

  it.each([
    ['a Deployment', web({}), web({ image: 'j' })],
    ['a StatefulSet', DATABASE('db', 'a'), DATABASE('db', 'b')],
    ['a Job as it is', JOB('a'), JOB('a')],
    ['a Service as it is', SERVICE, SERVICE],
  ])('can change what is not: %s', async (_name, object, applied) => {
    expect(await warningsOfRun(scenarioOf(object, APPLY, applied))).toEqual([])
  })
})

it('a drain that its budgets still hold up at the end of the run is named', async () => {
  const budget = `{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: a }, spec: { maxUnavailable: 0,
    selector: { matchLabels: { app: web } } } }`
  const drain = '{ at: 1m, drain: { node: node-0 } }'
  const held = `${web({})}\n---\n${budget}`
  const warning = 'drain at 1m: not done at the end of the run: node-0'
  expect(await warningsOfRun(scenarioOf(held, drain))).toContain(warning)
  expect(await warningsOfRun(scenarioOf(web({}), drain))).not.toContain(warning)
})
