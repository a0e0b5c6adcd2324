import type { Node, ResourceSlice } from '../../api/types.generated.ts'
import { RandomStreams } from '../../base/random.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'

/** The cell, so many times over: for a workload that needs more machines than it has. */
export function clonedCell(
  workload: StaticWorkload,
  copies: number,
): { readonly nodes: readonly Node[]; readonly workload: StaticWorkload } {
  const { nodes, objects } = workload
  const clones = Array.from({ length: copies - 1 }, (_, index) =>
    nodes.map((node) => cloneOf(node, index + 1)),
  )
  return {
    nodes: [...nodes, ...clones.flat()],
    workload: { ...workload, objects: clonedDevices(objects, copies) },
  }
}

/** The objects of a cell that is there so many times: devices of a node are devices of its clones, too. */
function clonedDevices(objects: readonly StoredObject[], copies: number): readonly StoredObject[] {
  const slices = objects.filter(
    (object): object is ResourceSlice =>
      object.kind === 'ResourceSlice' && (object as ResourceSlice).spec?.nodeName !== undefined,
  )
  const clones = Array.from({ length: copies - 1 }, (_, index) =>
    slices.map((slice): ResourceSlice => {
      const { metadata, spec } = slice
      if (spec?.nodeName === undefined) return slice
      const [name, nodeName, pool] = [metadata?.name ?? '', spec.nodeName, spec.pool.name].map((one) =>
        cloneName(one, index + 1),
      )
      return {
        ...slice,
        metadata: { ...metadata, name: name ?? '' },
        spec: { ...spec, nodeName: nodeName ?? '', pool: { ...spec.pool, name: pool ?? '' } },
      }
    }),
  )
  return [...objects, ...clones.flat()]
}

function cloneName(name: string, copy: number): string {
  return `${name}-clone-${copy}`
}

function cloneOf(node: Node, copy: number): Node {
  const name = cloneName(node.metadata?.name ?? '', copy)
  const labels = { ...node.metadata?.labels }
  if (labels['kubernetes.io/hostname'] !== undefined) labels['kubernetes.io/hostname'] = name
  return { ...node, metadata: { ...node.metadata, name, labels } }
}

/**
 * A random order of machines, as places in the list: the first ones stay longest. It follows from the seed and the number of the trial,
 * so that each policy is tried on the same orders.
 */
export function removalOrder(count: number, seed: string, trial: number): readonly number[] {
  const chance = new RandomStreams(seed).stream(`compaction/order/${trial}`)
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = chance.integer(last + 1)
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}
