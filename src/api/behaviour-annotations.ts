import { InputError } from '../base/errors.ts'
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
