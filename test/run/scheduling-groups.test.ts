import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { checkScenario } from '../../src/run/check.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

function example(name: string, overrides: readonly string[] = []): Scenario {
  return loadScenario({ file: path.join(PROJECT_ROOT, 'docs/examples', name), overrides: [...overrides] })
}

async function boundOf(scenario: Scenario): Promise<number | undefined> {
  return metricValue((await runInline(scenario)).summary, 'pods_scheduled')
}

describe('objects of scheduler-plugins in manifests', () => {
  it.each(['coscheduling.yaml', 'elastic-quota.yaml'])('are taken without a warning: %s', async (name) => {
    expect((await checkScenario(example(name))).warnings).toEqual([])
  })

  it('hold a group back until all of it has room', async () => {
    expect(await boundOf(example('coscheduling.yaml'))).toBe(0)
    expect(await boundOf(example('coscheduling.yaml', ['spec.nodes[0].template.count=3']))).toBe(3)
    expect(await boundOf(example('coscheduling.yaml', ['spec.scheduler.policy=default']))).toBe(2)
  })

  it('hold a namespace to its max', async () => {
    expect(await boundOf(example('elastic-quota.yaml'))).toBe(3)
    expect(await boundOf(example('elastic-quota.yaml', ['spec.scheduler.policy=default']))).toBe(4)
  })

  it.each([
    ['scheduling.k8s.io/v1beta1', 'scheduling.x-k8s.io/v1alpha1'],
    ['scheduling.x-k8s.io/v1alpha1', 'scheduling.k8s.io/v1beta1'],
  ])('lie beside one of %s where it and one of %s have one name', async (first, second) => {
    const groupOf = (apiVersion: string): string => {
      const spec = apiVersion.includes('x-k8s')
        ? '{ minMember: 2 }'
        : '{ schedulingPolicy: { gang: { minCount: 2 } } }'
      return `apiVersion: ${apiVersion}\nkind: PodGroup\nmetadata: { name: g, namespace: default }\nspec: ${spec}\n`
    }
    const podOf = (name: string, labels: string, spec: string): string =>
      `kind: Pod\nmetadata: { name: ${name}, labels: ${labels} }\nspec: { containers: [{ name: c, image: i }]${spec} }\n`
    const pods = ['a', 'b'].flatMap((name) => [
      podOf(`in-${name}`, '{}', ', schedulingGroup: { podGroupName: g }'),
      podOf(`out-${name}`, '{ scheduling.x-k8s.io/pod-group: g }', ''),
    ])
    const objects = [groupOf(first), groupOf(second), ...pods].join('---\n')
    const settings = 'featureGates: { GenericWorkload: true }, scheduler: { policy: Coscheduling }'
    expect(await boundOf(inlineScenario(objects, settings))).toBe(4)
    const withoutOne = objects.slice(0, objects.lastIndexOf('---'))
    expect(await boundOf(inlineScenario(withoutOne, settings))).toBe(2)
  })
})
