import { describe, expect, it } from 'vitest'

import type { Deployment } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import { ApiServer } from '../../../src/cluster/api-server.ts'
import { Simulation } from '../../../src/engine/simulation.ts'
import { startActions } from '../../../src/run/actions/start-actions.ts'
import type { ActionSource } from '../../../src/scenario/action.ts'

const TARGET = { kind: 'Deployment', namespace: 'default', name: 'd' }

/** A Deployment and two nodes, and what some actions could not do. */
function perform(actions: readonly ActionSource[]): { api: ApiServer; problems: string[] } {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const problems: string[] = []
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
  const done = (_: ActionSource, found: readonly string[]): void => void problems.push(...found)
  startActions({ sim, api, gates: new Map(), done }, actions)
  sim.run()
  return { api, problems }
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
      'no node is meant by it',
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
})
