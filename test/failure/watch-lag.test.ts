import { expect, it, vi } from 'vitest'

import { ApiServer } from '../../src/cluster/api-server.ts'
import { replayRun } from '../../src/run/run.ts'
import { inlineScenario } from '../run/inline-scenario.ts'

/** Objects of some kinds that controllers look after. */
const OBJECTS = ['Deployment', 'StatefulSet'].map((kind) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: kind } },
    template: {
      metadata: { labels: { app: kind } },
      spec: { containers: [{ name: 'main', image: 'web' }] },
    },
  },
}))

it('watches of every part of the control plane fall behind, and those of nobody else', async () => {
  const watch = vi.spyOn(ApiServer.prototype, 'watch')
  const addWatchLag = vi.spyOn(ApiServer.prototype, 'addWatchLag')
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'one' } }
  const manifest = [namespace, ...OBJECTS].map((object) => JSON.stringify(object)).join('\n---\n')
  const failure = 'failures: [{ watchLag: { at: 90s, for: 60s, latency: 5s } }]'
  await replayRun(inlineScenario(manifest, `${failure}, until: 2m`), () => {}, new AbortController().signal)
  const isMeant = addWatchLag.mock.calls[0]?.[0]
  expect(isMeant).toBeDefined()
  const names = watch.mock.calls.map(([{ name }]) => name)
  expect(names).toEqual(expect.arrayContaining(['scheduler', 'kubelets', 'attach-detach']))
  const timely = names.filter((name) => isMeant?.(name) === false)
  // Of other processes, of admission, and of those who only look.
  const others = ['cloud-node-lifecycle', 'namespace-lifecycle', 'namespace-policies', 'report', 'tasks']
  expect(timely.toSorted()).toEqual(others)
  vi.restoreAllMocks()
})
