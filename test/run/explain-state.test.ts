import { expect, it } from 'vitest'

import { explainInRun } from '../../src/run/explain/explain-run.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

function pod(name: string, annotations: string, image = 'i'): string {
  const spec = `{ containers: [{ name: c, image: "${image}" }] }`
  return `{ apiVersion: v1, kind: Pod, metadata: { name: ${name}, annotations: { ${annotations} } }, spec: ${spec} }`
}

const OBJECTS = [
  pod('good', ''),
  pod('crasher', 'stowage.dev/duration: 10s, stowage.dev/exit-code: "1"'),
  pod('pull', '', 'bad:1'),
].join('\n---\n')

it.each([
  ['good', 'at 3m it is on its node, ready'],
  ['crasher', 'at 3m it is on its node, not ready (c: CrashLoopBackOff, 4 restarts)'],
  ['pull', 'at 3m it is on its node, not ready (c: ImagePullBackOff)'],
])('explain says what a pod does on its node: %s', async (name, note) => {
  const scenario = inlineScenario(OBJECTS, 'until: 3m, images: { unavailable: [{ image: "bad:1" }] }')
  const { notes } = await explainInRun(scenario, `default/${name}`, new AbortController().signal)
  expect(notes).toEqual([note])
})

it('a run names pods that are still pending at its end', async () => {
  const objects = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    pod(name, '').replace('image: "i"', 'image: "i", resources: { requests: { cpu: 100 } }'),
  )
  const { warnings } = await runInline(inlineScenario(objects.join('\n---\n'), 'until: 1m'))
  expect(warnings).toEqual([
    '5 pods were still pending at the end: default/a, default/b, default/c and 2 more (stowage explain says why)',
  ])
})

it('a run tells once for each owner and reason that pods cannot be created', async () => {
  const quota =
    '{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { hard: { pods: "1" } } }'
  const web = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 3,
    selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } },
    spec: { containers: [{ name: c, image: i }] } } } }`
  const { warnings } = await runInline(inlineScenario(`${quota}\n---\n${web}`, 'until: 1h'))
  expect(warnings).toEqual([
    expect.stringMatching(/^ReplicaSet default\/web-\w+ cannot create a pod: pods "web/),
  ])
})
