import type { PodTemplate } from '../api/pod-template.ts'
import type { NonZeroRequests, ResourceRequests } from '../api/resources.ts'
import type { Pod, Toleration } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { TemplateId } from './rows.ts'

/** What is derived once from a pod template. */
export interface TemplateInfo {
  readonly id: TemplateId
  /** After admission; frozen. */
  readonly template: PodTemplate
  /** Effective requests; cpu and memory are 0 when each pod brings its own size. */
  readonly requests: ResourceRequests
  /** What it counts for on its node when nodes are scored; of templates that size their pods. */
  readonly nonZero: NonZeroRequests
  /** What it asks for when nodes are scored for it; of templates that size their pods. */
  readonly scored: NonZeroRequests
  readonly priority: number
  readonly schedulerName: string
  readonly tolerations: readonly Toleration[]
  readonly terminationGrace: Micros
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never'
}

/** A template that admission refused, with the message that a client would get. */
export interface TemplateRefusal {
  readonly ok: false
  readonly reason: string
  readonly message: string
}

/** What admission says of a template. */
export type TemplateVerdict = { readonly ok: true; readonly id: TemplateId } | TemplateRefusal

/** All pod templates that were admitted: equal ones are one. */
export interface TemplateRegistry {
  get(id: TemplateId): TemplateInfo
  /** All templates that were admitted and not forgotten, in order. */
  list(): Iterable<TemplateInfo>
  /**
   * Forgets a template of which no pod is left and none will come with this id, and has all that keep something of it forget
   * that. Its id is given to no other.
   */
  forget(id: TemplateId): void
  /** Registers who keeps something of templates by their id. */
  onForgotten(listener: (id: TemplateId) => void): void
  /** Admits the template, or finds the verdict of an identical object that came before. */
  intern(template: PodTemplate): TemplateVerdict
  /** Template of a whole pod object, its status counted where it changes the requests (in-place resize). */
  internPod(pod: Pod): TemplateVerdict
}
