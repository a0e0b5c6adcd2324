import type { EffectDraw } from './effect.ts'

/**
 * A kubelet that does nothing any more while its containers run on: it starts, ends, probes and reports no pod, and does not renew
 * its lease. The node becomes Unknown, and its pods are evicted, which only the kubelet's return carries out.
 */
export const kubeletHang: EffectDraw = () => ({ kind: 'hung' })
