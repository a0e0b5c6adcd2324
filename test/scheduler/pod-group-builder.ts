import type { PodGroup } from '../../src/api/types.generated.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { SECOND } from '../../src/base/time.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import type { KubernetesVersion } from '../../src/scenario/feature-gates.ts'
import { buildCluster, createPod, node } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

/** A cluster that knows PodGroups, with what its scheduler decided so far. */
export interface GroupCluster extends TestCluster {
  /** `second name outcome`, a line a decision. */
  readonly outcomes: string[]
  /** The last message about each pod, by name. */
  readonly messages: Map<string, string>
  /** Names of the pods that were to be removed, by the pod in whose decision they were. */
  readonly victims: Map<string, readonly string[]>
}

/** A cluster of equal nodes of 4 CPU, one a zone, and feature gates besides GenericWorkload. */
export function groupCluster(
  nodeCount: number,
  gates: Readonly<Record<string, boolean>> = {},
  version: KubernetesVersion = '1.37',
): GroupCluster {
  const cluster = buildCluster({ gates: resolveFeatureGates(version, { GenericWorkload: true, ...gates }) })
  const { sim, api, scheduler } = cluster
  const outcomes: string[] = []
  const messages = new Map<string, string>()
  const victims = new Map<string, readonly string[]>()
  scheduler.observe((decision) => {
    const name = api.pods.nameOf(decision.pod)
    outcomes.push(`${sim.now / SECOND} ${name} ${decision.outcome}`)
    if (decision.outcome !== 'bound') messages.set(name, decision.message())
    if (decision.victims.length > 0)
      victims.set(
        name,
        decision.victims.map((victim) => api.pods.nameOf(victim)),
      )
  })
  for (let i = 0; i < nodeCount; i++)
    api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi', zone: `z${i}` }))
  return { ...cluster, outcomes, messages, victims }
}

/** A PodGroup; a gang of `minCount`, or of a basic policy without it. */
export function podGroup(
  name: string,
  minCount: number | undefined,
  spec: Partial<PodGroup['spec']> = {},
): PodGroup {
  const schedulingPolicy = minCount === undefined ? { basic: {} } : { gang: { minCount } }
  return { kind: 'PodGroup', metadata: { name, namespace: 'default' }, spec: { schedulingPolicy, ...spec } }
}

/** Creates a PodGroup `train`. */
export function createGroup(
  { api }: TestCluster,
  minCount?: number,
  spec: Partial<PodGroup['spec']> = {},
): void {
  api.collection<PodGroup>('PodGroup').create(podGroup('train', minCount, spec))
}

/** Creates pods of the PodGroup `train`, each of which fills most of a node. */
export function createMembers(
  { api }: TestCluster,
  names: readonly string[],
  spec: Parameters<typeof createPod>[2] = {},
): readonly PodRow[] {
  return names.map((name) =>
    createPod(api, name, { cpu: '3', schedulingGroup: { podGroupName: 'train' }, ...spec }, 'train'),
  )
}

/** The PodGroup `train` as it is stored. */
export function storedGroup({ api }: TestCluster): PodGroup | undefined {
  return api.collection<PodGroup>('PodGroup').get('default/train')
}
