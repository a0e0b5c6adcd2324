import { expect, it } from 'vitest'

import { checkScenario } from '../../src/run/check.ts'
import { inlineScenario } from './inline-scenario.ts'

async function warningsOf(...objects: readonly string[]): Promise<readonly string[]> {
  const { warnings } = await checkScenario(inlineScenario(objects.join('\n---\n')))
  return warnings.map((warning) => warning.replace(/\S*\/objects\.yaml/, 'objects.yaml'))
}

it('objects on which nothing acts are one warning', async () => {
  const role = (name: string): string =>
    `{ apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: { name: ${name} }, rules: [] }`
  const route = '{ apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: { name: a } }'
  expect(await warningsOf(role('a'), role('b'), route)).toEqual([
    'objects that are stored, and on which nothing acts yet: 2 Role, 1 HTTPRoute',
  ])
})

it('of objects that are given twice the last counts, as when they are applied', async () => {
  const map = (value: string): string =>
    `{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { key: ${value} } }`
  expect(await warningsOf(map('one'), map('two'))).toEqual([
    'objects that are given more than once, of which the last counts: ConfigMap a',
  ])
})

it('versions that are no longer served are read as those that are, and named', async () => {
  const budget = `{ apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: { name: a },
    spec: { minAvailable: 1, selector: { matchLabels: { app: a } } } }`
  expect(await warningsOf(budget)).toEqual([
    'objects.yaml: policy/v1beta1 of PodDisruptionBudget is not served: read as policy/v1',
  ])
})

it('workloads without a selector, as bases of kustomize have them, make no pods, and are named', async () => {
  const base = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: a },
    spec: { template: { spec: { containers: [{ name: c, image: i }] } } } }`
  expect(await warningsOf(base)).toEqual([
    'objects.yaml: a: spec.selector: is missing, as in a base of kustomize: no pods are made',
  ])
})

it('misspelt fields of security contexts, which mean nothing here, are warnings', async () => {
  const pod = `{ apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: c, image: i,
    securityContext: { allowPrivilegedEscalation: false } }] } }`
  expect(await warningsOf(pod)).toEqual([
    'objects.yaml: a: spec.containers[0].securityContext.allowPrivilegedEscalation: unknown field (did you mean allowPrivilegeEscalation?)',
  ])
})

it('a file without objects is named', async () => {
  expect(await warningsOf('# nothing')).toEqual(['objects.yaml: there are no objects in it'])
})

it.each([
  ['{ apiVersion: v1, kind: 5 }', /objects\.yaml: document 1: kind: is 5; expected text$/],
  [
    '{ apiVersion: v1, kind: Pod, metadata: foo }',
    /objects\.yaml: Pod: metadata: "foo" where Kubernetes has an object$/,
  ],
  [
    `{ apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: c, image: i,
      resources: { requests: { cpu: 1x } } }] } }`,
    /objects\.yaml: a: spec.containers\[0\].resources.requests.cpu: "1x" is no quantity/,
  ],
])('what is wrong is named with its file: %s', async (object, message) => {
  await expect(warningsOf(object)).rejects.toThrow(message)
})
