import { PRICE_ANNOTATION } from '../api/node-price.ts'
import type { Node } from '../api/types.generated.ts'
import { InputError } from '../base/errors.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Threshold } from '../node/eviction/thresholds.ts'
import { nodeAllocatable } from '../node/node-allocatable.ts'
import { ROOM_ANNOTATIONS } from '../node/node-room.ts'
import type { NodeSource } from '../scenario/scenario.ts'
import { parseNodeShape, readNodeList } from '../workload/node-list.ts'

type NodeTemplate = Extract<NodeSource, { readonly kind: 'template' }>

/**
 * Creates the nodes of all sources in order; returns them. Hard eviction thresholds are held back from pods where something
 * is reserved. Throws `InputError` when a name comes twice.
 */
export function buildNodes(
  api: ApiServer,
  sources: readonly NodeSource[],
  thresholds: readonly Threshold[],
): readonly Node[] {
  const nodes = sources.flatMap((source) => nodesOf(source, thresholds))
  if (nodes.length === 0) throw new InputError({ field: 'nodes', message: 'there are no nodes' })
  for (const node of nodes) {
    const written = api.nodes.create(node)
    if (written.ok) continue
    throw new InputError({
      field: 'nodes',
      message: written.message,
      hint: 'give the templates different name prefixes',
    })
  }
  return nodes
}

function nodesOf(source: NodeSource, thresholds: readonly Threshold[]): readonly Node[] {
  if (source.kind === 'file') return readNodeList(source.file, source.format)
  const options = {
    ...(source.namePrefix === undefined ? {} : { namePrefix: source.namePrefix }),
    ...(source.zones === undefined ? {} : { zones: source.zones }),
  }
  const nodes = withRoom(parseNodeShape(source.shape, options), source, thresholds)
  if (Object.keys(source.labels).length === 0 && source.taints.length === 0) return nodes
  return nodes.map((node) => ({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata?.labels, ...source.labels } },
    ...(source.taints.length === 0 ? {} : { spec: { ...node.spec, taints: source.taints } }),
  }))
}

/** The nodes of a template with what they have besides their shape. */
function withRoom(
  nodes: readonly Node[],
  { room, pricePerHour }: Pick<NodeTemplate, 'room' | 'pricePerHour'>,
  thresholds: readonly Threshold[],
): readonly Node[] {
  const { disk, kubeReserved, systemReserved, ...others } = room
  const isReserved = kubeReserved !== undefined || systemReserved !== undefined
  const annotations: Record<string, string> =
    pricePerHour === undefined ? {} : { [PRICE_ANNOTATION]: String(pricePerHour) }
  for (const [name, key] of Object.entries(ROOM_ANNOTATIONS) as [keyof typeof ROOM_ANNOTATIONS, string][]) {
    const text = others[name]
    if (text !== undefined) annotations[key] = text
  }
  const hasAnnotations = Object.keys(annotations).length > 0
  if (!isReserved && disk === undefined && !hasAnnotations) return nodes
  const reservation = { kubeReserved: kubeReserved ?? {}, systemReserved: systemReserved ?? {}, thresholds }
  return nodes.map((node) => {
    const capacity = {
      ...node.status?.capacity,
      ...(disk === undefined ? {} : { 'ephemeral-storage': disk }),
    }
    const allocatable = isReserved ? nodeAllocatable(capacity, reservation) : capacity
    return {
      ...node,
      metadata: { ...node.metadata, ...(hasAnnotations ? { annotations } : {}) },
      status: { ...node.status, capacity, allocatable },
    }
  })
}

/** Rows and names of the nodes that have these labels; all without any. */
export function selectNodes(
  api: ApiServer,
  selector: Readonly<Record<string, string>> | undefined,
): readonly { readonly row: NodeRow; readonly name: string }[] {
  const selected: { readonly row: NodeRow; readonly name: string }[] = []
  for (let index = 0; index < api.nodeRows.used; index++) {
    const row = index as NodeRow
    const labels = api.nodeRows.nodeOf(row)?.metadata?.labels ?? {}
    const matches = Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value)
    if (matches) selected.push({ row, name: api.nodeRows.nameOf(row) })
  }
  return selected
}
