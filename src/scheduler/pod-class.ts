import type { TemplateId } from '../cluster/rows.ts'
import type { PodGroupLister } from './framework/pod-groups.ts'
import type { FitKernel } from './framework/kernel.ts'
import type { Screening } from './framework/plugin.ts'
import type { Rejection } from './framework/verdict.ts'
import { namingPod, runPlugin } from './plugin-call.ts'
import { memberGroupOf } from './pod-groups.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { PlacedShape, PodShapes } from './pod-shapes.ts'
import type { PodRow } from '../cluster/rows.ts'

/** No PodGroups at all. */
export const NO_GROUPS: PodGroupLister = { podGroup: () => undefined, coscheduledGroup: () => undefined }

/** A rejection with the plugin that gave it. */
export interface PluginRejection {
  readonly plugin: string
  readonly rejection: Rejection
}

/** What all sizes of one template have in common in one profile: known by identity. */
export interface ClassKin {
  readonly template: TemplateId
}

/** A pod compiled for one profile: a term a plugin, and what follows from the terms alone. */
export interface PodClass {
  readonly kin: ClassKin
  readonly shape: PlacedShape
  /** By plugin number. */
  readonly terms: readonly unknown[]
  /** What `screen` said, by plugin number. */
  readonly screenings: readonly (Screening | undefined)[]
  /**
   * PreEnqueue's verdict, as far as the pod alone says: the pod may not enter the queue. Undefined for pods of a PodGroup, for
   * which it depends on the others: see `gate.ts`.
   */
  readonly gate: PluginRejection | undefined
  /** PreEnqueue plugins that have to be asked each time; those whose `screen` skips the pod are not. */
  readonly gaters: readonly PluginIndex[]
  /** What a filter asks of a node's room, as numbers; undefined where no filter says it so. */
  readonly fit: FitKernel | undefined
  /** Score plugins that rank nodes for this pod, in order, as far as the pod alone says. */
  readonly scorers: readonly PluginIndex[]
  /** Reserve plugins that may set something aside for this pod, as far as the pod alone says. */
  readonly reservers: readonly PluginIndex[]
}

/** The class of a pod in a profile; what a plugin throws for it names the pod. */
export function classOfPod(profile: Profile, shapes: PodShapes, pod: PodRow): PodClass {
  return namingPod(
    () => shapes.keyOf(pod),
    () => profile.classOf(shapes.shapeOf(pod)),
  )
}

/**
 * Compiles pods and keeps the result: terms of plugins that do not look at the size once a template, the others once
 * a size. A class is kept as long as its shape is among those that came last.
 */
export class PodClasses {
  readonly #profile: Profile
  /** Classes of template-sized shapes, and the last class of each other template: source of what its sizes share. */
  readonly #byTemplate: (PodClass | undefined)[] = []
  /** Classes of shapes that bring their own size, by the place of the shape. */
  readonly #byPlace: (PodClass | undefined)[] = []

  constructor(profile: Profile) {
    this.#profile = profile
  }

  classOf(shape: PlacedShape): PodClass {
    const last = this.#byTemplate[shape.template]
    if (last?.shape === shape) return last
    const known = shape.place < 0 ? undefined : this.#byPlace[shape.place]
    const podClass = known?.shape === shape ? known : this.#compile(shape, last)
    if (shape.place >= 0) this.#byPlace[shape.place] = podClass
    this.#byTemplate[shape.template] = podClass
    return podClass
  }

  /** Forgets the class of a template of which there will be no pods. */
  forget(template: TemplateId): void {
    this.#byTemplate[template] = undefined
  }

  /** The class of a size, if it was compiled and is among those that came last. */
  known(shape: PlacedShape): PodClass | undefined {
    const podClass = this.#byPlace[shape.place]
    return podClass?.shape === shape ? podClass : undefined
  }

  /**
   * A class that a pod of the template that asks for cpu and memory may be placed by: one of another such size, as long as
   * nobody but numbers tells sizes apart. Undefined without one.
   */
  kinOf(template: TemplateId): PodClass | undefined {
    const podClass = this.#byTemplate[template]
    if (podClass === undefined || this.#profile.tellsSizesApart) return undefined
    const { requests } = podClass.shape
    if (memberGroupOf(podClass.shape) !== undefined) return undefined
    return requests.cpu > 0 && requests.memory > 0 ? podClass : undefined
  }

  #compile(shape: PlacedShape, sibling: PodClass | undefined): PodClass {
    const terms = this.#compileTerms(shape, sibling)
    const screenings = this.#screen(terms, sibling)
    const scorers = this.#profile.score.filter((index) => {
      const plugin = this.#profile.plugins[index]
      return !this.#profile.preScore.includes(index) || (plugin?.ranks?.(terms[index]) ?? true)
    })
    return {
      kin: sibling?.kin ?? { template: shape.template },
      shape,
      terms,
      fit: this.#fitOf(terms),
      screenings,
      gate: memberGroupOf(shape) === undefined ? this.#gateOf(terms) : undefined,
      gaters: this.#profile.preEnqueue.filter((index) => {
        const screening = screenings[index]
        const isSkipped = screening !== undefined && 'skip' in screening
        return this.#profile.plugins[index]?.gate !== undefined && !isSkipped
      }),
      scorers: sibling !== undefined && isEqualList(sibling.scorers, scorers) ? sibling.scorers : scorers,
      reservers:
        sibling !== undefined && sibling.screenings === screenings
          ? sibling.reservers
          : this.#profile.reserve.filter((index) => {
              const screening = screenings[index]
              return screening === undefined || !('skip' in screening)
            }),
    }
  }

  #fitOf(terms: readonly unknown[]): FitKernel | undefined {
    for (const index of this.#profile.fitters) {
      const fit = this.#profile.plugins[index]?.kernel?.(terms[index]).fit
      if (fit !== undefined) return fit
    }
    return undefined
  }

  #compileTerms(shape: PlacedShape, sibling: PodClass | undefined): readonly unknown[] {
    const { plugins } = this.#profile
    const compile = (index: PluginIndex): unknown => {
      const plugin = plugins[index]
      return plugin === undefined ? undefined : runPlugin(plugin.name, 'compile', () => plugin.compile(shape))
    }
    if (sibling === undefined) return plugins.map((_plugin, index) => compile(index))
    const terms = [...sibling.terms]
    for (const index of this.#profile.sized) terms[index] = compile(index)
    return terms
  }

  #screen(terms: readonly unknown[], sibling: PodClass | undefined): PodClass['screenings'] {
    if (sibling !== undefined && !this.#profile.hasSizedScreens) return sibling.screenings
    return this.#profile.plugins.map((plugin, index) =>
      runPlugin(plugin.name, 'screen', () => plugin.screen?.(terms[index])),
    )
  }

  #gateOf(terms: readonly unknown[]): PluginRejection | undefined {
    for (const index of this.#profile.preEnqueue) {
      const plugin = this.#profile.plugins[index]
      const rejection = plugin?.enqueue?.(terms[index], NO_GROUPS)
      if (plugin !== undefined && rejection !== undefined) return { plugin: plugin.name, rejection }
    }
    return undefined
  }
}

function isEqualList(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((item, place) => item === other[place])
}
