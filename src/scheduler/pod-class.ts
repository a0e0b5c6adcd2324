import type { PodGroupLister } from './framework/pod-groups.ts'
import type { Screening } from './framework/plugin.ts'
import type { Rejection } from './framework/verdict.ts'
import { runPlugin } from './plugin-call.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { PlacedShape } from './pod-shapes.ts'

const NO_GROUPS: PodGroupLister = { podGroup: () => undefined }

/** A rejection with the plugin that gave it. */
export interface PluginRejection {
  readonly plugin: string
  readonly rejection: Rejection
}

/** A pod compiled for one profile: a term a plugin, and what follows from the terms alone. */
export interface PodClass {
  readonly shape: PlacedShape
  /** By plugin number. */
  readonly terms: readonly unknown[]
  /** What `screen` said, by plugin number. */
  readonly screenings: readonly (Screening | undefined)[]
  /** PreEnqueue's verdict: the pod may not enter the queue. Of a pod of a PodGroup it depends on the others: see `gateOf`. */
  readonly gate: PluginRejection | undefined
  /** Score plugins that rank nodes for this pod, in order, as far as the pod alone says. */
  readonly scorers: readonly PluginIndex[]
  /** Reserve plugins that may set something aside for this pod, as far as the pod alone says. */
  readonly reservers: readonly PluginIndex[]
}

/**
 * Compiles pods and keeps the result: terms of plugins that do not look at the size once a template, the others once
 * a size. A class lives as long as its shape.
 */
export class PodClasses {
  readonly #profile: Profile
  readonly #byShape = new WeakMap<PlacedShape, PodClass>()
  /** The last class of each template: source of the terms that all its sizes share. */
  readonly #byTemplate: (PodClass | undefined)[] = []

  constructor(profile: Profile) {
    this.#profile = profile
  }

  classOf(shape: PlacedShape): PodClass {
    const last = this.#byTemplate[shape.template]
    if (last?.shape === shape) return last
    const known = this.#byShape.get(shape)
    const podClass = known ?? this.#compile(shape, last)
    if (known === undefined) this.#byShape.set(shape, podClass)
    this.#byTemplate[shape.template] = podClass
    return podClass
  }

  #compile(shape: PlacedShape, sibling: PodClass | undefined): PodClass {
    const { plugins } = this.#profile
    const terms: unknown[] = []
    const screenings: (Screening | undefined)[] = []
    for (let index = 0; index < plugins.length; index++) {
      const plugin = plugins[index]
      if (plugin === undefined) continue
      if (sibling !== undefined && plugin.sized === false) {
        terms.push(sibling.terms[index])
        screenings.push(sibling.screenings[index])
        continue
      }
      const term = runPlugin(plugin.name, 'compile', () => plugin.compile(shape))
      terms.push(term)
      screenings.push(runPlugin(plugin.name, 'screen', () => plugin.screen?.(term)))
    }
    return {
      shape,
      terms,
      screenings,
      gate: shape.spec.schedulingGroup === undefined ? gateOf(this.#profile, terms, NO_GROUPS) : undefined,
      scorers: this.#profile.score.filter((index) => {
        const plugin = this.#profile.plugins[index]
        return !this.#profile.preScore.includes(index) || (plugin?.ranks?.(terms[index]) ?? true)
      }),
      reservers: this.#profile.reserve.filter((index) => {
        const screening = screenings[index]
        return screening === undefined || !('skip' in screening)
      }),
    }
  }
}

/** The first rejection of PreEnqueue. */
export function gateOf(
  profile: Profile,
  terms: readonly unknown[],
  groups: PodGroupLister,
): PluginRejection | undefined {
  for (const index of profile.preEnqueue) {
    const plugin = profile.plugins[index]
    const rejection = plugin?.enqueue?.(terms[index], groups)
    if (plugin !== undefined && rejection !== undefined) return { plugin: plugin.name, rejection }
  }
  return undefined
}
