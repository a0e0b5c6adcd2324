import { InputError, formatProblem } from '../base/errors.ts'
import type { InputProblem } from '../base/errors.ts'
import { behaviourProblems } from '../api/behaviour-annotations.ts'
import { defaultObject } from '../api/defaults/index.ts'
import { undecodableFields } from '../api/field-types.ts'
import type { UndecodableField } from '../api/field-types.ts'
import { asCreated, asDecoded } from '../api/validation/created.ts'
import type { Container, Pod, PodTemplateSpec } from '../api/types.generated.ts'
import { validateObject } from '../api/validation/index.ts'
import type { FieldErrors } from '../api/validation/index.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/** Objects may be ones that were made while a feature gate was on. */
const RULES = { areComparisonsAllowed: true }

/**
 * Throws `InputError` with all that the API server would find wrong with an object of a manifest, by file and field.
 *
 * The object is as the manifest has it, in its namespace. Two kinds of manifests that no cluster takes as they are pass:
 * pods read from a cluster with containers for debugging, which are left out, and bases of kustomize, which lack the labels
 * and selectors that it adds; a line says so.
 */
export function refuseInvalid(file: string, object: StoredObject): readonly string[] {
  const errors = validateObject(asCreated(defaultObject(asDecoded(withoutDebugging(object)))), RULES)
  if (isOfBase(errors)) {
    const message = 'is missing, as in a base of kustomize: no pods are made'
    return problemsOf(file, object, [{ field: 'spec.selector', message }]).map(formatProblem)
  }
  refuse(file, object, errors)
  return []
}

/**
 * Throws `InputError` with all fields of an object of a manifest that Kubernetes does not have, or not with such values. Fields
 * that nothing would look at anyway are no errors: returns a line for each.
 */
export function refuseUndecodable(file: string, object: StoredObject): readonly string[] {
  const fields = undecodableFields(object)
  refuse(
    file,
    object,
    fields.filter(({ isIdle }) => !isIdle),
  )
  refuse(file, object, misbehaviour(object))
  return problemsOf(file, object, fields).map(formatProblem)
}

/** What is wrong with the annotations of a pod, or of a template of pods, that say how containers behave. */
function misbehaviour(object: StoredObject): readonly FieldProblem[] {
  const path = TEMPLATES[object.kind ?? '']
  if (path === undefined) return []
  const pod = path.reduce<unknown>((value, key) => (value as Fields | null | undefined)?.[key], object)
  const { metadata, spec } = (pod ?? {}) as PodTemplateSpec
  const names = (list: readonly Container[] | null | undefined): readonly string[] =>
    (list ?? []).map(({ name }) => name)
  const containers = { regular: names(spec?.containers), init: names(spec?.initContainers) }
  return behaviourProblems(metadata?.annotations ?? {}, containers).map(({ field = '', ...problem }) => ({
    ...problem,
    field: [...path, 'metadata', `annotations[${field}]`].join('.'),
  }))
}

type Fields = Readonly<Record<string, unknown>>

/** Where kinds have their pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

function refuse(file: string, object: StoredObject, errors: readonly FieldProblem[]): void {
  const [first, ...others] = problemsOf(file, object, errors)
  if (first !== undefined) throw new InputError([first, ...others])
}

/** What is wrong with a field of an object. */
type FieldProblem = Pick<UndecodableField, 'field' | 'message' | 'hint'>

function problemsOf(
  file: string,
  { kind = '', metadata }: StoredObject,
  errors: readonly FieldProblem[],
): readonly InputProblem[] {
  const name = metadata?.name ?? metadata?.generateName ?? kind
  return errors.map(({ field, message, hint }) => ({
    file,
    field: `${name}: ${field}`,
    message,
    ...(hint === undefined ? {} : { hint }),
  }))
}

function withoutDebugging(object: StoredObject): StoredObject {
  if (object.kind !== 'Pod') return object
  const { ephemeralContainers: _left, ...spec } = (object as Pod).spec ?? { containers: [] }
  return { ...object, spec } as StoredObject
}

/** No selector, and no other error but that it selects nothing. */
function isOfBase(errors: FieldErrors): boolean {
  const isMissing = errors.some(
    ({ type, field }) => type === 'FieldValueRequired' && field === 'spec.selector',
  )
  return isMissing && errors.every(({ field }) => BASE_FIELDS.has(field))
}

const BASE_FIELDS: ReadonlySet<string> = new Set(['spec.selector', 'spec.template.metadata.labels'])
