import type { PodSpec } from '../src/api/types.generated.ts'
import { definePlugin } from '../src/scheduler/framework/index.ts'

const MEBIBYTE = 1024 * 1024
/** Below this much the images that a node holds are not worth anything (kube-scheduler v1.37). */
const WORTHLESS = 23 * MEBIBYTE
/** What is counted at most for each container. */
const MOST_PER_CONTAINER = 1000 * MEBIBYTE

/**
 * Prefers nodes that hold the pod's images.
 *
 * Score: sum of size × share of nodes that hold it, over containers, init containers and image volumes, between
 * 23 MiB and 1000 MiB a container scaled to 0 … 100, rounded down.
 * Source: Kubernetes v1.37, scheduler plugins/imagelocality.
 */
export const imageLocality = definePlugin({
  name: 'ImageLocality',
  reads: ['image'],
  sized: false,

  compile: (pod) => ({ images: imagesOf(pod.spec) }),

  sign: (pod) => ({ images: [...new Set(imagesOf(pod.spec))].sort() }),

  prepareScoreFrom: 'node-objects',

  prepareScore(term, cluster) {
    const nodeCount = cluster.order.length
    return { state: { spread: term.images.map((image) => cluster.nodesWithImage(image) / nodeCount) } }
  },

  score(term, node, nodes, state) {
    let sum = 0
    for (let i = 0; i < term.images.length; i++) {
      const spread = state.spread[i] ?? 0
      if (spread === 0) continue
      const image = nodes.image(node, term.images[i] ?? '')
      if (image !== undefined) sum += Math.trunc(image.sizeBytes * spread)
    }
    const most = MOST_PER_CONTAINER * term.images.length
    const counted = Math.min(Math.max(sum, WORTHLESS), most)
    return Math.trunc((100 * (counted - WORTHLESS)) / (most - WORTHLESS))
  },

  hint: () => false,
})

/** Names of all images that the pod mounts or runs, with a tag. */
function imagesOf({ containers, initContainers, volumes }: PodSpec): string[] {
  const images = [
    ...(initContainers ?? []).map((container) => container.image),
    ...containers.map((container) => container.image),
    ...(volumes ?? []).flatMap((volume) => (volume.image === undefined ? [] : [volume.image.reference])),
  ]
  return images.map((image) => withTag(image ?? ''))
}

/** The name with `:latest` when it has no tag, as nodes report it. */
function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
