import type { EffectDraw } from './effect.ts'

/**
 * A network partition: the machines run, and their pods with them, but nothing passes between them and the API server. The node
 * becomes Unknown, its pods are evicted and made again elsewhere while the old ones still run, until the partition heals and the
 * kubelet hears that they were deleted.
 */
export const partition: EffectDraw = () => ({ kind: 'cutOff' })
