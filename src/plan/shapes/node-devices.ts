import { compileNodeSelector } from '../../api/selectors.ts'
import type { Node, ResourceSlice } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { readManifests } from '../../workload/node-list.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'

/** ResourceSlices that the driver of each node that is tried publishes, and which nodes those are. */
export interface DeviceTemplate {
  readonly slice: ResourceSlice
  readonly isOn: (node: Node) => boolean
}

/** Label of a node with the name of its shape. */
export const SHAPE_LABEL = 'node.kubernetes.io/instance-type'

/**
 * Devices of a file of ResourceSlices: each node that `spec.nodeSelector` selects has them for itself; every node, with `allNodes`. Throws
 * `InputError` for other slices.
 */
export function devicesOfFile(file: string): readonly DeviceTemplate[] {
  const slices = readManifests(file).filter(
    (object): object is ResourceSlice => object.kind === 'ResourceSlice',
  )
  if (slices.length === 0) {
    throw new InputError({
      file,
      message: 'there is no ResourceSlice in it',
      hint: `expected ResourceSlices whose spec.nodeSelector selects by ${SHAPE_LABEL}`,
    })
  }
  return slices.map((slice) => {
    const { allNodes, nodeSelector } = slice.spec ?? {}
    if (allNodes === true) return { slice, isOn: () => true }
    if (nodeSelector === undefined) {
      throw new InputError({
        file,
        field: `${slice.metadata?.name ?? ''}: spec.nodeSelector`,
        message: 'is missing: it says which of the nodes that are tried have these devices, each for itself',
        hint: `select by ${SHAPE_LABEL}, or set allNodes`,
      })
    }
    const selects = compileNodeSelector(nodeSelector)
    return { slice, isOn: ({ metadata = {} }) => selects(metadata.labels ?? {}, metadata.name ?? '') }
  })
}

/** Devices of nodes of the scenario: a node that is tried has those of the first one there of its instance type. */
export function devicesOfNodes({ nodes, objects }: StaticWorkload): readonly DeviceTemplate[] {
  const slices = objects.filter(
    ({ kind }) => kind === 'ResourceSlice',
  ) as readonly StoredObject[] as readonly ResourceSlice[]
  const firsts = new Map<string, string>()
  for (const { metadata } of nodes) {
    const shape = metadata?.labels?.[SHAPE_LABEL]
    if (shape !== undefined && !firsts.has(shape)) firsts.set(shape, metadata?.name ?? '')
  }
  return [...firsts].flatMap(([shape, name]) =>
    slices
      .filter(({ spec }) => spec?.nodeName === name)
      .map((slice) => ({ slice, isOn: (node: Node) => node.metadata?.labels?.[SHAPE_LABEL] === shape })),
  )
}

/** The ResourceSlices of nodes: one of each template that is on it. */
export function slicesOf(
  nodes: readonly Node[],
  templates: readonly DeviceTemplate[],
): readonly ResourceSlice[] {
  return nodes.flatMap((node) => {
    const nodeName = node.metadata?.name ?? ''
    return templates
      .filter(({ isOn }) => isOn(node))
      .map(({ slice }, index): ResourceSlice => {
        const { nodeSelector: _selector, allNodes: _all, pool, ...spec } = slice.spec ?? NO_DEVICES
        return {
          apiVersion: 'resource.k8s.io/v1',
          kind: 'ResourceSlice',
          metadata: { name: `${nodeName}-${index}` },
          spec: { ...spec, nodeName, pool: { ...pool, name: `${nodeName}/${pool.name}` } },
        }
      })
  })
}

const NO_DEVICES = { driver: '', pool: { name: '', generation: 1, resourceSliceCount: 1 } }

/** The objects of a workload with the devices of nodes that are tried in place of those of nodes that are not there. */
export function objectsWith(
  { objects }: StaticWorkload,
  slices: readonly ResourceSlice[],
): readonly StoredObject[] {
  const isOfNode = (object: StoredObject): boolean =>
    object.kind === 'ResourceSlice' && (object as ResourceSlice).spec?.nodeName !== undefined
  return [...objects.filter((object) => !isOfNode(object)), ...slices]
}
