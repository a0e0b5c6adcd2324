import { describe, expect, it } from 'vitest'

import type { Deployment, Service } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import { ApiServer } from '../../../src/cluster/api-server.ts'
import { Simulation } from '../../../src/engine/simulation.ts'
import { Machines } from '../../../src/node/machine.ts'
import { applyManifests } from '../../../src/run/actions/apply-manifests.ts'
import { actionObject, startActions } from '../../../src/run/actions/start-actions.ts'
import type { ActionSource } from '../../../src/scenario/action.ts'

const TARGET = { kind: 'Deployment', namespace: 'default', name: 'd' }

const UPGRADE: Omit<Extract<ActionSource, { verb: 'upgrade' }>, 'nodes'> = {
  at: 0,
  verb: 'upgrade',
  gracePeriod: undefined,
  timeout: undefined,
  podSelector: undefined,
  disableEviction: false,
  skipWaitForDeleteTimeout: 0,
  nodesMax: 1,
  downtime: () => 60 * SECOND,
  readyTimeout: undefined,
  software: {},
}

/** A Deployment and two nodes, some of them broken; what actions could not do, and what they told. */
function perform(
  actions: readonly ActionSource[],
  broken: readonly string[] = [],
): {
  api: ApiServer
  problems: string[]
  messages: string[]
} {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const machines = new Machines(sim, api)
  const problems: string[] = []
  const messages: string[] = []
  api.collection<Deployment>('Deployment').create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'd' } },
      template: { spec: { containers: [{ name: 'c', image: 'app:1' }] } },
    },
  })
  for (const name of ['a', 'b']) {
    api.nodes.create({
      metadata: { name, labels: { pool: 'one' } },
      spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
    })
  }
  for (const name of broken) machines.crash(api.nodeRows.everRowOf(name), 'broken')
  const done = (action: ActionSource, found: readonly string[], message?: string): void => {
    problems.push(...found)
    if (message !== undefined) messages.push(`${actionObject(action)}: ${message}`)
  }
  startActions({ sim, api, machines, gates: new Map(), done }, actions)
  sim.run()
  return { api, problems, messages }
}

function deployment(api: ApiServer): Deployment {
  const found = api.collection<Deployment>('Deployment').get('default/d')
  if (found === undefined) throw new Error('the deployment is gone')
  return found
}

describe('actions', () => {
  it('scale, set images and restart workloads at their times', () => {
    const { api, problems } = perform([
      { at: SECOND, verb: 'scale', target: TARGET, replicas: 5 },
      { at: 2 * SECOND, verb: 'setImage', target: TARGET, images: { c: 'app:2' } },
      { at: 60 * SECOND, verb: 'restart', target: TARGET },
      { at: 61 * SECOND, verb: 'pause', target: TARGET },
    ])
    const { spec, metadata } = deployment(api)
    expect(problems).toEqual([])
    expect(spec).toMatchObject({ replicas: 5, paused: true })
    expect(spec?.template.spec?.containers[0]?.image).toBe('app:2')
    expect(spec?.template.metadata?.annotations).toEqual({
      'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:01:00Z',
    })
    expect(metadata?.generation).toBe(5)
  })

  it('say which replicas, images and taints they set', () => {
    const nodes = { node: 'b' }
    const { messages } = perform([
      { at: 0, verb: 'scale', target: TARGET, replicas: 5 },
      { at: 1, verb: 'scale', target: TARGET, replicas: 1 },
      { at: 2, verb: 'setImage', target: TARGET, images: { c: 'app:2' } },
      { at: 3, verb: 'taint', nodes, taint: { key: 'a', value: 'b', effect: 'NoExecute' } },
      { at: 4, verb: 'taint', nodes, taint: { key: 'a', effect: 'NoSchedule' } },
      { at: 5, verb: 'untaint', nodes, key: 'a', effect: 'NoSchedule' },
      { at: 6, verb: 'untaint', nodes, key: 'a', effect: undefined },
      { at: 7, verb: 'cordon', nodes },
    ])
    expect(messages).toEqual([
      'Deployment default/d: 5 replicas',
      'Deployment default/d: 1 replica',
      'Deployment default/d: c=app:2',
      'b: a=b:NoExecute',
      'b: a:NoSchedule',
      'b: a:NoSchedule',
      'b: a',
    ])
  })

  it('say what they could not do', () => {
    const { problems } = perform([
      { at: 0, verb: 'scale', target: { ...TARGET, name: 'x' }, replicas: 5 },
      { at: 0, verb: 'setImage', target: TARGET, images: { other: 'app:2' } },
      { at: 0, verb: 'pause', target: { ...TARGET, kind: 'StatefulSet' } },
      { at: 0, verb: 'cordon', nodes: { node: 'c' } },
    ])
    expect(problems).toEqual([
      'there is no Deployment default/x',
      'Deployment default/d has no container other; it has c',
      'there is no StatefulSet default/d',
      'there is no node c',
    ])
  })

  it('cordon nodes with the taint, and take both away again', () => {
    const selector = { pool: 'one' }
    const cordoned = perform([{ at: 0, verb: 'cordon', nodes: { selector } }]).api.nodes.get('b')?.spec
    expect(cordoned).toMatchObject({ unschedulable: true })
    expect(cordoned?.taints?.map(({ key }) => key)).toEqual(['k', 'node.kubernetes.io/unschedulable'])
    const { api } = perform([
      { at: 0, verb: 'cordon', nodes: { selector } },
      { at: SECOND, verb: 'uncordon', nodes: { node: 'b' } },
    ])
    expect(api.nodes.get('b')?.spec).toEqual({ taints: [{ key: 'k', effect: 'NoSchedule' }] })
    expect(api.nodes.get('a')?.spec?.unschedulable).toBe(true)
  })

  it('taint nodes over what they have, and take taints away by key, or by key and effect', () => {
    const selector = { pool: 'one' }
    const taint = { key: 'k', value: 'v', effect: 'NoExecute' }
    const { api, problems } = perform([
      { at: 0, verb: 'taint', nodes: { selector }, taint: { ...taint, value: 'w' } },
      { at: 1, verb: 'taint', nodes: { selector }, taint },
      { at: 2, verb: 'untaint', nodes: { node: 'a' }, key: 'k', effect: 'NoSchedule' },
      { at: 2, verb: 'untaint', nodes: { node: 'b' }, key: 'k', effect: undefined },
      { at: 2, verb: 'untaint', nodes: { node: 'c' }, key: 'k', effect: undefined },
    ])
    expect(api.nodes.get('a')?.spec?.taints).toEqual([taint])
    expect(api.nodes.get('b')?.spec?.taints).toEqual([])
    expect(problems).toEqual(['there is no node c'])
  })

  it('upgrade nodes, and tell of each step', () => {
    const { api, problems, messages } = perform([
      { ...UPGRADE, nodes: { selector: { pool: 'one' } }, software: { kubeletVersion: 'v1.37.3' } },
    ])
    expect(problems).toEqual([])
    expect(messages).toEqual([
      'a: drained in 0s: 0 evicted',
      'a: down for 1m',
      'a: upgraded v1.37.3: Ready 1m after it went down, uncordoned',
      'b: drained in 0s: 0 evicted',
      'b: down for 1m',
      'b: upgraded v1.37.3: Ready 1m after it went down, uncordoned',
      'pool=one: 2 of 2 nodes upgraded',
    ])
    for (const name of ['a', 'b']) {
      const node = api.nodes.get(name)
      expect(node?.status?.nodeInfo?.kubeletVersion).toBe('v1.37.3')
      expect(node?.spec).toEqual({ taints: [{ key: 'k', effect: 'NoSchedule' }] })
    }
  })

  it('say which nodes could not be upgraded', () => {
    const { api, problems } = perform(
      [
        { ...UPGRADE, nodes: { node: 'c' } },
        { ...UPGRADE, nodes: { node: 'a' }, readyTimeout: 60 * SECOND },
      ],
      ['a'],
    )
    expect(problems).toEqual([
      'there is no node c',
      'a was not Ready 1m after its restart',
      'stopped: 0 of 1 nodes upgraded',
    ])
    expect(api.nodes.get('a')?.spec?.unschedulable).toBe(true)
  })

  it('undo rollouts, or say why not', () => {
    const { api, problems, messages } = perform([
      { at: 0, verb: 'undo', target: TARGET, toRevision: 0 },
      { at: SECOND, verb: 'undo', target: TARGET, toRevision: 3 },
      { at: SECOND, verb: 'undo', target: { ...TARGET, name: 'x' }, toRevision: 0 },
    ])
    expect(deployment(api).metadata?.generation).toBe(1)
    expect(messages).toEqual([])
    expect(problems).toEqual([
      'no rollout history found for deployment "d"',
      'unable to find specified revision 3 in history',
      'there is no Deployment default/x',
    ])
  })
})

describe('apply', () => {
  it('leaves what a manifest does not say and the server or somebody else has given', () => {
    const sim = new Simulation({ seed: 1 })
    const api = new ApiServer(sim, [])
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: { app: 'a' }, ports: [{ port: 80 }] },
    }
    applyManifests(api, 'service.yaml', [service], new Map())
    const address = api.collection<Service>('Service').get('default/s')?.spec?.clusterIP
    expect(address).toMatch(/^10\./)
    applyManifests(api, 'service.yaml', [{ ...service, ...{ spec: { ports: [{ port: 81 }] } } }], new Map())
    expect(api.collection<Service>('Service').get('default/s')?.spec).toMatchObject({
      clusterIP: address,
      ports: [{ port: 81 }],
    })
  })
})
