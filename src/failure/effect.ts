import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import { diskFull } from './disk-full.ts'
import { failSlow } from './fail-slow.ts'
import type { SlowMachine } from './fail-slow.ts'
import type { FailureEffect } from './failure-log.ts'
import { kubeletHang } from './kubelet-hang.ts'

/** Draws what becomes of the machines that a failure hits. */
export type EffectDraw = (stream: RandomStream) => FailureEffect

/** What becomes of machines, before it is drawn. */
export type EffectKind =
  | { readonly kind: 'down' | 'cutOff' | 'hung' }
  | ({ readonly kind: 'slow' } & SlowMachine)
  | { readonly kind: 'diskFull'; readonly share: Sampler }

/** How an effect is drawn. */
export function effectDraw(effect: EffectKind): EffectDraw {
  switch (effect.kind) {
    case 'slow':
      return failSlow(effect)
    case 'diskFull':
      return diskFull(effect.share)
    case 'hung':
      return kubeletHang
    case 'down':
    case 'cutOff':
      return () => ({ kind: effect.kind })
  }
}
