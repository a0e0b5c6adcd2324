import type { ConfigMap, Namespace, ServiceAccount } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { Controller } from '../cluster/controller.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { WorkloadParts } from './workload-parts.ts'

type Parts = Pick<WorkloadParts, 'sim' | 'api' | 'limits'>

const ACCOUNT = 'default'
const BUNDLE = 'kube-root-ca.crt'
/** Stands for the certificate of the cluster's authority: nothing here reads it. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nc3Rvd2FnZQ==\n-----END CERTIFICATE-----\n'

/**
 * Keeps a ServiceAccount `default` in each namespace that is not going. Source: kube-controller-manager v1.37, serviceaccount
 * `ServiceAccountsController` (1 worker). Tokens are made for pods when they are asked for, and are no objects.
 */
export function startServiceAccountController(parts: Parts): Controller {
  const accounts = parts.api.collection<ServiceAccount>('ServiceAccount')
  return keepInNamespaces(parts, {
    name: 'serviceaccount-controller',
    kind: 'ServiceAccount',
    object: ACCOUNT,
    isRight: (key) => accounts.get(key) !== undefined,
    write: (namespace) =>
      accounts.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace } })
        .ok,
  })
}

/**
 * Keeps a ConfigMap `kube-root-ca.crt` in each namespace that is not going, with the certificate that pods check the API server by.
 * Source: kube-controller-manager v1.37, certificates/rootcacertpublisher `Publisher` (1 worker).
 */
export function startRootCertificatePublisher(parts: Parts): Controller {
  const maps = parts.api.collection<ConfigMap>('ConfigMap')
  const data = { 'ca.crt': CERTIFICATE }
  return keepInNamespaces(parts, {
    name: 'root-ca-certificate-publisher',
    kind: 'ConfigMap',
    object: BUNDLE,
    isRight: (key) => maps.get(key)?.data?.['ca.crt'] === CERTIFICATE,
    write: (namespace) => {
      const stored = maps.get(`${namespace}/${BUNDLE}`)
      if (stored !== undefined) return maps.update({ ...stored, data }).ok
      return maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: BUNDLE, namespace }, data })
        .ok
    },
  })
}

/** An object that each namespace has. */
interface KeptObject {
  /** Name of the controller. */
  readonly name: string
  readonly kind: string
  /** Name of the object. */
  readonly object: string
  /** Whether the object under this key is as it should be. */
  readonly isRight: (key: string) => boolean
  readonly write: (namespace: string) => boolean
}

function keepInNamespaces({ sim, api, limits }: Parts, kept: KeptObject): Controller {
  const controller = new Controller(sim, {
    name: kept.name,
    workers: 1,
    ...(limits === undefined ? {} : { limits }),
    reconcile: (namespace, calls) => {
      const isMissing = (): boolean =>
        isActive(api, namespace) && !kept.isRight(`${namespace}/${kept.object}`)
      if (isMissing()) calls.do(() => !isMissing() || kept.write(namespace))
    },
  })
  api.watch({
    name: kept.name,
    from: 1,
    kinds: ['Namespace', kept.kind],
    onObject: ({ kind, key, old, new: now }) => {
      if (kind === 'Namespace') {
        controller.queue.add(key)
        return
      }
      const { metadata } = (now ?? old) as StoredObject
      if (metadata?.name === kept.object) controller.queue.add(metadata.namespace ?? '')
    },
  })
  return controller
}

function isActive(api: ApiServer, name: string): boolean {
  const namespace: Namespace | undefined = api.namespaces.get(name)
  return namespace !== undefined && (namespace.status?.phase ?? 'Active') === 'Active' && isStaying(namespace)
}

function isStaying({ metadata }: Namespace): boolean {
  return metadata?.deletionTimestamp === undefined
}
