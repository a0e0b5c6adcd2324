import { compileLabelSelector } from '../src/api/selectors.ts'
import type { Labels, LabelPredicate } from '../src/api/selectors.ts'
import { quantityValue } from '../src/api/quantity.ts'
import type { CSIDriver, CSIStorageCapacity, StorageClass } from '../src/api/types.generated.ts'
import type { ClusterView } from '../src/scheduler/framework/index.ts'
import type { WantedVolume } from './volume-matching.ts'

/** Provisioner of storage classes that make no volumes. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** A volume to be made for a claim, with the capacity that it is taken from where the driver publishes it. */
export interface Provision {
  readonly wanted: WantedVolume
  readonly capacity: CSIStorageCapacity | undefined
}

/** Whether the volumes can be made where a node is, and enough storage is left. */
export type Provisions =
  | { readonly outcome: 'possible'; readonly provisions: readonly Provision[] }
  | { readonly outcome: 'impossible' | 'no-capacity' }

/**
 * Whether volumes can be made for the claims where nodes have these labels. The first claim for which they cannot decides.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding `checkVolumeProvisions`, `hasEnoughCapacity`.
 */
export function findProvisions(
  wanted: readonly WantedVolume[],
  cluster: ClusterView,
  labels: Labels,
): Provisions {
  const provisions: Provision[] = []
  for (const one of wanted) {
    const storageClass = cluster.object('StorageClass', one.storageClass) as StorageClass | undefined
    const provisioner = storageClass?.provisioner ?? ''
    if (provisioner === '' || provisioner === NO_PROVISIONER) return { outcome: 'impossible' }
    if (!isAllowedTopology(storageClass?.allowedTopologies ?? [], labels)) return { outcome: 'impossible' }
    const driver = cluster.object('CSIDriver', provisioner) as CSIDriver | undefined
    if (driver?.spec?.storageCapacity !== true || !asksForStorage(one)) {
      provisions.push({ wanted: one, capacity: undefined })
      continue
    }
    const capacity = capacityFor(one, cluster, labels)
    if (capacity === undefined) return { outcome: 'no-capacity' }
    provisions.push({ wanted: one, capacity })
  }
  return { outcome: 'possible', provisions }
}

/**
 * Size of the largest volume that can be made, in bytes; undefined when nothing is said, which counts as none.
 *
 * Source: `volumeLimit`: the maximum size of a volume where it is given, else the capacity.
 */
export function volumeLimit(capacity: CSIStorageCapacity): number | undefined {
  const limit = capacity.maximumVolumeSize ?? capacity.capacity
  return limit === undefined ? undefined : quantityValue(limit)
}

function asksForStorage({ claim }: WantedVolume): boolean {
  return claim.spec?.resources?.requests?.['storage'] !== undefined
}

/** Whether one of the terms holds; no terms allow all, a term without expressions allows nothing. */
function isAllowedTopology(terms: NonNullable<StorageClass['allowedTopologies']>, labels: Labels): boolean {
  if (terms.length === 0) return true
  return terms.some(({ matchLabelExpressions = [] }) => {
    if (matchLabelExpressions.length === 0) return false
    return matchLabelExpressions.every(({ key, values }) => {
      const value = labels[key]
      return value !== undefined && values.includes(value)
    })
  })
}

/** The first capacity of the class that is large enough and within reach. */
function capacityFor(
  { size, storageClass }: WantedVolume,
  cluster: ClusterView,
  labels: Labels,
): CSIStorageCapacity | undefined {
  for (const capacity of cluster.objects('CSIStorageCapacity') as Iterable<CSIStorageCapacity>) {
    if (capacity.storageClassName !== storageClass) continue
    const limit = volumeLimit(capacity)
    if (limit !== undefined && limit >= size && isWithinReach(capacity, labels)) return capacity
  }
  return undefined
}

const topologies = new WeakMap<CSIStorageCapacity, LabelPredicate>()

/** A capacity without topology is nowhere. */
function isWithinReach(capacity: CSIStorageCapacity, labels: Labels): boolean {
  let predicate = topologies.get(capacity)
  if (predicate === undefined) {
    predicate = compileLabelSelector(capacity.nodeTopology)
    topologies.set(capacity, predicate)
  }
  return predicate(labels)
}
