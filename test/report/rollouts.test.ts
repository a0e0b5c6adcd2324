import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { Rollouts } from '../../src/report/rollouts.ts'

/** A Deployment as its controller writes it. */
function deployment(
  image: string,
  generation: number,
  status: Readonly<Record<string, unknown>>,
): { readonly kind: string; readonly key: string; readonly object: object } {
  const object = {
    metadata: { namespace: 'default', name: 'd', generation },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image }] } } },
    status: { observedGeneration: generation, ...status },
  }
  return { kind: 'Deployment', key: 'default/d', object }
}

const DONE = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }

describe('Rollouts', () => {
  it('last from a change of the template until all pods are of it and available', () => {
    const rollouts = new Rollouts()
    rollouts.written(deployment('a', 1, { observedGeneration: 0 }), 0)
    rollouts.written(deployment('a', 1, DONE), 5 * SECOND)
    rollouts.written(deployment('a', 1, { ...DONE, availableReplicas: 1 }), 8 * SECOND)
    rollouts.written(deployment('b', 2, { ...DONE, observedGeneration: 1 }), 10 * SECOND)
    rollouts.written(
      deployment('b', 2, { replicas: 3, updatedReplicas: 1, availableReplicas: 1 }),
      11 * SECOND,
    )
    rollouts.written(deployment('b', 2, DONE), 20 * SECOND)
    expect(rollouts.all).toMatchObject([
      { generation: 1, startedAt: 0, endedAt: 5 * SECOND, outcome: 'complete' },
      { generation: 2, startedAt: 10 * SECOND, endedAt: 20 * SECOND, podsPeak: 3, availableMin: 1 },
    ])
  })

  it('are superseded by the next template and by the deletion, and know of a passed deadline', () => {
    const rollouts = new Rollouts()
    rollouts.written(deployment('a', 1, {}), 0)
    const conditions = [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }]
    rollouts.written(deployment('a', 1, { conditions }), 600 * SECOND)
    rollouts.written(deployment('b', 2, {}), 700 * SECOND)
    rollouts.written({ kind: 'Deployment', key: 'default/d', object: undefined }, 900 * SECOND)
    expect(rollouts.all).toMatchObject([
      { outcome: 'superseded', hasExceededDeadline: true, endedAt: 700 * SECOND },
      { outcome: 'superseded', hasExceededDeadline: false, endedAt: 900 * SECOND },
    ])
  })

  it('of StatefulSets with a partition end when those above it are of the new revision', () => {
    const rollouts = new Rollouts()
    const set = (status: object): object => ({
      metadata: { namespace: 'default', name: 's', generation: 1 },
      spec: { replicas: 3, template: {}, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: { observedGeneration: 1, updateRevision: 'b', currentRevision: 'a', ...status },
    })
    rollouts.written({ kind: 'StatefulSet', key: 'default/s', object: set({ readyReplicas: 3 }) }, 0)
    expect(rollouts.all[0]?.outcome).toBe('open')
    const updated = set({ readyReplicas: 3, updatedReplicas: 1 })
    rollouts.written({ kind: 'StatefulSet', key: 'default/s', object: updated }, SECOND)
    expect(rollouts.all[0]?.outcome).toBe('complete')
  })
})
