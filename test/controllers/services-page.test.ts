import { readFileSync } from 'node:fs'
import path from 'node:path'

import { loadAll } from 'js-yaml'
import { expect, it } from 'vitest'

import type { EndpointSlice, Service } from '../../src/api/types.generated.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { ServiceAddresses } from '../../src/cluster/service-addresses.ts'
import { startDaemonSetController } from '../../src/controllers/daemon-set.ts'
import { startEndpointSliceController } from '../../src/controllers/endpoint-slices.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { WorkloadCluster } from './workload-cluster.ts'

it('docs/workloads/services.md shows the slice that its example gets', () => {
  const page = readFileSync(path.join(PROJECT_ROOT, 'docs/workloads/services.md'), 'utf8')
  const [manifests = '', shown = ''] = [...page.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1])
  const cluster = new WorkloadCluster({ shutdown: 30_000_000 })
  startDaemonSetController(cluster.parts)
  startEndpointSliceController(cluster.parts)
  const addresses = new ServiceAddresses(cluster.api)
  for (const [name, zone] of [
    ['a', 'east'],
    ['b', 'west'],
  ] as const) {
    const conditions = [{ type: 'Ready', status: 'True' }]
    cluster.addNode(name, {
      metadata: { labels: { 'topology.kubernetes.io/zone': zone } },
      status: { conditions },
    })
  }
  for (const object of loadAll(manifests) as StoredObject[]) {
    const admitted = object.kind === 'Service' ? addresses.admit(object as Service) : undefined
    cluster.create(admitted?.ok === true ? admitted.service : object)
  }
  cluster.run(5)
  const { pods, nodeRows } = cluster.api
  const second = cluster.pods().find((row) => nodeRows.nameOf(pods.table.node(row)) === 'b')
  if (second === undefined) throw new Error('there is no pod on b')
  pods.requestDeletion(second, { grace: 30_000_000, reason: '' })
  cluster.run(1)
  const [slice, ...others] = cluster.api.collection<EndpointSlice>('EndpointSlice').list()
  expect(others).toEqual([])
  // What the server gives to each object is left out in the page.
  const { name, labels } = slice?.metadata ?? {}
  const endpoints = slice?.endpoints?.map(({ targetRef, ...rest }) => ({
    ...rest,
    targetRef: { kind: targetRef?.kind, name: targetRef?.name },
  }))
  expect({ ...slice, metadata: { name, labels }, endpoints }).toEqual(loadAll(shown)[0])
})
