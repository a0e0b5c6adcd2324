import type { CSINode } from '../src/api/types.generated.ts'
import type { ClusterView, NodeColumns, NodeIndex, PlacedPod } from '../src/scheduler/framework/index.ts'
import { migratedPlugins } from './csi-migration.ts'

/** Drivers of volumes by the volumes' unique names. */
export type AttachableVolumes = ReadonlyMap<string, string>

/** Volumes, and how many there are of each driver. */
export interface CountedVolumes {
  readonly volumes: AttachableVolumes
  readonly counts: ReadonlyMap<string, number>
}

/** Counts volumes by their drivers. */
export function counted(volumes: AttachableVolumes): CountedVolumes {
  const counts = new Map<string, number>()
  for (const driver of volumes.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1)
  return { volumes, counts }
}

/** What a node has of attachable volumes. */
export interface NodeVolumes {
  readonly used: CountedVolumes
  readonly attached: CountedVolumes
  readonly limits: ReadonlyMap<string, number>
}

/** What the CSINode object of a node says. */
export interface DriversOfNode {
  /** Revision of the CSINode objects that this is of. */
  readonly revision: number
  readonly csiNode: CSINode | undefined
  /** The in-tree plugins that the node leaves to CSI drivers; undefined without the object. */
  readonly migration: string | undefined
  readonly limits: ReadonlyMap<string, number>
}

/** What the room of a node follows from: its drivers, its pods, and the revision of all else. */
interface RoomKey {
  readonly node: NodeIndex
  readonly drivers: DriversOfNode
  readonly pods: readonly PlacedPod[]
  readonly revision: number
}

interface Room extends Omit<RoomKey, 'node'> {
  /** Volumes of each driver with a limit that can come on top, whichever they are; below 0 when there are too many. */
  readonly left: ReadonlyMap<string, number>
}

const NO_LIMITS: ReadonlyMap<string, number> = new Map()

/**
 * How many more volumes each node can attach. A pod whose volumes all fit as if none of them were there yet fits for
 * certain; only near a limit does it matter which volumes they are (`fits`).
 */
export class VolumeRoom {
  readonly #drivers: DriversOfNode[] = []
  readonly #rooms: Room[] = []
  readonly #answered = { known: 0, found: 0 }

  /** How often it was known what is left on a node, and how often it was found out. */
  get answered(): { readonly known: number; readonly found: number } {
    return this.#answered
  }

  /** The drivers of a node; looked up again after any CSINode object changed. */
  driversOf(
    node: NodeIndex,
    nodes: Pick<NodeColumns, 'name'>,
    cluster: ClusterView,
    revision: number,
  ): DriversOfNode {
    const known = this.#drivers[node]
    if (known?.revision === revision) return known
    const csiNode = cluster.object('CSINode', nodes.name(node)) as CSINode | undefined
    const drivers = {
      revision,
      csiNode,
      migration: csiNode === undefined ? undefined : migratedPlugins(csiNode),
      limits: limitsOf(csiNode),
    }
    this.#drivers[node] = drivers
    return drivers
  }

  /** What is left on a node with these pods, if it is known at this revision of all else. */
  knownLeft({ node, drivers, pods, revision }: RoomKey): Room['left'] | undefined {
    const room = this.#rooms[node]
    const isCurrent = room?.pods === pods && room.revision === revision && room.drivers === drivers
    if (!isCurrent) return undefined
    this.#answered.known += 1
    return room.left
  }

  /** Finds out what is left, and keeps it. */
  findLeft({ node, drivers, pods, revision }: RoomKey, volumes: NodeVolumes): Room['left'] {
    const left = leftOf(volumes)
    this.#answered.found += 1
    this.#rooms[node] = { drivers, pods, revision, left }
    return left
  }
}

/** Whether volumes fit, whichever they are; false when that has to be looked at. */
export function fitsWhichever({ counts }: CountedVolumes, left: ReadonlyMap<string, number>): boolean {
  for (const [driver, count] of counts) {
    const room = left.get(driver)
    if (room !== undefined && count > room) return false
  }
  return true
}

function leftOf({ used, attached, limits }: NodeVolumes): ReadonlyMap<string, number> {
  const left = new Map<string, number>()
  for (const [driver, limit] of limits) {
    left.set(driver, limit - (used.counts.get(driver) ?? 0) - (attached.counts.get(driver) ?? 0))
  }
  return left
}

/** How many volumes each driver of a node can attach, where it says so. */
export function limitsOf(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  if (csiNode === undefined) return NO_LIMITS
  const limits = new Map<string, number>()
  for (const { name, allocatable } of csiNode.spec?.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count)
  }
  return limits
}

/**
 * Whether the volumes that no pod of the node uses yet stay within the limits. One that is attached, but that no pod uses,
 * counts as attached and as wanted, as in kube-scheduler.
 */
export function fits(wanted: CountedVolumes, { used, attached, limits }: NodeVolumes): boolean {
  for (const driver of wanted.counts.keys()) {
    const limit = limits.get(driver)
    if (limit === undefined) continue
    const added = countUnused(wanted.volumes, driver, used)
    const taken = (used.counts.get(driver) ?? 0) + countUnused(attached.volumes, driver, used)
    if (added > 0 && taken + added > limit) return false
  }
  return true
}

/** Volumes of a driver that no pod of the node uses. */
function countUnused(volumes: AttachableVolumes, driver: string, used: CountedVolumes): number {
  let count = 0
  for (const [name, owner] of volumes) if (owner === driver && !used.volumes.has(name)) count += 1
  return count
}

const rooms = new WeakMap<ClusterView, VolumeRoom>()

/** The room of a cluster's nodes. */
export function volumeRoom(cluster: ClusterView): VolumeRoom {
  let room = rooms.get(cluster)
  if (room === undefined) {
    room = new VolumeRoom()
    rooms.set(cluster, room)
  }
  return room
}
