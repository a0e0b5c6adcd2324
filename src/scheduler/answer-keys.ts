import type { KinPlan } from './kin-plans.ts'
import { plainText } from './plain-data.ts'
import type { PluginAnswers } from './plugin-answers.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'

/** What stands for all classes that share what plugins say of nodes; a class that shares nothing stands for itself. */
export type AnswerKey = string | PodClass

/**
 * Finds classes of pods that no plugin which is asked by node tells apart: their terms of these are equal, whatever else
 * distinguishes them, labels that nobody selects by first of all.
 */
export class AnswerKeys {
  readonly #numbers = new WeakMap<PluginAnswers, number>()
  readonly #known = new WeakMap<PodClass, { readonly plan: KinPlan; readonly key: AnswerKey }>()
  #count = 0

  of(profile: Profile, podClass: PodClass, plan: KinPlan): AnswerKey {
    const known = this.#known.get(podClass)
    if (known?.plan === plan) return known.key
    const key = this.#make(profile, podClass, plan) ?? podClass
    this.#known.set(podClass, { plan, key })
    return key
  }

  #make({ plugins }: Profile, { terms, fit }: PodClass, plan: KinPlan): string | undefined {
    const { rest, fitIndex, scores, cycle, isOrdered } = plan
    const asked = [...new Set([...rest.filters, ...rest.fixed, ...rest.scaled])]
    return plainText([
      this.#numberOf(plan.objects),
      rest,
      fitIndex === undefined ? [] : [fitIndex, fit],
      scores.map((score) => [score, plugins[score.index]?.kernel?.(terms[score.index]).score]),
      cycle ?? [],
      isOrdered,
      asked.map((index) => terms[index]),
    ])
  }

  #numberOf(objects: PluginAnswers): number {
    let number = this.#numbers.get(objects)
    if (number === undefined) {
      this.#count += 1
      number = this.#count
      this.#numbers.set(objects, number)
    }
    return number
  }
}
