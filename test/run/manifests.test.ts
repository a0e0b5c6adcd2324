import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { scaledValue } from '../../src/api/int-or-percent.ts'
import type { Deployment } from '../../src/api/types.generated.ts'
import { readManifests } from '../../src/workload/node-list.ts'
import { stowage, testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { hasShared, shared } from '../shared-data.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Manifests of real applications, with the pods that run once they are settled. */
const APPLICATIONS: readonly (readonly [string, number])[] = [
  ['argo-cd-install.yaml.gz', 7],
  ['argo-cd-namespace-install.yaml.gz', 7],
  ['cassandra.yaml', 3],
  ['cockroachdb-statefulset.yaml', 3],
  ['guestbook-all-in-one.yaml', 6],
  ['ingress-nginx-cloud.yaml', 1],
  ['kube-prometheus.yaml', 12],
  ['mysql-pvc.yaml', 1],
  ['online-boutique.yaml', 12],
  ['sock-shop.yaml', 14],
]

const STORAGE = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: { storageclass.kubernetes.io/is-default-class: "true" }
provisioner: ebs.csi.aws.com
volumeBindingMode: WaitForFirstConsumer
`

function rowsOf(out: string, table: string): readonly Record<string, string>[] {
  return parseTable(readFileSync(path.join(out, table), 'utf8'))
}

/** Deployments of a file that have replicas, with their namespaces. */
function deploymentsOf(manifest: string): readonly Deployment[] {
  return readManifests(manifest).filter(
    (object): object is Deployment => object.kind === 'Deployment' && 'spec' in object,
  )
}

/** Deploys an application on six nodes; restarts all its Deployments after ten minutes, drains a node after twenty. */
async function deploy(name: string): Promise<string> {
  const manifest = shared('traces', 'manifests', name)
  const restarts = deploymentsOf(manifest).map(({ metadata }) => {
    const target = { kind: 'Deployment', name: metadata?.name, namespace: metadata?.namespace ?? 'default' }
    return { at: '10m', restart: target }
  })
  const scenario = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'application' },
    spec: {
      until: '40m',
      nodes: [{ template: { count: 6, shape: '16:64Gi' } }],
      objects: [file('storage.yaml', STORAGE), manifest],
      actions: [...restarts, { at: '20m', drain: { node: 'node-1' } }],
    },
  }
  const out = path.join(folder, name)
  const { status, err } = await stowage(
    'run',
    file(`${name}.json.yaml`, JSON.stringify(scenario)),
    '--quiet',
    '--out',
    out,
  )
  expect(err).not.toContain('still pending')
  expect(status).toBe(0)
  return out
}

describe.skipIf(!hasShared)('manifests of real applications (shared data)', () => {
  it.each(APPLICATIONS)(
    '%s reaches its steady state, is rolled out anew, and survives a drain',
    async (name, count) => {
      const out = await deploy(name)
      const running = rowsOf(out, 'pods.csv').filter(({ outcome }) => outcome === 'Running')
      expect(running).toHaveLength(count)
      // DaemonSet pods stay, and so does what a budget keeps: 67 % of three are three.
      const staying = name.startsWith('cockroachdb') ? 'StatefulSet' : 'DaemonSet'
      expect(running.filter(({ node, owner_kind: kind }) => node === 'node-1' && kind !== staying)).toEqual(
        [],
      )
      const rollouts = rowsOf(out, 'rollouts.csv')
      expect(rollouts.filter(({ outcome }) => outcome !== 'complete')).toEqual([])
      const deployments = deploymentsOf(shared('traces', 'manifests', name))
      for (const { metadata, spec } of deployments) {
        const replicas = spec?.replicas ?? 1
        const { maxSurge = '25%', maxUnavailable = '25%' } = spec?.strategy?.rollingUpdate ?? {}
        const [, second] = rollouts.filter(
          (row) => row['name'] === metadata?.name && row['namespace'] === (metadata?.namespace ?? 'default'),
        )
        if (spec?.strategy?.type === 'Recreate') continue
        expect(Number(second?.['pods_peak'])).toBeLessThanOrEqual(
          replicas + (scaledValue(maxSurge, replicas, 'up') ?? 0),
        )
        expect(Number(second?.['available_min'])).toBeGreaterThanOrEqual(
          replicas - (scaledValue(maxUnavailable, replicas, 'down') ?? 0),
        )
      }
    },
  )
})
