import type { PodSpec } from './types.generated.ts'

/**
 * Where the cpu and memory requests of a pod come from.
 *
 * - `template`: the containers of the template say them (manifests).
 * - `requests`: each pod brings its own for the one container, as requests without limits (Burstable).
 * - `guaranteed`: each pod brings its own, as requests and equal limits (Guaranteed, if both are above 0).
 * - `best-effort`: the pods ask for nothing (BestEffort).
 */
export type PodSizing = 'template' | 'requests' | 'guaranteed' | 'best-effort'

/**
 * What many pods have in common: shared, frozen, and looked at once.
 *
 * Rows of a trace that differ in cpu and memory only share one template, and the pod carries its own size; such a
 * template has exactly one container, whose resources name no cpu and no memory.
 */
export interface PodTemplate {
  readonly metadata: {
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }
  readonly spec: PodSpec
  readonly sizing: PodSizing
}
