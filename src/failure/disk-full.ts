import type { Sampler } from '../base/distribution.ts'
import type { EffectDraw } from './effect.ts'

/**
 * A disk that something outside Kubernetes fills: logs, a core dump, a forgotten file. The kubelet sees less that is available,
 * and does what it does about that: DiskPressure, removal of images, evictions.
 */
export function diskFull(share: Sampler): EffectDraw {
  return (stream) => ({ kind: 'diskFull', share: share(stream) })
}
