import { InputError } from '../base/errors.ts'
import type { InputProblem } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'
import { BEHAVIOUR_FIELDS, parseBehaviourField } from './container-behaviour.ts'
import type { BehaviourField, ContainerBehaviour } from './container-behaviour.ts'

/** What annotations of a pod that say how its containers behave begin with. */
export const BEHAVIOUR_PREFIX = 'stowage.dev/'

type Annotations = Readonly<Record<string, string>>

/** Fields by the names of their annotations: `exitCode` is `exit-code`. */
const FIELDS: ReadonlyMap<string, BehaviourField> = new Map(
  BEHAVIOUR_FIELDS.map((field) => [
    field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    field,
  ]),
)

/** Names of the annotations, without the prefix. */
export const BEHAVIOUR_ANNOTATIONS: readonly string[] = [...FIELDS.keys()]

/** The field that an annotation is about, and the container that it names, if it does. */
function annotated(
  key: string,
): { readonly field: BehaviourField; readonly container: string | undefined } | undefined {
  if (!key.startsWith(BEHAVIOUR_PREFIX)) return undefined
  const name = key.slice(BEHAVIOUR_PREFIX.length)
  const dot = name.indexOf('.')
  const field = FIELDS.get(dot < 0 ? name : name.slice(0, dot))
  if (field === undefined) return undefined
  return { field, container: dot < 0 ? undefined : name.slice(dot + 1) }
}

/** Annotations of pods with the prefix that are about something else. */
const OTHERS: ReadonlySet<string> = new Set(['gpu-count', 'gpu-milli', 'gpu-milli-per-device', 'gpu-model'])

/**
 * What is wrong with the annotations of a pod that should say how its containers behave: names that mean nothing, containers
 * that it does not have, and values that make no sense.
 */
export function behaviourProblems(
  annotations: Annotations,
  containers: { readonly regular: readonly string[]; readonly init: readonly string[] },
): readonly InputProblem[] {
  const keys = Object.keys(annotations).filter((key) => key.startsWith(BEHAVIOUR_PREFIX))
  const names = [...containers.regular, ...containers.init]
  const unknown = keys.flatMap((key): readonly InputProblem[] => {
    const about = annotated(key)
    const [name = ''] = key.slice(BEHAVIOUR_PREFIX.length).split('.')
    if (about === undefined) return OTHERS.has(name) ? [] : [unknownAnnotation(key, name)]
    if (about.container === undefined || names.includes(about.container)) return []
    return [{ field: key, message: `there is no container ${about.container}; there is ${names.join(', ')}` }]
  })
  try {
    for (const name of containers.regular) annotatedBehaviour(annotations, { name, isRegular: true })
    for (const name of containers.init) annotatedBehaviour(annotations, { name, isRegular: false })
    return unknown
  } catch (error) {
    if (error instanceof InputError) return [...unknown, ...error.problems]
    throw error
  }
}

function unknownAnnotation(key: string, name: string): InputProblem {
  const near = nearestWord(name, BEHAVIOUR_ANNOTATIONS)
  const hint =
    near === undefined ? `expected one of ${BEHAVIOUR_ANNOTATIONS.join(', ')}` : `did you mean ${near}?`
  return { field: key, message: 'unknown annotation', hint }
}

/** Whether any annotation says how a container behaves. */
export function hasBehaviour(annotations: Annotations): boolean {
  for (const key in annotations) if (annotated(key) !== undefined) return true
  return false
}

/**
 * How a container behaves by the annotations of its pod: `stowage.dev/FIELD.CONTAINER`, and for regular containers
 * `stowage.dev/FIELD` where the container is not named. Throws `InputError` for a value that makes no sense.
 */
export function annotatedBehaviour(
  annotations: Annotations,
  container: { readonly name: string; readonly isRegular: boolean },
): ContainerBehaviour {
  let behaviour: ContainerBehaviour = {}
  const keys = Object.keys(annotations).toSorted(
    (one, other) => one.length - other.length || (one < other ? -1 : 1),
  )
  for (const key of keys) {
    const about = annotated(key)
    if (about === undefined) continue
    const isMeant = about.container === undefined ? container.isRegular : about.container === container.name
    if (!isMeant) continue
    behaviour = {
      ...behaviour,
      ...parseBehaviourField(about.field, valueOf(annotations[key] ?? '', key), key),
    }
  }
  return behaviour
}

/** A text, or the JSON of a distribution. */
function valueOf(text: string, key: string): unknown {
  if (!text.trimStart().startsWith('{')) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InputError({ field: key, message: `"${text}" is no JSON` })
  }
}
