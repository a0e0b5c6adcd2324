import { InputError } from '../base/errors.ts'
import { defaultObject } from '../api/defaults/index.ts'
import { mistypedFields } from '../api/field-types.ts'
import { asCreated, asDecoded } from '../api/validation/created.ts'
import type { Pod } from '../api/types.generated.ts'
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
 * and selectors that it adds.
 */
export function refuseInvalid(file: string, object: StoredObject): void {
  const errors = validateObject(asCreated(defaultObject(asDecoded(withoutDebugging(object)))), RULES)
  if (isOfBase(errors)) return
  refuse(file, object, errors)
}

/** Throws `InputError` with all values of an object of a manifest that have another type than Kubernetes has there. */
export function refuseMistyped(file: string, object: StoredObject): void {
  refuse(file, object, mistypedFields(object))
}

function refuse(
  file: string,
  { metadata }: StoredObject,
  errors: readonly { readonly field: string; readonly message: string }[],
): void {
  const name = metadata?.name ?? metadata?.generateName ?? ''
  const [first, ...others] = errors.map(({ field, message }) => ({
    file,
    field: `${name}: ${field}`,
    message,
  }))
  if (first !== undefined) throw new InputError([first, ...others])
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
