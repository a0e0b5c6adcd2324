import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { undecodableFields } from '../../src/api/field-types.ts'
import { InputError } from '../../src/base/errors.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { inNamespace } from '../../src/run/load-objects.ts'
import { refuseInvalid, refuseUndecodable } from '../../src/run/refuse-invalid.ts'
import { parseManifests } from '../../src/workload/node-list.ts'
import { hasShared, shared } from '../shared-data.ts'

function problemsOf(text: string): readonly string[] {
  return parseManifests(text, 'a.yaml').flatMap((object) => {
    try {
      refuseUndecodable('a.yaml', object as StoredObject)
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
      'a.yaml: x: spec.schedule: a list where Kubernetes has text',
      'a.yaml: x: spec.suspend: "no" where Kubernetes has true or false',
      'a.yaml: x: spec.jobTemplate.spec.completions: 1.5 where Kubernetes has a whole number',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[0].args[0]: 5 where Kubernetes has text',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[0].resources: 3 where Kubernetes has an object',
      'a.yaml: x: spec.jobTemplate.spec.template.spec.containers[1]: null where Kubernetes has an object',
    ])
  })

  it('are refused for fields that their kinds do not have, with what may have been meant', () => {
    const text = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, label: { a: b } }, spec: { replica: 3,
      template: { spec: { containers: [{ name: c, image: i, resources: { request: { cpu: 1 } }, zzzzzzzz: 1 }] } } } }`
    expect(problemsOf(text)).toEqual([
      'a.yaml: web: metadata.label: unknown field (did you mean labels?)',
      'a.yaml: web: spec.replica: unknown field (did you mean replicas?)',
      'a.yaml: web: spec.template.spec.containers[0].resources.request: unknown field (did you mean requests?)',
      'a.yaml: web: spec.template.spec.containers[0].zzzzzzzz: unknown field',
    ])
  })

  it('are held to the version of their kind', () => {
    const scaler = (version: string, field: string): string =>
      `{ apiVersion: autoscaling/${version}, kind: HorizontalPodAutoscaler, metadata: { name: x }, spec: { ${field}: 5 } }`
    expect(problemsOf(scaler('v2', 'targetCPUUtilizationPercentage'))).toEqual([
      'a.yaml: x: spec.targetCPUUtilizationPercentage: unknown field',
    ])
    expect(problemsOf(scaler('v1', 'targetCPUUtilizationPercentage')).join()).not.toContain('unknown')
  })

  it('are refused for kinds that a served version does not have', () => {
    expect(problemsOf('{ apiVersion: apps/v1, kind: Deploymnt, metadata: { name: x } }')).toEqual([
      'a.yaml: x: kind: "Deploymnt" is no kind of apps/v1 (did you mean Deployment?)',
    ])
    expect(problemsOf('{ apiVersion: v1, kind: Job, metadata: { name: x } }')).toEqual([
      'a.yaml: x: kind: "Job" is no kind of v1 (expected apiVersion: batch/v1)',
    ])
  })

  it('may have any fields where others define the kind', () => {
    const text =
      '{ apiVersion: serving.knative.dev/v1, kind: Service, metadata: { name: x }, spec: { traffic: 3 } }'
    expect(undecodableFields(parseManifests(text, 'a.yaml')[0] ?? {})).toEqual([])
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
    for (const object of objects) {
      refuseUndecodable(file, object as StoredObject)
      refuseInvalid(file, inNamespace(object) as StoredObject)
    }
  })
})
