import type { RunSpan } from '../../api/container-behaviour.ts'
import { MINUTE, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'

/** A part of an image that images may share. */
export interface ImageLayer {
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** Images, registries and what kubelets do about them; names are full ones (`fullImageName`). */
export interface ImageOptions {
  /** Bytes of an image that nothing is said of. */
  readonly defaultSize: number
  readonly sizes: ReadonlyMap<string, number>
  /** Layers of images, in place of their size. */
  readonly layers: ReadonlyMap<string, readonly ImageLayer[]>
  /** Bytes a second that a node gets from registries, all pulls together. */
  readonly bandwidth: number
  /** Time until a registry has answered what an image consists of. */
  readonly latency: Micros
  /** When an image cannot be pulled, from the start of the run. */
  readonly unavailable: ReadonlyMap<string, readonly RunSpan[]>
  /** `maxParallelImagePulls`; 1 is one after the other (`serializeImagePulls`). */
  readonly maxParallel: number
  /** `registryPullQPS`, 0 for no limit, and `registryBurst`. */
  readonly qps: number
  readonly burst: number
  /** Bytes of the disk for images of each node; undefined: the node's capacity of ephemeral storage. */
  readonly disk: number | undefined
  /** `imageGCHighThresholdPercent`, `imageGCLowThresholdPercent`, `imageMinimumGCAge`. */
  readonly highPercent: number
  readonly lowPercent: number
  readonly minAge: Micros
}

/**
 * Defaults of the kubelet v1.37 (apis/config/v1beta1/defaults.go). The size is that of the median image of HelloBench,
 * compressed (Harter et al., Slacker, FAST 2016); the bandwidth that of a link of 1 Gbit/s; the latency is ours.
 */
export const IMAGE_DEFAULTS: ImageOptions = {
  defaultSize: 117_000_000,
  sizes: new Map(),
  layers: new Map(),
  bandwidth: 125_000_000,
  latency: 500_000,
  unavailable: new Map(),
  maxParallel: 1,
  qps: 5,
  burst: 10,
  disk: undefined,
  highPercent: 85,
  lowPercent: 80,
  minAge: 2 * MINUTE,
}

/** How often a kubelet looks for images to remove (kubelet v1.37, `ImageGCPeriod`). */
export const COLLECT_EVERY: Micros = 300 * SECOND
