import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ConfigMap } from '../../src/api/types.generated.ts'
import type { ApiServer } from '../../src/cluster/api-server.ts'
import { emptySnapshot, takeSnapshot } from '../../src/cluster/cluster-snapshot.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import { rollBack } from '../../src/cluster/roll-back.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** What a roll back has to bring back: objects with all but their revisions, pods with uid, node, and whether they are going. */
function stateOf(api: ApiServer): unknown {
  const { pods } = api
  const maps = [...api.collection<ConfigMap>('ConfigMap').list()].map(({ metadata, data }) => {
    const { resourceVersion: _, ...others } = metadata ?? {}
    return { metadata: others, data }
  })
  const rows = [...pods.table.stored()].map((row) =>
    [
      pods.uidOf(row),
      pods.keyOf(row),
      pods.table.node(row),
      pods.table.deletingAt(row) !== NO_TIME,
      pods.table.cpu(row),
    ].join(' '),
  )
  return { maps: sorted(maps), pods: rows.sort() }
}

function sorted(objects: readonly { readonly metadata: { readonly name?: string } }[]): unknown {
  return [...objects].sort((one, other) => ((one.metadata.name ?? '') < (other.metadata.name ?? '') ? -1 : 1))
}

type Step =
  | { readonly do: 'create' | 'createBound' | 'bind' | 'delete' | 'erase'; readonly at: number }
  | { readonly do: 'put' | 'drop'; readonly name: string; readonly value: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('create', 'createBound', 'bind', 'delete', 'erase'),
    at: fc.nat({ max: 9 }),
  }),
  fc.record({
    do: fc.constantFrom('put', 'drop'),
    name: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom('1', '2'),
  }),
)

function perform(cluster: TestCluster, one: Step): void {
  const { api } = cluster
  const { pods } = api
  const maps = api.collection<ConfigMap>('ConfigMap')
  if ('name' in one) {
    const object = { metadata: { name: one.name, namespace: 'default' }, data: { value: one.value } }
    if (one.do === 'drop') maps.delete(`default/${one.name}`)
    else if (maps.get(`default/${one.name}`) === undefined) maps.create(object)
    else maps.update(object)
    return
  }
  const node = (one.at % 2) as NodeRow
  if (one.do === 'create') cluster.createPod({ cpu: 100 + one.at })
  else if (one.do === 'createBound') cluster.createPod({ node, cpu: 100 + one.at })
  else {
    const row = [...pods.table.stored()][one.at] as PodRow | undefined
    if (row === undefined) return
    if (one.do === 'bind' && pods.table.node(row) === NO_NODE) pods.bind(row, node, 0)
    else if (one.do === 'delete') pods.requestDeletion(row, { reason: '' })
    else if (one.do === 'erase') pods.requestDeletion(row, { grace: 0, reason: '' })
  }
}

describe('a roll back', () => {
  it('brings back all that was in the snapshot and nothing else, under new revisions', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 60 }),
        (before, since, seconds) => {
          const cluster = new TestCluster()
          cluster.addNode('n0')
          cluster.addNode('n1')
          for (const one of before) perform(cluster, one)
          const snapshot = takeSnapshot(cluster.api)
          const state = stateOf(cluster.api)
          for (const one of since) perform(cluster, one)
          cluster.runTo(seconds)
          const { revision } = cluster.api
          rollBack(cluster.api, snapshot, [])
          expect(stateOf(cluster.api)).toEqual(state)
          expect(cluster.api.revision).toBeGreaterThanOrEqual(revision)
          // Whoever watches goes on, and no pod is left that its kubelet does not deal with.
          cluster.runTo(seconds + 600)
          for (const row of cluster.api.pods.table.stored()) {
            if (cluster.api.pods.table.node(row) !== NO_NODE) expect(cluster.state(row)).toBe('Running')
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('to nothing leaves what an API server makes itself, and nodes without what was set on them', () => {
    const cluster = new TestCluster()
    cluster.addNode('n0')
    const { api } = cluster
    for (const name of ['default', 'kube-system', 'team']) api.namespaces.create({ metadata: { name } })
    const node = api.nodes.get('n0')
    api.nodes.update({ ...node, metadata: { ...node?.metadata, name: 'n0' }, spec: { unschedulable: true } })
    cluster.createPod({ node: 0 as NodeRow })
    rollBack(api, emptySnapshot(api), [])
    expect([...api.namespaces.keys()]).toEqual(['default', 'kube-system'])
    expect(api.nodes.get('n0')?.spec?.unschedulable).toBeUndefined()
    expect(api.pods.count).toBe(0)
  })
})
