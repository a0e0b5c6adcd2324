import { addQuantities, subtractQuantities } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import type { ResourceList } from '../api/resource-list.ts'
import type { ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { POD_CREATED, POD_DELETED, POD_DELETING, POD_FINISHED, POD_UPDATED } from '../cluster/pod-event.ts'
import type { PodEventBit } from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import { QuotaCounts } from '../policy/quota-counts.ts'
import type { CountedPod } from '../policy/quota-counts.ts'
import { matchesScopes } from '../policy/quota-scopes.ts'

/** The resource that a pod counts for until it is out of the store. */
const OBJECTS = 'count/pods'

/** What the pods of a namespace come to in one quota. */
interface Account {
  readonly quota: ResourceQuota
  readonly sums: Map<string, ParsedQuantity>
}

/**
 * What all pods come to in each quota, kept up to date inside each write of a pod; writes nothing itself.
 *
 * A pod counts with its compute resources until it has ended, or is overdue: its deletion should have been done for a grace
 * period. It counts as an object until it is gone.
 */
export class QuotaLedger {
  readonly #api: ApiServer
  readonly #counts: QuotaCounts
  readonly #accounts = new Map<string, Map<string, Account>>()
  /** Keys of quotas whose sums have fallen since they were last taken. */
  readonly #changed = new Set<string>()
  /** Namespaces in which a pod is not what it was: their accounts are opened anew. */
  readonly #stale = new Set<string>()
  /** Pods that are to go, by row, and whether they are overdue. */
  readonly #going = new Map<PodRow, boolean>()

  constructor(api: ApiServer) {
    this.#api = api
    this.#counts = new QuotaCounts(api)
    api.pods.observe((event, row) => this.#onPod(event, row))
  }

  /** Pods that wait for their deletion. */
  get going(): number {
    return this.#going.size
  }

  /** Whether the quota has an account. */
  has(key: string, namespace: string): boolean {
    return this.#accounts.get(namespace)?.has(key) === true
  }

  /** Starts or restarts the account of a quota from the pods in the store. */
  open(key: string, quota: ResourceQuota): void {
    const namespace = quota.metadata?.namespace ?? ''
    let ofNamespace = this.#accounts.get(namespace)
    if (ofNamespace === undefined) this.#accounts.set(namespace, (ofNamespace = new Map()))
    const account: Account = { quota, sums: new Map() }
    ofNamespace.set(key, account)
    const { pods } = this.#api
    for (const row of pods.table.stored()) {
      if (pods.infoOf(row).template.metadata.namespace !== namespace) continue
      if (pods.table.deletingAt(row) !== NO_TIME && !this.#going.has(row)) this.#going.set(row, false)
      const counted = this.#countedPod(row)
      if (matchesScopes(quota, counted.pod)) post(account, this.#liveUsage(row, counted), addQuantities)
    }
    this.#changed.add(key)
  }

  close(key: string, namespace: string): void {
    this.#accounts.get(namespace)?.delete(key)
    if (this.#accounts.get(namespace)?.size === 0) this.#accounts.delete(namespace)
    this.#changed.delete(key)
  }

  /** The sums of a quota. */
  sumsOf(key: string, namespace: string): ResourceList {
    return this.#accounts.get(namespace)?.get(key)?.sums ?? new Map()
  }

  /** Keys of quotas to look at, in order of their change; afterwards there are none. */
  takeChanged(): readonly string[] {
    for (const namespace of this.#stale) {
      for (const [key, { quota }] of [...(this.#accounts.get(namespace) ?? [])]) this.open(key, quota)
    }
    this.#stale.clear()
    const keys = [...this.#changed]
    this.#changed.clear()
    return keys
  }

  /** Stops counting the compute resources of pods whose deletion is overdue by now. */
  dropOverdue(): void {
    const { table } = this.#api.pods
    for (const [row, isOverdue] of this.#going) {
      const limit = table.deletingAt(row) + 2 * table.grace(row)
      if (isOverdue || this.#api.sim.now <= limit) continue
      this.#post(row, computeOnly, subtractQuantities)
      this.#going.set(row, true)
    }
  }

  #onPod(event: PodEventBit, row: PodRow): void {
    const { namespace } = this.#api.pods.infoOf(row).template.metadata
    if (!this.#accounts.has(namespace)) return
    const isOverdue = this.#going.get(row) === true
    switch (event) {
      case POD_CREATED:
        this.#post(row, all, addQuantities)
        break
      case POD_UPDATED:
        this.#stale.add(namespace)
        break
      case POD_DELETING:
        if (!this.#going.has(row)) this.#going.set(row, false)
        break
      case POD_FINISHED:
        if (!isOverdue) this.#post(row, computeOnly, subtractQuantities)
        this.#going.delete(row)
        break
      case POD_DELETED:
        this.#going.delete(row)
        this.#post(row, this.#api.pods.isFinished(row) || isOverdue ? objectOnly : all, subtractQuantities)
        break
      default:
    }
  }

  /** Adds or takes a part of what a pod counts for in the quotas whose scopes it is in. */
  #post(row: PodRow, part: (usage: ResourceList) => ResourceList, change: typeof addQuantities): void {
    const ofNamespace = this.#accounts.get(this.#api.pods.infoOf(row).template.metadata.namespace)
    const counted = this.#countedPod(row)
    for (const [key, account] of ofNamespace ?? []) {
      if (!matchesScopes(account.quota, counted.pod)) continue
      post(account, part(counted.usage), change)
      if (change === subtractQuantities) this.#changed.add(key)
    }
  }

  #countedPod(row: PodRow): CountedPod {
    const { table } = this.#api.pods
    return this.#counts.of(table.template(row), { cpu: table.cpu(row), memory: table.memory(row) })
  }

  #liveUsage(row: PodRow, { usage }: CountedPod): ResourceList {
    const isOver = this.#api.pods.isFinished(row) || this.#going.get(row) === true
    return isOver ? objectOnly(usage) : usage
  }
}

function post(account: Account, usage: ResourceList, change: typeof addQuantities): void {
  for (const [resource, amount] of usage) {
    const zero: ParsedQuantity = { nano: 0n, format: amount.format }
    account.sums.set(resource, change(account.sums.get(resource) ?? zero, amount))
  }
}

function all(usage: ResourceList): ResourceList {
  return usage
}

function computeOnly(usage: ResourceList): ResourceList {
  return new Map([...usage].filter(([resource]) => resource !== OBJECTS))
}

function objectOnly(usage: ResourceList): ResourceList {
  return new Map([...usage].filter(([resource]) => resource === OBJECTS))
}
