import type { Sampler } from '../../base/distribution.ts'
import { annotatedBehaviour, hasBehaviour } from '../../api/behaviour-annotations.ts'
import type { ContainerBehaviour } from '../../api/container-behaviour.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { compileLabelSelector } from '../../api/selectors.ts'
import type { LabelSelector } from '../../api/types.generated.ts'
import type { BehaviourOf } from './pod-plan.ts'

/** Says how containers of the pods that a selector matches behave. */
export interface BehaviourRule {
  readonly selector: LabelSelector
  /** All by default. */
  readonly namespace: string | undefined
  /** Name of the container; the regular ones by default. */
  readonly container: string | undefined
  readonly behaviour: ContainerBehaviour
}

/** Label of the pods of a Job (Kubernetes v1.37, batch `JobNameLabel`). */
const JOB_LABEL = 'batch.kubernetes.io/job-name'

/** What is known of the behaviour of containers: by rules, the later ones first, and by annotations before them. */
export class Behaviours {
  readonly #rules: readonly (BehaviourRule & {
    readonly matches: (labels: Readonly<Record<string, string>>) => boolean
  })[]

  readonly #ofJobs: ContainerBehaviour

  /** `jobDuration`: how long pods of a Job run of which nothing is said. */
  constructor(rules: readonly BehaviourRule[], jobDuration: Sampler) {
    this.#ofJobs = { duration: jobDuration }
    this.#rules = rules.map((rule) => ({ ...rule, matches: compileLabelSelector(rule.selector) }))
  }

  /** Whether anything is known of the containers of a template's pods. */
  hasAny({ metadata }: PodTemplate): boolean {
    if (metadata.labels[JOB_LABEL] !== undefined || hasBehaviour(metadata.annotations)) return true
    return this.#matching(metadata).length > 0
  }

  /** How the containers of a template's pods behave. */
  of({ metadata }: PodTemplate): BehaviourOf {
    const rules = this.#matching(metadata)
    return (container) => {
      let behaviour = metadata.labels[JOB_LABEL] !== undefined && container.isRegular ? this.#ofJobs : {}
      for (const rule of rules) {
        const isMeant = rule.container === undefined ? container.isRegular : rule.container === container.name
        if (isMeant) behaviour = { ...behaviour, ...rule.behaviour }
      }
      return { ...behaviour, ...annotatedBehaviour(metadata.annotations, container) }
    }
  }

  #matching({ namespace, labels }: PodTemplate['metadata']): readonly BehaviourRule[] {
    return this.#rules.filter(
      (rule) => (rule.namespace === undefined || rule.namespace === namespace) && rule.matches(labels),
    )
  }
}
