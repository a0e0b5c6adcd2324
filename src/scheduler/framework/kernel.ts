/**
 * A plugin's filter as numbers, for the fused loop: the node has room for one more pod and for these amounts, which are
 * the pod's requests.
 * Only for plugins whose `filter` says exactly this; a differential test holds both together.
 */
export interface FitKernel {
  /** Millicores; 0 asks for none. */
  readonly cpu: number
  /** Bytes; 0 asks for none. */
  readonly memory: number
  /** Extended resources and ephemeral storage, in units, amounts above 0. */
  readonly others: readonly { readonly resource: string; readonly amount: number }[]
}

/**
 * A plugin's score as numbers, for the fused loop: over cpu and memory with equal weights.
 *
 * `least-allocated` is the mean of the free shares after placement of the non-zero requests; `balanced` is the balance
 * of the used shares with the pod against without. What the pod adds is what it asks for, or what scoring counts for it where
 * it asks for nothing: pods that ask for both are told apart by these amounts alone.
 */
export interface ScoreKernel {
  readonly kind: 'least-allocated' | 'balanced'
  /** Millicores that the pod adds. */
  readonly cpu: number
  /** Bytes that the pod adds. */
  readonly memory: number
}

/** What a resource plugin can say of a term as numbers; a part left out is asked by its method. */
export interface ResourceKernel {
  readonly fit?: FitKernel
  readonly score?: ScoreKernel
}
