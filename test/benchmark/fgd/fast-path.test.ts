import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { plugins } from '../../../plugins/index.ts'
import { inflate } from '../../../src/benchmark/fgd/inflation.ts'
import { readStudyInput } from '../../../src/benchmark/fgd/study-input.ts'
import type { StudyInput } from '../../../src/benchmark/fgd/study-input.ts'
import { STUDY_POLICY_NAMES, schedulingPolicyOf } from '../../../src/benchmark/fgd/study-policies.ts'
import { SCHEDULING_POLICIES } from '../../../src/scenario/scheduling-policies.ts'
import { temporaryDirectory } from '../../report/temporary-directory.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import { writeOpenbSample } from './openb-sample.ts'

/** The policy's configuration with the device plugin in it, and what it is told of the workload in its arguments. */
function configurationOf(policy: string, { typical }: StudyInput): object {
  const { configuration } = SCHEDULING_POLICIES[policy] ?? {}
  const [profile] = (configuration?.['profiles'] ?? []) as readonly Record<string, object>[]
  const config = (profile?.['pluginConfig'] ?? []) as readonly { name: string; args: object }[]
  const own = config.map(({ name, args }) => {
    return { name, args: policy === 'FGD' ? { ...args, typicalPods: typical } : args }
  })
  const told = policy === 'FGD' ? [{ name: 'FGD', args: { typicalPods: typical } }] : []
  const points = { ...profile?.['plugins'], multiPoint: { enabled: [{ name: 'GpuShare' }] } }
  return { ...configuration, profiles: [{ ...profile, plugins: points, pluginConfig: [...own, ...told] }] }
}

/** Where each pod went, with its devices, and who said so. */
function placements(policy: string, input: StudyInput, usesIndex: boolean) {
  const { sim, api, scheduler } = buildCluster({
    configuration: configurationOf(policy, input),
    registry: plugins,
    options: { tieBreak: 'first', usesIndex },
  })
  const { pods, nodes } = inflate(input, 42, 1.6)
  for (const place of nodes) {
    const node = input.nodes[place]
    if (node !== undefined) api.nodes.create(node)
  }
  const places: string[] = []
  scheduler.observe(({ pod, node, outcome }) => {
    const devices = scheduler.cluster.nodes.devicesOf(pod)
    places.push(outcome === 'bound' ? `${api.pods.nameOf(pod)} on ${node} with ${devices}` : outcome)
  })
  for (const { name, template, cpu, memory } of pods) {
    const interned = api.pods.templates.intern(template)
    if (!interned.ok) throw new Error(interned.message)
    const row = api.pods.create({ template: interned.id, cpu, memory, taskName: name })
    while (sim.peek() <= sim.now) sim.step()
    if (places.at(-1) !== 'unschedulable') continue
    api.pods.requestDeletion(row, { grace: 0, reason: '' })
    while (sim.peek() <= sim.now) sim.step()
  }
  return { places, answered: scheduler.answered }
}

describe('the policies of the study', () => {
  it.each(STUDY_POLICY_NAMES)('%s is answered by the index as by the definition', (name) => {
    const folder = temporaryDirectory()
    writeOpenbSample(folder)
    const input = readStudyInput(
      path.join(folder, 'openb_node_list_gpu_node.csv'),
      path.join(folder, 'openb_pod_list_small.csv'),
    )
    const fast = placements(schedulingPolicyOf(name), input, true)
    const slow = placements(schedulingPolicyOf(name), input, false)
    expect(fast.places).toEqual(slow.places)
    expect(fast.places.filter((place) => place === 'unschedulable').length).toBeGreaterThan(20)
    expect(fast.places.filter((place) => place.includes(' on ')).length).toBeGreaterThan(100)
    expect(slow.answered.index + slow.answered.mixed).toBe(0)
    expect(fast.answered.definition).toBe(0)
    expect(fast.answered[name === 'Random' ? 'mixed' : 'index']).toBeGreaterThan(100)
  })
})
