import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NODE = `apiVersion: v1
kind: Node
metadata: { name: n1 }
spec: { taints: [{ key: sla, value: "950", effect: NoSchedule }] }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "10" } }
`
const TOLERATING = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec:
  tolerations: [{ key: sla, operator: Gt, value: "900", effect: NoSchedule }]
  containers: [{ name: c, image: x }]
`
const LARGE = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec:
  resources: { requests: { cpu: "100" } }
  tolerations: [{ operator: Exists }]
  containers: [{ name: c, image: x, resources: { requests: { cpu: "1" } } }]
`
const COMPARISON = 'TaintTolerationComparisonOperators=true'
const cluster = file('node.yaml', NODE)

async function isBound(pods: string, ...flags: readonly string[]): Promise<boolean> {
  const { out, err, status } = await stowage('schedule', cluster, '--pods', pods, '--json', ...flags)
  expect([status, err]).toEqual([0, ''])
  return (JSON.parse(out) as { bound: number }).bound === 1
}

describe('--feature-gates', () => {
  it('turns gates on and off for a snapshot, one by one or as a list', async () => {
    const tolerating = file('tolerating.yaml', TOLERATING)
    expect(await isBound(tolerating)).toBe(false)
    expect(await isBound(tolerating, '--feature-gates', COMPARISON)).toBe(true)
    expect(await isBound(tolerating, '--feature-gates', `OpportunisticBatching=false,${COMPARISON}`)).toBe(
      true,
    )
    const twice = ['--feature-gates', COMPARISON, '--feature-gates', 'TaintTolerationComparisonOperators=0']
    expect(await isBound(tolerating, ...twice)).toBe(false)
  })

  it('takes the fields of a feature that is off from pods', async () => {
    const large = file('large.yaml', LARGE)
    expect(await isBound(large)).toBe(false)
    expect(await isBound(large, '--feature-gates', 'PodLevelResources=false')).toBe(true)
  })

  it('holds for an explanation, of a snapshot and of a run', async () => {
    const tolerating = file('tolerating.yaml', TOLERATING)
    const { out } = await stowage(
      'explain',
      'web',
      cluster,
      '--pods',
      tolerating,
      '--feature-gates',
      COMPARISON,
    )
    expect(out).toContain('n1')
    const scenario = file(
      'scenario.yaml',
      `apiVersion: stowage.dev/v1alpha1
kind: Scenario
spec: { nodes: [{ file: ${cluster} }], objects: [${tolerating}], until: 1m }
`,
    )
    const off = await stowage('explain', 'web', scenario, '--json')
    const on = await stowage('explain', 'web', scenario, '--json', '--feature-gates', COMPARISON)
    const outcomeOf = ({ out: text, err }: { out: string; err: string }): string => {
      expect(err).toBe('')
      return (JSON.parse(text) as { outcome: string }).outcome
    }
    expect([outcomeOf(off), outcomeOf(on)]).toEqual(['unschedulable', 'fits'])
  })

  it.each([
    ['Nonsense=true', 'has no feature gate Nonsense that is known here'],
    ['OpportunisticBatchin=true', 'did you mean OpportunisticBatching?'],
    [
      'NodeDeclaredFeatures=false',
      'cannot set feature gate NodeDeclaredFeatures to false, feature is locked',
    ],
    ['GangScheduling=true', 'GangScheduling needs the feature gate GenericWorkload'],
    ['OpportunisticBatching', '"OpportunisticBatching" is no pair (expected Name=true or Name=false)'],
    ['OpportunisticBatching=maybe', 'sets no truth value (expected true or false)'],
  ])('refuses %s', async (gates, message) => {
    const pods = file('tolerating.yaml', TOLERATING)
    const { err, status } = await stowage('schedule', cluster, '--pods', pods, '--feature-gates', gates)
    expect(status).toBe(2)
    expect(err).toContain(`--feature-gates: `)
    expect(err).toContain(message)
  })

  it('knows the gates of the version that is asked for', async () => {
    const pods = file('tolerating.yaml', TOLERATING)
    const asked = ['--feature-gates', 'NodeDeclaredFeatures=false', '--kubernetes-version']
    expect((await stowage('schedule', cluster, '--pods', pods, ...asked, '1.36')).status).toBe(0)
    expect((await stowage('schedule', cluster, '--pods', pods, ...asked, '1.37')).status).toBe(2)
  })
})
