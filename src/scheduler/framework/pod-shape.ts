import type { NonZeroRequests, ResourceRequests } from '../../api/resources.ts'
import type { PodSpec } from '../../api/types.generated.ts'

/**
 * A pod as plugins compile it: its template with its size. Frozen; has no name, so that pods of one shape share what
 * was compiled.
 */
export interface PodShape {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** After admission. For pods with a size of their own, the container's resources hold it only in `requests`. */
  readonly spec: PodSpec
  readonly priority: number
  /** Effective requests, in millicores, bytes and units. */
  readonly requests: ResourceRequests
  /** What scoring takes it to ask for: 100 millicores and 200 MiB for each container that asks for none. */
  readonly scored: NonZeroRequests
}
