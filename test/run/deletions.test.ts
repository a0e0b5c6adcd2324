import { rmSync } from 'node:fs'

import { afterAll, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { replayRun } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { testFolder } from '../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const OBJECTS = `apiVersion: v1
kind: Namespace
metadata: { name: team }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: team }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: web }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: team }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: other, namespace: team }
spec: { selector: { app: web }, ports: [{ port: 81 }] }
`

it('of a Service take its slices, and of a namespace all that is in it', async () => {
  const scenario = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'deletions' },
    spec: {
      until: '3m',
      nodes: [{ template: { count: 2, shape: '4:8Gi' } }],
      objects: [file('objects.yaml', OBJECTS)],
      actions: [
        { at: '20s', delete: { kind: 'Service', name: 'other', namespace: 'team' } },
        { at: '1m', delete: { kind: 'Namespace', name: 'team' } },
      ],
    },
  }
  const loaded = loadScenario({ file: file('scenario.yaml', JSON.stringify(scenario)), overrides: [] })
  const seen: string[] = []
  const { api } = await replayRun(
    loaded,
    (run) => {
      const look = run.sim.handler('test/look', () => {
        const sizes = ['Service', 'EndpointSlice', 'Namespace'].map((kind) => run.api.collection(kind).size)
        seen.push([run.sim.now / SECOND, run.api.pods.count, ...sizes].join())
      })
      for (const seconds of [15, 30, 64]) run.sim.at(seconds * SECOND, look)
    },
    new AbortController().signal,
  )
  expect(seen).toEqual(['15,3,2,2,1', '30,3,1,1,1', '64,3,1,1,1'])
  expect(api.pods.count).toBe(0)
  const kinds = [
    'Namespace',
    'Deployment',
    'ReplicaSet',
    'Service',
    'EndpointSlice',
    'ServiceAccount',
    'ConfigMap',
  ]
  expect(kinds.filter((kind) => api.collection(kind).size > 0)).toEqual([])
})
