import { expect, it } from 'vitest'

import { resourceName } from '../../src/api/resource-name.ts'

it.each([
  ['Pod', undefined, 'pods'],
  ['Deployment', undefined, 'deployments.apps'],
  ['Deployment', 'apps/v1', 'deployments.apps'],
  ['NetworkPolicy', 'networking.k8s.io/v1', 'networkpolicies.networking.k8s.io'],
  ['StorageClass', 'storage.k8s.io/v1', 'storageclasses.storage.k8s.io'],
  ['Endpoints', 'v1', 'endpoints'],
  ['Gateway', 'gateway.networking.k8s.io/v1', 'gateways.gateway.networking.k8s.io'],
])('%s of %s is the resource %s', (kind, apiVersion, expected) => {
  expect(resourceName(kind, apiVersion)).toBe(expected)
})
