import { compareQuantities, formatQuantity, parseQuantity } from '../api/quantity.ts'
import type { ResourceList } from '../api/resource-list.ts'
import type { Quantity, ResourceQuota } from '../api/types.generated.ts'
import { MINUTE } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_DELETED, POD_DELETING, POD_FINISHED, POD_UPDATED } from '../cluster/pod-event.ts'
import type { Simulation } from '../engine/simulation.ts'
import { quotasOf } from '../policy/quota-counts.ts'
import { isPodQuotaResource } from '../policy/quota-usage.ts'
import { CountedObjects } from './counted-objects.ts'
import type { Led } from './leader-election.ts'
import { QuotaLedger } from './quota-ledger.ts'

/** How often all quotas are calculated anew (kube-controller-manager v1.37, `--resource-quota-sync-period`). */
const RESYNC_EVERY: Micros = 5 * MINUTE

/** The controller as the maker of a cluster sees it. */
export interface ResourceQuotaController extends Led {
  /** Brings the status of all quotas up to date now: a cluster that is loaded has had the time for that. */
  settle(): void
}

/**
 * Keeps `status` of ResourceQuotas: hard bounds as the spec says them, and use as pods and other objects come, end and go.
 * Admission charges new ones itself; this gives back what they no longer take, in the instant that they end or go, and every five
 * minutes what is held by pods whose deletion is overdue.
 *
 * Source: kube-controller-manager v1.37, resourcequota controller.
 */
export function startResourceQuotaController(sim: Simulation, api: ApiServer): ResourceQuotaController {
  const store = api.collection<ResourceQuota>('ResourceQuota')
  const ledger = new QuotaLedger(api)
  const objects = new CountedObjects(api)
  let resyncAt: Micros = -1
  let isPaused = false
  const sync = (): void => {
    // What has changed is kept until somebody leads.
    if (isPaused) return
    const keys = new Set(ledger.takeChanged())
    for (const namespace of objects.takeChanged()) {
      for (const quota of quotasOf(api, namespace)) keys.add(objectKey(quota.metadata))
    }
    for (const key of keys) {
      const quota = store.get(key)
      if (quota !== undefined) writeStatus(quota, ledger.sumsOf(key, quota.metadata?.namespace ?? ''))
    }
    if (ledger.going === 0 || resyncAt > sim.now) return
    resyncAt = (Math.floor(sim.now / RESYNC_EVERY) + 1) * RESYNC_EVERY
    sim.at(resyncAt, resync)
  }
  const resync = sim.handler('resource-quota/resync', () => {
    ledger.dropOverdue()
    sync()
  })
  const syncObjects = sim.handler('resource-quota/objects', sync)
  objects.onChange(() => sim.after(0, syncObjects))
  const writeStatus = (quota: ResourceQuota, ofPods: ResourceList): void => {
    const { hard = {} } = quota.spec ?? {}
    const ofObjects = objects.usageOf(quota)
    const used = Object.fromEntries(
      Object.keys(hard).map((resource) => {
        const sum = (isPodQuotaResource(resource) ? ofPods : ofObjects).get(resource)
        return [resource, sum === undefined ? '0' : formatQuantity(sum)]
      }),
    )
    if (isEqual(hard, quota.status?.hard) && isEqual(used, quota.status?.used)) return
    store.update({ ...quota, status: { hard, used } })
  }
  const onQuota = ({ key, verb, old, new: now }: ObjectChange): void => {
    const quota = now as ResourceQuota | undefined
    const before = old as ResourceQuota | undefined
    if (quota === undefined) ledger.close(key, before?.metadata?.namespace ?? '')
    else if (verb === 'MODIFIED' && quota.spec !== before?.spec) ledger.open(key, quota)
    else openAll()
  }
  const openAll = (): void => {
    for (const quota of store.list()) {
      const key = objectKey(quota.metadata)
      if (!ledger.has(key, quota.metadata?.namespace ?? '')) ledger.open(key, quota)
    }
  }
  const settle = (): void => {
    openAll()
    sync()
  }
  settle()
  api.watch({
    name: 'resource-quota',
    podEvents: POD_UPDATED | POD_DELETING | POD_FINISHED | POD_DELETED,
    kinds: ['ResourceQuota'],
    onPod: () => undefined,
    onObject: onQuota,
    onBatch: sync,
  })
  const setPaused = (pauses: boolean): void => {
    isPaused = pauses
    sync()
  }
  return { settle, setPaused }
}

type Amounts = Readonly<Record<string, Quantity>>

function isEqual(one: Amounts, other: Amounts | undefined): boolean {
  const resources = Object.keys(one)
  if (other === undefined || resources.length !== Object.keys(other).length) return false
  return resources.every((resource) => {
    const left = parseQuantity(one[resource] ?? '')
    const right = parseQuantity(other[resource] ?? '')
    return left !== undefined && right !== undefined && compareQuantities(left, right) === 0
  })
}
