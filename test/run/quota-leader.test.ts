import { expect, it } from 'vitest'

import type { ResourceQuota } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { replayRun } from '../../src/run/run.ts'
import type { ReplayedRun } from '../../src/run/run.ts'
import { inlineScenario } from './inline-scenario.ts'

const OBJECTS = `apiVersion: v1
kind: ResourceQuota
metadata: { name: few, namespace: default }
spec: { hard: { pods: "3" } }
---
apiVersion: v1
kind: Pod
metadata: { name: one, namespace: default }
spec: { containers: [{ name: main, image: web }] }
`

it('counts what a quota has left only while a controller manager leads', async () => {
  const counted: { readonly at: number; readonly used: unknown }[] = []
  const loss = 'failures: [{ leaderLoss: { component: kube-controller-manager, at: 99s, for: 60s } }]'
  const gone = 'actions: [{ at: 100s, delete: { kind: Pod, name: one } }]'
  await replayRun(
    inlineScenario(OBJECTS, `${loss}, ${gone}, until: 10m`),
    ({ sim, api }: ReplayedRun) => {
      api.observeObjects(({ kind, object }) => {
        const used = (object as ResourceQuota | undefined)?.status?.used?.['pods']
        if (kind === 'ResourceQuota' && sim.now > 99 * SECOND) counted.push({ at: sim.now / SECOND, used })
      })
    },
    new AbortController().signal,
  )
  expect(counted.map(({ used }) => used)).toEqual(['0'])
  // The process is there again at 159 s, and takes its lease 15 to 19.4 s later.
  expect(counted[0]?.at).toBeGreaterThanOrEqual(174)
  expect(counted[0]?.at).toBeLessThan(178.4)
})
