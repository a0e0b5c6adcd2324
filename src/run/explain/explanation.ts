/** What one plugin gave a node. */
export interface ExplainedScore {
  readonly plugin: string
  readonly raw: number
  readonly normalized: number
  readonly weight: number
  /** `normalized × weight`: its part of the total. */
  readonly weighted: number
}

/** A node that the pod fits on. */
export interface FeasibleNode {
  readonly node: string
  /** Undefined when the node was taken without being scored. */
  readonly total: number | undefined
  /** How far the total is below that of the best. */
  readonly behind: number
  readonly scores: readonly ExplainedScore[]
}

/** An amount that a node does not have. */
export interface MissingAmount {
  readonly resource: string
  /** Amounts in millicores for cpu, else in units. */
  readonly asked: number
  readonly free: number
  readonly allocatable: number
  readonly missing: number
  /** `lacks 500m cpu (asks 2, 1500m of 4 free)`. */
  readonly text: string
}

/** One filter that rejects a node, and what would change its mind as far as that is known. */
export interface Obstacle {
  readonly plugin: string
  readonly code: string
  readonly reasons: readonly string[]
  readonly missing: readonly MissingAmount[]
  /** What to do, in the same words for every node that it helps on; empty when only the reasons are known. */
  readonly remedy: string
}

/** A node that the pod does not fit on. */
export interface RejectedNode {
  readonly node: string
  readonly code: string
  /** Plugin that rejected it; empty for nodes that PreFilter left out. */
  readonly plugin: string
  readonly reasons: readonly string[]
  /** Every filter that rejects it; empty when the cluster has moved on since the decision. */
  readonly obstacles: readonly Obstacle[]
  /** What preemption says of it. */
  readonly preemption: PreemptionOutcome | undefined
}

/** What preemption would do on a node. */
export type PreemptionOutcome =
  | { readonly candidate: true; readonly victims: readonly string[]; readonly budgetViolations: number }
  | { readonly candidate: false; readonly reasons: readonly string[] }

/** A remedy, and the nodes that it concerns. */
export interface Change {
  readonly text: string
  /** Nodes on which nothing else is in the way, in order of nearness. */
  readonly opens: readonly string[]
  /** Nodes on which it is needed, and something else, too. */
  readonly alsoNeededOn: readonly string[]
}

/** One cycle of the pod that was seen. */
export interface SeenDecision {
  /** Seconds since the start. */
  readonly at: number
  readonly attempt: number
  readonly outcome: string
  readonly node: string
  readonly feasible: number
  readonly evaluated: number
  readonly message: string
  readonly victims: readonly string[]
}

/** What PostFilter said. */
export interface ExplainedPreemption {
  readonly message: string
  readonly nominatedNode: string
  readonly victims: readonly string[]
  /** Candidates that are equal in every criterion of the choice. */
  readonly ties: readonly string[]
}

/** Why a pod is where it is, or nowhere. */
export interface Explanation {
  readonly pod: string
  readonly outcome: 'fits' | 'unschedulable' | 'gated' | 'ignored' | 'refused'
  /** How the nodes were looked at: by the decision that bound the pod, or by a cycle over all nodes as the cluster stands. */
  readonly basis: 'decision' | 'as-it-stands'
  /** Instant of the cluster that is explained, in seconds since the start. */
  readonly at: number
  readonly node: string
  /** The FitError, or why there was no cycle; empty when the pod fits. */
  readonly message: string
  /** Plugin that ended the cycle, or keeps the pod out of the queue, before any node was looked at. */
  readonly stoppedBy: string
  readonly nodeCount: number
  /** Best first, then by name. */
  readonly feasible: readonly FeasibleNode[]
  /** Nodes with the best total, by name. */
  readonly ties: readonly string[]
  /** Nearest first: fewest obstacles, then the smallest missing share, then by name. */
  readonly rejected: readonly RejectedNode[]
  /** Nodes that the search did not come to. */
  readonly notLookedAt: number
  readonly changes: readonly Change[]
  readonly preemption: ExplainedPreemption | undefined
  readonly decisions: readonly SeenDecision[]
  readonly notes: readonly string[]
}
