import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import type { Node, Pod, PodSpec } from '../../src/api/types.generated.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'
import { node } from '../scheduler/cluster-builder.ts'

/** What a case answers for one pod. */
interface Answer {
  readonly preFilter: {
    readonly code: string
    readonly plugin?: string
    readonly reasons?: readonly string[]
  }
  readonly filter?: Readonly<Record<string, { readonly code: string; readonly reasons?: readonly string[] }>>
  readonly fitError?: string
  readonly scores?: Readonly<
    Record<string, { readonly plugins: Readonly<Record<string, readonly number[]>> }>
  >
  readonly scoreSkipped?: readonly string[]
}

const NODES = ['n0', 'n1'].map((name) => ({ ...node(name, { cpu: '4', memory: '8Gi' }), kind: 'Node' }))

/** What the default plugins say of a pod on two equal nodes. */
function answerFor(
  spec: Omit<PodSpec, 'containers'> & Partial<Pick<PodSpec, 'containers'>>,
  options: { readonly bound?: Pod; readonly nodes?: readonly Node[]; readonly config?: object } = {},
): Answer {
  const { bound, nodes = NODES, config } = options
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c' }], ...spec },
  }
  const objects = [...nodes, ...(bound === undefined ? [] : [bound])].map((object) => ({
    ...object,
    kind: 'containers' in (object.spec ?? {}) ? 'Pod' : 'Node',
  }))
  const input = {
    mode: 'evaluate' as const,
    objects,
    pending: [pod],
    ...(config === undefined ? {} : { config }),
  }
  const result = runCase(input, { registry: plugins, gates: resolveFeatureGates('1.37') })
  const [answer] = (result as { readonly results: readonly Answer[] }).results
  if (answer === undefined) throw new Error('there is no answer')
  return answer
}

/** A pod that required terms of node affinity keep on nodes with these names, one list a requirement. */
function named(...lists: readonly (readonly string[])[]): Omit<PodSpec, 'containers'> {
  const matchFields = lists.map((values) => ({ key: 'metadata.name', operator: 'In', values }))
  const nodeSelectorTerms = [{ matchFields }]
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  }
}

describe('NodeAffinity', () => {
  it('ends the cycle where no name can satisfy the fields of the terms', () => {
    const { preFilter, fitError } = answerFor(named(['n0'], ['n1']))
    expect(preFilter).toMatchObject({
      code: 'UnschedulableAndUnresolvable',
      plugin: 'NodeAffinity',
      reasons: ['pod affinity terms conflict'],
    })
    expect(fitError).toBe('0/2 nodes are available: pod affinity terms conflict.')
  })

  it('scores 0 for a list of preferences without any', () => {
    const { scores, scoreSkipped } = answerFor({
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    })
    expect(scores?.['n0']?.plugins['NodeAffinity']).toEqual([0, 0, 0])
    expect(scoreSkipped).not.toContain('NodeAffinity')
    expect(answerFor({}).scoreSkipped).toContain('NodeAffinity')
  })
})

describe('NodePorts', () => {
  it('takes the port of the container for a host port of 0 of a pod on the network of its host', () => {
    const ports = [{ containerPort: 80, hostPort: 0 }]
    const spec: PodSpec = { hostNetwork: true, containers: [{ name: 'c', ports }] }
    const bound: Pod = { metadata: { name: 'b', namespace: 'default' }, spec: { ...spec, nodeName: 'n0' } }
    expect(answerFor(spec, { bound }).filter?.['n0']).toMatchObject({
      code: 'Unschedulable',
      reasons: ["node(s) didn't have free ports for the requested pod ports"],
    })
  })
})

describe('NodeResourcesFit', () => {
  it('ignores no resource of a name that is of Kubernetes itself', () => {
    const ignoredResources = ['example.com/a', 'example.kubernetes.io/a', 'requests.example.com/a']
    const config = {
      profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args: { ignoredResources } }] }],
    }
    const asking = (resource: string): PodSpec => ({
      containers: [{ name: 'c', resources: { requests: { [resource]: '1' } } }],
    })
    expect(answerFor(asking('example.com/a'), { config }).filter?.['n0']?.code).toBe('Success')
    for (const resource of ignoredResources.slice(1)) {
      expect(answerFor(asking(resource), { config }).filter?.['n0']?.reasons).toEqual([
        `Insufficient ${resource}`,
      ])
    }
  })
})
