/** A pod's place in the pod columns. Used again after the pod is gone: hold `(row, serial)` across time. */
export type PodRow = number & { readonly brand: 'PodRow' }

/** A node's place in the node columns; rows of deleted nodes are not used again. */
export type NodeRow = number & { readonly brand: 'NodeRow' }

/** A pod template known to the API server. */
export type TemplateId = number & { readonly brand: 'TemplateId' }

/** No node: the pod is bound, or nominated, to none. */
export const NO_NODE = -1 as NodeRow
