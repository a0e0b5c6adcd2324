import { parseQuantity } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import { addToList } from '../api/resource-list.ts'
import type { ResourceList } from '../api/resource-list.ts'
import { resourceName } from '../api/resource-name.ts'
import type { PersistentVolumeClaim, Service } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/** Kinds that quotas count under a name of their own, besides `count/...`. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['ConfigMap', 'configmaps'],
  ['PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['ReplicationController', 'replicationcontrollers'],
  ['ResourceQuota', 'resourcequotas'],
  ['Secret', 'secrets'],
  ['Service', 'services'],
])

const OF_CLASS = '.storageclass.storage.k8s.io/'

/**
 * What an object that is no pod counts for in quotas: as one of its kind; claims with the storage that they ask for, in all and by
 * class; services with their ports on nodes and load balancers.
 *
 * Source: Kubernetes v1.37, quota/v1/evaluator/core (`persistent_volume_claims.go`, `services.go`), apiserver quota/v1/generic
 * `objectCountEvaluator`.
 */
export function objectQuotaUsage(kind: string, object: StoredObject): ResourceList {
  const usage = new Map([[`count/${resourceName(kind, object.apiVersion)}`, counted(1)]])
  const named = NAMED.get(kind)
  if (named !== undefined) usage.set(named, counted(1))
  if (kind === 'PersistentVolumeClaim') addClaim(usage, object as PersistentVolumeClaim)
  if (kind === 'Service') addService(usage, object)
  return usage
}

/** Whether what an object counts for may change while it is there. */
export function mayGrow(kind: string): boolean {
  return kind === 'PersistentVolumeClaim' || kind === 'Service'
}

/** What all objects of a namespace but its pods come to; O(objects). */
export function namespaceUsage(api: ApiServer, namespace: string): ResourceList {
  const sums = new Map<string, ParsedQuantity>()
  for (const kind of api.kinds) {
    for (const object of api.collection<StoredObject>(kind).list()) {
      if (object.metadata?.namespace === namespace) addToList(sums, objectQuotaUsage(kind, object))
    }
  }
  return sums
}

function counted(count: number): ParsedQuantity {
  return { nano: BigInt(count) * 1_000_000_000n, format: 'DecimalSI' }
}

function addClaim(usage: Map<string, ParsedQuantity>, { spec, status }: PersistentVolumeClaim): void {
  const storageClass = spec?.storageClassName ?? ''
  if (storageClass !== '') usage.set(`${storageClass}${OF_CLASS}persistentvolumeclaims`, counted(1))
  const asked = parseQuantity(spec?.resources?.requests?.['storage'] ?? '')
  const allocated = parseQuantity(status?.allocatedResources?.['storage'] ?? '')
  const storage =
    asked !== undefined && allocated !== undefined && allocated.nano > asked.nano ? allocated : asked
  if (storage === undefined) return
  usage.set('requests.storage', storage)
  if (storageClass !== '') usage.set(`${storageClass}${OF_CLASS}requests.storage`, storage)
}

function addService(usage: Map<string, ParsedQuantity>, { spec }: Service): void {
  const ports = spec?.ports ?? []
  const isBalanced = spec?.type === 'LoadBalancer'
  const takesAll = spec?.type === 'NodePort' || (isBalanced && spec?.allocateLoadBalancerNodePorts !== false)
  const nodePorts = takesAll ? ports.length : ports.filter(({ nodePort = 0 }) => nodePort > 0).length
  const takesPorts = spec?.type === 'NodePort' || isBalanced
  usage.set('services.nodeports', counted(takesPorts ? nodePorts : 0))
  usage.set('services.loadbalancers', counted(isBalanced ? 1 : 0))
}
