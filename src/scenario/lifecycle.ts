import type { ContainerBehaviour, RunSpan } from '../api/container-behaviour.ts'
import type { LabelSelector } from '../api/types.generated.ts'
import type { Sampler } from '../base/distribution.ts'
import type { Micros } from '../base/time.ts'

/** How containers of selected pods behave. */
export interface BehaviourRuleSetting {
  readonly selector: LabelSelector
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined
  /** Name of the container; undefined: the regular ones. */
  readonly container: string | undefined
  readonly behaviour: ContainerBehaviour
}

/** Images and registries. */
export interface ImageSetting {
  /** Bytes; undefined is the default. */
  readonly defaultSize: number | undefined
  readonly sizes: ReadonlyMap<string, number>
  readonly layers: ReadonlyMap<string, readonly { readonly digest: string; readonly size: number }[]>
  /** Bytes a second. */
  readonly bandwidth: number | undefined
  readonly latency: Micros | undefined
  readonly unavailable: readonly { readonly image: string; readonly span: RunSpan }[]
  readonly disk: number | undefined
}

/** Settings of kubelets, by their names in a KubeletConfiguration. */
export interface KubeletSetting {
  readonly serializeImagePulls: boolean
  /** Undefined: no bound, when pulls are not serial. */
  readonly maxParallelImagePulls: number | undefined
  readonly registryPullQPS: number
  readonly registryBurst: number
  readonly imageMinimumGCAge: Micros
  readonly imageGCHighThresholdPercent: number
  readonly imageGCLowThresholdPercent: number
  /** `crashLoopBackOff.maxContainerRestartPeriod`. */
  readonly maxContainerRestartPeriod: Micros
}

/** What a run says of the life of pods. */
export interface LifecycleSetting {
  readonly rules: readonly BehaviourRuleSetting[]
  /** How long pods of a Job run of which nothing is said. */
  readonly jobDuration: Sampler
  readonly kubelet: KubeletSetting
  /** Undefined: every node has every image. */
  readonly images: ImageSetting | undefined
  /** Times of container runtimes by handler. */
  readonly runtimes: ReadonlyMap<string, { readonly sandbox: Sampler; readonly container: Sampler }>
}
