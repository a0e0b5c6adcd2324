/** A kind of machine that can be had for a price. */
export interface InstanceShape {
  readonly name: string
  /** As `m5`; empty where the catalogue has none. */
  readonly family: string
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly gpus: number
  /** `kubernetes.io/arch`: amd64 or arm64. */
  readonly architecture: string
  /** Pods that its kubelet takes. */
  readonly pods: number
  /** US dollars an hour; undefined where the catalogue has none. */
  readonly price: number | undefined
  /** The same for capacity that may be taken back; undefined where the catalogue has none. */
  readonly spotPrice: number | undefined
}

/** Pods of a kubelet that nobody sets up otherwise (kubelet v1.37, `maxPods`). */
export const PODS_DEFAULT = 110
