import type { Sampler } from './distribution.ts'
import type { Micros } from './time.ts'

/** When something fails, and for how long: once, or again and again, with a gap from each end to the next start. */
export type FailureTimes =
  | { readonly kind: 'once'; readonly at: Micros; readonly span: Sampler }
  | { readonly kind: 'again'; readonly gap: Sampler; readonly span: Sampler }
