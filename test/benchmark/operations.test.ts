import { describe, expect, it } from 'vitest'

import { chooseWorkloads } from '../../src/benchmark/scheduler-perf.ts'
import { perfConfig, runPerf } from './perf-folder.ts'

const TWO_NODES = '- {opcode: createNodes, count: 2, nodeTemplatePath: node.yaml}'

describe('createNodes and createPods', () => {
  it('bind pods and measure them in simulated time', async () => {
    const result = await runPerf(
      `${TWO_NODES}\n- {opcode: createPods, countParam: $pods, collectMetrics: true}`,
      '{name: small, params: {pods: 4}}',
    )
    expect(result).toMatchObject({
      outcome: 'passed',
      nodes: 2,
      expected: 4,
      reached: 4,
      bound: 4,
      pending: 0,
    })
    const [section] = result.sections
    // The first is bound at once, the others a cycle of 10 ms later each.
    expect(section).toMatchObject({ name: 'Case/small/namespace-1', bound: 4, span: 30_000 })
    expect(section?.samples).toEqual([4 / 0.03])
  })

  it('fail when fewer pods than expected are bound after ten minutes', async () => {
    const result = await runPerf(`${TWO_NODES}\n- {opcode: createPods, count: 5}`)
    expect(result).toMatchObject({
      outcome: 'failed',
      expected: 5,
      reached: 4,
      pending: 1,
      span: 600_000_001,
    })
    expect(result.failure).toBe(
      'op 1 (createPods): 4 of 5 pods in namespace namespace-1 were scheduled after 10m',
    )
  })

  it('give nodes labels in turn and pods volumes of their own', async () => {
    const result = await runPerf(`
- opcode: createNodes
  count: 4
  nodeTemplatePath: large-node.yaml
  labelNodePrepareStrategy: {labelKey: topology.kubernetes.io/zone, labelValues: [a, b]}
- opcode: createPods
  count: 4
  persistentVolumeTemplatePath: volume.yaml
  persistentVolumeClaimTemplatePath: volume-claim.yaml`)
    expect(result).toMatchObject({ outcome: 'passed', reached: 4 })
  })

  it('keep a steady state for as long as they are told', async () => {
    const result = await runPerf(
      `${TWO_NODES}
- {opcode: createPods, count: 3, steadyState: true, durationParam: $for, collectMetrics: true}`,
      '{name: small, params: {for: 10s}}',
    )
    expect(result.outcome).toBe('passed')
    // One every 10 ms, at the first and the last instant as well.
    expect(result.sections[0]?.bound).toBe(1001)
    expect(result.sections[0]?.samples).toEqual(Array.from({ length: 9 }, () => 100))
  })

  it('multiply the count, and make sets of pods in many namespaces', async () => {
    const result = await runPerf(
      `
- {opcode: createNodes, count: 10}
- {opcode: createNamespaces, prefix: ns, count: 2, namespaceTemplatePath: namespace.yaml}
- {opcode: createPods, count: 2, countMultiplierParam: $times}
- opcode: createPodSets
  count: 2
  namespacePrefix: ns
  createPodsOp: {opcode: createPods, count: 3}`,
      '{name: small, params: {times: 4}}',
    )
    expect(result).toMatchObject({ outcome: 'passed', expected: 14, bound: 14 })
  })
})

describe('barriers', () => {
  it('wait for pods that were tried, and for pods that are bound', async () => {
    const result = await runPerf(`
- {opcode: createNodes, count: 1}
- {opcode: createPods, count: 3, podTemplatePath: large-pod.yaml, skipWaitToCompletion: true}
- {opcode: barrier, stageRequirement: Attempted}
- {opcode: createNodes, count: 2, nodeTemplatePath: large-node.yaml}
- {opcode: barrier, namespaces: [namespace-1]}`)
    expect(result).toMatchObject({ outcome: 'passed', expected: 3, reached: 3, bound: 3 })
    expect(result.attempts).toBeGreaterThanOrEqual(6)
  })

  it('count gated pods as tried, and bind them once they are updated', async () => {
    const result = await runPerf(`
- {opcode: createNodes, count: 1}
- {opcode: createPods, count: 3, namespace: gated, podTemplatePath: gated-pod.yaml, skipWaitToCompletion: true}
- {opcode: startCollectingMetrics, name: freed, namespaces: [gated], labelSelector: {type: gated}}
- {opcode: barrier, stageRequirement: Attempted, labelSelector: {type: gated}}
- {opcode: updateAny, count: 3, namespace: gated, templatePath: freed-pod.yaml, updatePerSecond: 10}
- {opcode: barrier, labelSelector: {type: gated}}
- {opcode: stopCollectingMetrics}`)
    expect(result).toMatchObject({ outcome: 'passed', expected: 3, reached: 3 })
    expect(result.sections).toMatchObject([{ name: 'Case/small/freed', bound: 3, span: 300_000 }])
  })

  it('refuse a namespace that nobody made', async () => {
    const { outcome, failure } = await runPerf('- {opcode: barrier, namespaces: [nowhere]}')
    expect({ outcome, failure }).toEqual({
      outcome: 'failed',
      failure: 'op 0 (barrier): barrier: there is no namespace nowhere',
    })
  })
})

describe('what goes on in the background', () => {
  it('deletes pods at a rate, which makes room for others', async () => {
    const result = await runPerf(`${TWO_NODES}
- {opcode: createPods, count: 4, namespace: old}
- {opcode: deletePods, namespace: old, deletePodsPerSecond: 2, skipWaitToCompletion: true}
- {opcode: createPods, count: 4, collectMetrics: true}`)
    expect(result).toMatchObject({ outcome: 'passed', bound: 8 })
    expect(result.sections[0]?.span).toBeGreaterThanOrEqual(2_000_000)
  })

  it('deletes all at once without a rate', async () => {
    const result = await runPerf(`${TWO_NODES}
- {opcode: createPods, count: 4, namespace: old}
- {opcode: deletePods, namespace: old}
- {opcode: createPods, count: 4}`)
    expect(result).toMatchObject({ outcome: 'passed', bound: 8 })
  })

  it('churns objects: a full place is emptied at the next round', async () => {
    const result = await runPerf(`
- {opcode: createNodes, count: 1}
- opcode: churn
  mode: recreate
  number: 2
  intervalMilliseconds: 100
  templatePaths: [large-pod.yaml, service.yaml]
- {opcode: sleep, duration: 450ms}`)
    // Ticks at 100 and 200 ms fill two places, those at 300 and 400 empty them.
    expect(result).toMatchObject({ outcome: 'passed', pending: 0, attempts: 2 })
  })

  it('churns by creating, up to a number', async () => {
    const result = await runPerf(`
- {opcode: createNodes, count: 1}
- {opcode: churn, mode: create, number: 3, templatePaths: [large-pod.yaml]}
- {opcode: sleep, duration: 60s}`)
    expect(result).toMatchObject({ outcome: 'passed', pending: 3 })
  })

  it('keeps pods with finalizers that are deleted, and tries them no more', async () => {
    const result = await runPerf(`
- {opcode: createPods, count: 3, namespace: old, podTemplatePath: finalizer-pod.yaml, skipWaitToCompletion: true}
- {opcode: deletePods, namespace: old}
- {opcode: createNodes, count: 1}
- {opcode: createPods, count: 2}`)
    expect(result).toMatchObject({ outcome: 'passed', bound: 2, pending: 3, attempts: 2 })
  })
})

describe('objects of any kind', () => {
  it('are created and updated from templates', async () => {
    const result = await runPerf(`${TWO_NODES}
- {opcode: createAny, templatePath: service.yaml, namespace: some, count: 3}
- {opcode: createResourceClaims, templatePath: claim.yaml, namespace: some, count: 2}
- {opcode: createPodGroups, templatePath: group.yaml, namespace: some, count: 2, templateParams: {min: $min|3}}
- {opcode: createPods, count: 1, podTemplatePath: large-pod.yaml, namespace: large, skipWaitToCompletion: true}
- {opcode: barrier, stageRequirement: Attempted}
- {opcode: updateAny, templatePath: large-node.yaml, count: 1}
- {opcode: barrier}`)
    expect(result).toMatchObject({ outcome: 'passed', bound: 1 })
  })

  it('are devices of a driver on the nodes that its pattern names', async () => {
    const result = await runPerf(
      `${TWO_NODES}
- {opcode: createResourceDriver, driverName: d, nodes: node-*, maxClaimsPerNodeParam: $claims}
- {opcode: allocResourceClaims, namespace: none}`,
      '{name: small, params: {claims: 3}}',
    )
    expect(result.outcome).toBe('passed')
  })

  it('fail the workload when they are not there to be updated', async () => {
    const { failure } = await runPerf('- {opcode: updateAny, templatePath: node.yaml}')
    expect(failure).toBe('op 0 (updateAny): Node "node-0" not found')
  })
})

describe('wrong configurations', () => {
  it.each([
    ['- {opcode: nosuch}', 'workloadTemplate[0].opcode: "nosuch" is not known'],
    ['- {opcode: createNodes}', 'workloadTemplate[0].count: is missing; so is countParam'],
    ['- {opcode: createNodes, countParam: $n}', 'countParam: the workload has no parameter "n"'],
    ['- {opcode: createNodes, count: 1, color: red}', 'workloadTemplate[0].color: is not known here'],
    [
      '- {opcode: createPods, count: 1, collectMetrics: true, skipWaitToCompletion: true}',
      'exclude each other',
    ],
    ['- {opcode: churn, mode: recreate, templatePaths: []}', 'number: is missing'],
    ['- {opcode: barrier, stageRequirement: Half}', 'is "Half"; expected Scheduled or Attempted'],
    ['- {opcode: createPods, count: 1, steadyState: true}', 'duration: is missing'],
  ])('%s', (operations, message) => {
    expect(() => chooseWorkloads({ places: [perfConfig(operations)], labels: 'short' })).toThrow(message)
  })

  it('do not matter in workloads that were not chosen', () => {
    const file = perfConfig('- {opcode: nosuch}')
    expect(() => chooseWorkloads({ places: [file], labels: 'long' })).toThrow('no workload has these labels')
  })
})
