import { expect, it } from 'vitest'

import { runScenario } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'

/** A Deployment of one pod, which goes to the first of two nodes. */
const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web' }] },
    },
  },
}

it('counts no time below 0 for a failure of nodes that were broken already', async () => {
  const selector = { 'kubernetes.io/hostname': 'node-0' }
  const scenario = loadScenario({
    overrides: [],
    raw: {
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: 'overlapping' },
      spec: {
        until: '1h',
        nodes: [{ template: { count: 2, shape: '4:16Gi' } }],
        objects: [WEB],
        failures: [
          { zoneOutage: { selector, at: '10m', for: '30m' } },
          { zoneOutage: { selector, at: '30m', for: '5s' } },
        ],
      },
    },
  })
  const { signal } = new AbortController()
  const { summary } = await runScenario(scenario, { directory: undefined, command: [], version: '0', signal })
  const times = summary.metrics.filter(({ name }) => /^time_to_(?:detect|evict|reschedule)_s_/.test(name))
  expect(times.length).toBe(9)
  expect(times.flatMap(({ value = 0 }) => (value < 0 ? [value] : []))).toEqual([])
  // The first took longer than 5 minutes: the second did not begin before that.
  expect(times.find(({ name }) => name === 'time_to_reschedule_s_max')?.value).toBeGreaterThan(300)
})
