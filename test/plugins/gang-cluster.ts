import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster, node } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { configurationOf, podWith } from './policy-cluster.ts'
import type { Amounts } from './policy-cluster.ts'

/** A cluster whose scheduler runs Coscheduling, and what it decided: `second name outcome`, and the last message of each pod. */
export interface GangCluster extends TestCluster {
  readonly outcomes: string[]
  readonly messages: Map<string, string>
}

/** Nodes of 4 CPU; `args` are those of the plugin. */
export function gangCluster(
  nodeCount: number,
  setting: { readonly args?: object; readonly options?: Partial<SchedulerOptions> } = {},
): GangCluster {
  const [profile] = (configurationOf('Coscheduling') as { profiles: readonly object[] }).profiles
  const pluginConfig = [{ name: 'Coscheduling', args: setting.args ?? {} }]
  const built = buildCluster({
    configuration: { profiles: [{ ...profile, pluginConfig }] },
    gates: resolveFeatureGates('1.37'),
    options: setting.options ?? {},
  })
  const { sim, api, scheduler } = built
  const outcomes: string[] = []
  const messages = new Map<string, string>()
  scheduler.observe((decision) => {
    const name = api.pods.nameOf(decision.pod)
    outcomes.push(`${sim.now / SECOND} ${name} ${decision.outcome}`)
    const message = decision.outcome === 'unschedulable' ? decision.message() : ''
    if (message !== '') messages.set(name, message)
  })
  for (let i = 0; i < nodeCount; i++) api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi' }))
  sim.run(1)
  return { ...built, outcomes, messages }
}

/** Creates a PodGroup of scheduling.x-k8s.io. */
export function createGroup({ api }: TestCluster, name: string, spec: object): void {
  const metadata = { name, namespace: 'default' }
  const group = { apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'PodGroup', metadata, spec }
  const written = api.collection<object>('PodGroup.scheduling.x-k8s.io').create(group)
  if (!written.ok) throw new Error(written.message)
}

/** Creates a pod of a group, or of none. */
export function createMember(
  { api }: TestCluster,
  name: string,
  more: {
    readonly group?: string
    readonly requests?: Amounts
    readonly priority?: number
    readonly gated?: boolean
  } = {},
): PodRow {
  const { group, requests = { cpu: '3' }, priority, gated = false } = more
  const gates = gated ? { schedulingGates: [{ name: 'later' }] } : {}
  const spec = { preemptionPolicy: 'Never', ...(priority === undefined ? {} : { priority }), ...gates }
  const pod = podWith(name, requests, spec)
  const labels: Record<string, string> = group === undefined ? {} : { 'scheduling.x-k8s.io/pod-group': group }
  const interned = api.pods.templates.internPod({
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: { containers: [], ...pod.spec },
  })
  if (!interned.ok) throw new Error(interned.message)
  return api.pods.create({ template: interned.id, name })
}
