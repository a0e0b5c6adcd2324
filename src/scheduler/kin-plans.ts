import { busyPlugins, planOf, readsObjectsOnly } from './index-plan.ts'
import type { CyclePlan, Plan } from './index-plan.ts'
import type { ScoreKernel } from './framework/kernel.ts'
import { plainText } from './plain-data.ts'
import { PluginAnswers } from './plugin-answers.ts'
import type { ClassKin, PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Fewest plans, and fewest answers by terms, that are kept. */
const KEPT_MIN = 64
/** Nodes that all kept answers may have together, beyond the fewest. */
const CELLS_MAX = 1_000_000

/** A plugin whose score is a number kernel. */
export interface KernelScore {
  readonly index: PluginIndex
  readonly weight: number
  readonly kind: ScoreKernel['kind']
}

/** How the classes of one kin are answered without the definition, by who can say what. */
export interface KinPlan {
  /** Of plugins that look at Node objects only, shared by all classes with equal terms of them. */
  readonly objects: PluginAnswers
  /** Plugins that are asked for each class and node. */
  readonly rest: Plan
  /** Plugin whose filter is a number kernel. */
  readonly fitIndex: PluginIndex | undefined
  /** Plugins whose scores are number kernels. */
  readonly scores: readonly KernelScore[]
  /** Plugins that have to be asked in each cycle; undefined when there are none. */
  readonly cycle: CyclePlan | undefined
  /** Whether the order in which the index asks the filters is that of the profile, so that it knows who rejects. */
  readonly isOrdered: boolean
}

interface KeptPlan {
  /** Plugins that were not idle when the plan was made. */
  readonly busy: number
  readonly scorers: readonly PluginIndex[]
  readonly plan: KinPlan | undefined
}

/**
 * Plans of classes of pods, one for all sizes of a template: which plugins have to be asked, and what those say that
 * look at Node objects only. A plan stands until a plugin stops being idle, or starts.
 */
export class KinPlans {
  readonly #cluster: SchedulerCluster
  readonly #kept = new Map<ClassKin | PodClass, KeptPlan>()
  readonly #objects = new Map<string, PluginAnswers>()
  /** What was asked for last, and so many changes before: pods of one template often come one after the other. */
  #last:
    | { readonly podClass: PodClass; readonly changes: number; readonly plan: KinPlan | undefined }
    | undefined

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** The plan of a class; undefined when the class has to be decided by the definition. */
  of(profile: Profile, podClass: PodClass): KinPlan | undefined {
    const changes = this.#cluster.idleChanges
    const last = this.#last
    if (last?.podClass === podClass && last.changes === changes) return last.plan
    const plan = this.#planOf(profile, podClass)
    this.#last = { podClass, changes, plan }
    return plan
  }

  #planOf(profile: Profile, podClass: PodClass): KinPlan | undefined {
    const busy = busyPlugins(profile, podClass, this.#cluster)
    const key = profile.hasSizedScreens ? podClass : podClass.kin
    const kept = this.#kept.get(key)
    if (kept?.busy === busy && kept.scorers === podClass.scorers) return kept.plan
    const plan = this.#make(profile, podClass, busy)
    if (kept === undefined && this.#kept.size >= this.#keptMax) this.#kept.clear()
    this.#kept.set(key, { busy, scorers: podClass.scorers, plan })
    return plan
  }

  get #keptMax(): number {
    return Math.max(KEPT_MIN, Math.floor(CELLS_MAX / this.#cluster.nodes.version.length))
  }

  #make(profile: Profile, podClass: PodClass, busy: number): KinPlan | undefined {
    const plan = planOf(profile, podClass, busy)
    if (plan === undefined) return undefined
    const isOfObject = (index: PluginIndex): boolean => readsObjectsOnly(profile, index)
    const kernelOf = (index: PluginIndex) => profile.plugins[index]?.kernel?.(podClass.terms[index])
    const scores = plan.fixed.flatMap((index): KernelScore[] => {
      const score = kernelOf(index)?.score
      if (score === undefined) return []
      return [{ index, weight: profile.weights[index] ?? 1, kind: score.kind }]
    })
    const fitIndex = plan.filters.find((index) => kernelOf(index)?.fit !== undefined)
    const objects = this.#objectsOf(profile, podClass, {
      filters: plan.filters.filter(isOfObject),
      fixed: plan.fixed.filter(isOfObject),
      scaled: plan.scaled.filter(isOfObject),
    })
    const rest = {
      filters: plan.filters.filter((index) => !isOfObject(index) && index !== fitIndex),
      fixed: plan.fixed.filter((index) => !isOfObject(index) && !scores.some((one) => one.index === index)),
      scaled: plan.scaled.filter((index) => !isOfObject(index)),
    }
    const asked = [...objects.plan.filters, ...(fitIndex === undefined ? [] : [fitIndex]), ...rest.filters]
    const isPlain = !plan.cycle.prepares && plan.cycle.scorers.length === 0
    const hasAllFilters = plan.cycle.filters.length === 0
    const isOrdered = hasAllFilters && asked.every((index, place) => index === plan.filters[place])
    return { objects, rest, fitIndex, scores, isOrdered, cycle: isPlain ? undefined : plan.cycle }
  }

  /** Answers for these plugins and terms, whichever template they were first asked for. */
  #objectsOf(profile: Profile, podClass: PodClass, plan: Plan): PluginAnswers {
    const asked = [...new Set([...plan.filters, ...plan.fixed, ...plan.scaled])]
    const terms = plainText(asked.map((index) => podClass.terms[index]))
    const key = `${profile.schedulerName} ${asked.join()} ${terms ?? `template ${podClass.shape.template}`}`
    const known = this.#objects.get(key)
    if (known !== undefined) return known
    const made = new PluginAnswers(profile, plan, { terms: podClass.terms, cluster: this.#cluster })
    if (this.#objects.size >= this.#keptMax) this.#objects.clear()
    this.#objects.set(key, made)
    return made
  }
}
