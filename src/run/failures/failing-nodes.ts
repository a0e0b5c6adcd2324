import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import type { FailingNode } from '../../failure/node-crash.ts'
import type { PlaceLabels } from '../../failure/failure-log.ts'
import type { NodeGroup } from '../../failure/node-group.ts'
import type { Machines } from '../../node/machine.ts'
import type { TargetSource } from '../../scenario/failures/target.ts'
import { selectNodes } from '../build-nodes.ts'

/** What tells which nodes could fail. */
interface Cluster {
  readonly api: ApiServer
  readonly machines: Machines
}

/** Nodes that a failure could hit now: those that are there, and whose machines are not gone for good. */
export function failingNodes(
  { api, machines }: Cluster,
  { selector, names }: Pick<TargetSource, 'selector' | 'names'>,
): readonly FailingNode[] {
  const named = names === undefined ? undefined : new Set(names.map(({ name }) => name))
  return selectNodes(api, selector).filter(
    ({ row, name }) =>
      (named?.has(name) ?? true) && api.nodeRows.nodeOf(row) !== undefined && !machines.isTerminated(row),
  )
}

/** The same by row. */
export function failingRows(cluster: Cluster, target: TargetSource): readonly NodeRow[] {
  return failingNodes(cluster, target).map(({ row }) => row)
}

/** All nodes that a failure is about, as one; those that have labels in common are a place. */
export function failingGroup(cluster: Cluster, target: TargetSource, name: string): NodeGroup {
  return { name, nodes: () => failingRows(cluster, target), place: placeOf(target) }
}

function placeOf({ selector, names }: TargetSource): PlaceLabels | undefined {
  return names === undefined ? selector : undefined
}

/** Nodes by the value that they have of a label, in order of the values; nodes without it belong to none. */
export function failureDomains(cluster: Cluster, target: TargetSource, label: string): readonly NodeGroup[] {
  const valueOf = ({ row }: FailingNode): string | undefined =>
    cluster.api.nodeRows.nodeOf(row)?.metadata?.labels?.[label]
  const values = new Set(failingNodes(cluster, target).map(valueOf))
  return [...values]
    .filter((value) => value !== undefined)
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((name) => ({
      name,
      place: target.names === undefined ? { ...target.selector, [label]: name } : undefined,
      nodes: () =>
        failingNodes(cluster, target)
          .filter((node) => valueOf(node) === name)
          .map(({ row }) => row),
    }))
}
