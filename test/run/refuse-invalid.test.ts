import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { inNamespace } from '../../src/run/load-objects.ts'
import { refuseInvalid, refuseMistyped } from '../../src/run/refuse-invalid.ts'
import { parseManifests } from '../../src/workload/node-list.ts'
import { hasShared, shared } from '../shared-data.ts'

function problemsOf(text: string): readonly string[] {
  return parseManifests(text, 'a.yaml').flatMap((object) => {
    try {
      refuseMistyped('a.yaml', object as StoredObject)
      refuseInvalid('a.yaml', inNamespace(object) as StoredObject)
      return []
    } catch (error) {
      if (error instanceof InputError) return error.message.split('\n')
      throw error
    }
  })
}

describe('manifests that a cluster would refuse', () => {
  it('are refused with file, object and field of every error', () => {
    const text = `{ kind: Pod, metadata: { name: web }, spec: { containers: [{ name: A, image: i }, { name: b }] } }`
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^a\.yaml: web: spec\.containers\[0\]\.name: Invalid value: "A": a lowercase RFC 1123/,
      ),
      'a.yaml: web: spec.containers[1].image: Required value',
    ])
  })

  it('are refused for values of other types, all of them', () => {
    const text = `{ kind: CronJob, metadata: { name: x, labels: { a: 1 } }, spec: { schedule: [], suspend: 'no', jobTemplate:
      { spec: { completions: 1.5, template: { spec: { containers: [{ name: c, args: [5], resources: 3 }, null] } } } } } }`
    expect(problemsOf(text)).toEqual([
      'a.yaml: x: metadata.labels[a]: 1 where Kubernetes has text',
      'a.yaml: x: spec.jobTemplate.spec.completions: 1.5 where Kubernetes has a whole number',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[0].args[0]: 5 where Kubernetes has text',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[0].resources: 3 where Kubernetes has an object',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[1]: null where Kubernetes has an object',
      'a.yaml: x: spec.schedule: a list where Kubernetes has text',
      'a.yaml: x: spec.suspend: "no" where Kubernetes has true or false',
    ])
  })

  it('have the parts that their kinds always have', () => {
    expect(problemsOf('{ kind: CronJob, metadata: { name: x }, spec: { schedule: "@daily" } }')).toEqual([
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers: Required value',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ])
    expect(problemsOf('{ kind: Pod, metadata: { name: x } }')).toEqual([
      'a.yaml: x: spec.containers: Required value',
    ])
  })

  it('may have fields that are null', () => {
    const text = `{ kind: Pod, metadata: { name: web, labels: null }, spec: { containers: [{ name: a, image: i }],
      volumes: [{ name: v, emptyDir: null }] } }`
    expect(problemsOf(text)).toEqual([])
  })

  it('are not refused for containers that debug', () => {
    const debugging = 'ephemeralContainers: [{ name: b, image: i }]'
    const text = `{ kind: Pod, metadata: { name: web }, spec: { containers: [{ name: a, image: i }], ${debugging} } }`
    expect(problemsOf(text)).toEqual([])
  })

  it('are not refused for what kustomize adds, but for what else is wrong', () => {
    const base = (image: string): string =>
      `{ kind: Deployment, metadata: { name: web }, spec: { template: { spec: { containers: [{ name: a${image} }] } } } }`
    expect(problemsOf(base(', image: i'))).toEqual([])
    expect(problemsOf(base(''))).toContain(
      'a.yaml: web: spec.template.spec.containers[0].image: Required value',
    )
  })
})

describe.skipIf(!hasShared)('manifests of real applications (shared data)', () => {
  const files = hasShared ? readdirSync(shared('traces', 'manifests')) : []

  it.each(files.filter((file) => /\.ya?ml(\.gz)?$/.test(file)))('are not refused: %s', (file) => {
    const bytes = readFileSync(shared('traces', 'manifests', file))
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    const objects = parseManifests(text, file)
    expect(objects.length).toBeGreaterThan(0)
    for (const object of objects) refuseInvalid(file, inNamespace(object) as StoredObject)
  })
})
