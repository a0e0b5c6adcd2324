import { plugins } from '../../plugins/index.ts'
import type { Node, Pod } from '../../src/api/types.generated.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { SCHEDULING_POLICIES } from '../../src/scenario/scheduling-policies.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'

/** Amounts by resource, as manifests have them. */
export type Amounts = Readonly<Record<string, string>>

/** A node for the scores of a policy: what it has, and what a pod on it asks for. */
export interface UsedNode {
  readonly has: Amounts
  readonly used?: Amounts
}

/** What a plugin said of a node. */
export interface ScoreOf {
  readonly raw: number
  readonly normalized: number
}

/** The configuration of a named policy, as a case takes it. */
export function configurationOf(policy: string): object {
  const found = SCHEDULING_POLICIES[policy]
  if (found === undefined) throw new Error(`there is no policy ${policy}`)
  return found.configuration
}

/** A Node with these amounts. */
export function nodeWith(name: string, has: Amounts): Node {
  const amounts = { pods: '110', ...has }
  return {
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: { allocatable: amounts, capacity: amounts },
  }
}

/** A pod that asks for these amounts; extended resources are limits as well. */
export function podWith(name: string, requests: Amounts, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  const limits = Object.fromEntries(Object.entries(requests).filter(([resource]) => resource.includes('/')))
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { ...spec, containers: [{ name: 'main', resources: { requests, limits } }] },
  }
}

/** What the plugin of a policy says of each node that takes the pod, by name, `n0` and on; `args` are its arguments. */
export function scoresOf(
  plugin: string,
  nodes: readonly UsedNode[],
  requests: Amounts,
  args?: object,
): Readonly<Record<string, ScoreOf>> {
  const [profile] = (configurationOf(plugin) as { profiles: readonly object[] }).profiles
  const pluginConfig = args === undefined ? [] : [{ name: plugin, args }]
  return scoresBy(plugin, { ...profile, pluginConfig }, nodes, requests)
}

/** What a plugin of a profile says of each node that takes the pod, by name, `n0` and on. */
export function scoresBy(
  plugin: string,
  profile: object,
  nodes: readonly UsedNode[],
  requests: Amounts,
): Readonly<Record<string, ScoreOf>> {
  const objects = nodes.flatMap(({ has, used }, index) => [
    nodeWith(`n${index}`, has),
    ...(used === undefined ? [] : [podWith(`on-n${index}`, used, { nodeName: `n${index}` })]),
  ])
  const result = runCase(
    {
      mode: 'evaluate',
      objects,
      pending: [podWith('p', requests)],
      config: { profiles: [profile] },
    },
    { registry: plugins, gates: resolveFeatureGates('1.37') },
  )
  const [answer] = (result as { results: readonly Answer[] }).results
  return Object.fromEntries(
    Object.entries(answer?.scores ?? {}).map(([node, { plugins: by }]) => {
      const [raw = NaN, normalized = NaN] = by[plugin] ?? []
      return [node, { raw, normalized }]
    }),
  )
}

/** The part of a case's answer that has the scores. */
interface Answer {
  readonly scores?: Readonly<
    Record<string, { readonly plugins: Readonly<Record<string, readonly number[]>> }>
  >
}
