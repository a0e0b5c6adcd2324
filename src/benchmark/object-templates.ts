import { InputError } from '../base/errors.ts'
import { deepFreeze } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { parseManifests, readText } from '../workload/node-list.ts'
import { goTemplate } from './go-template.ts'
import type { GoTemplate, TemplateValues } from './go-template.ts'

/** A template file of objects. */
export interface ObjectTemplate {
  readonly file: string
  /** Whether every object of it is the same. */
  readonly isConstant: boolean
  /** The object with these values filled in: frozen, and the same one each time when the template is constant. */
  make(values: TemplateValues): StoredObject
}

/** The template files of a workload: each is read and parsed once. */
export class ObjectTemplates {
  readonly #byFile = new Map<string, ObjectTemplate>()

  of(file: string): ObjectTemplate {
    let template = this.#byFile.get(file)
    if (template === undefined) {
      template = objectTemplate(file, goTemplate(readText(file), file))
      this.#byFile.set(file, template)
    }
    return template
  }
}

function objectTemplate(file: string, template: GoTemplate): ObjectTemplate {
  let constant: StoredObject | undefined
  return {
    file,
    isConstant: template.isConstant,
    make(values) {
      if (!template.isConstant) return parseOne(template.fill(values), file)
      constant ??= parseOne(template.fill(values), file)
      return constant
    },
  }
}

function parseOne(text: string, file: string): StoredObject {
  const objects = parseManifests(text, file)
  const [object] = objects
  if (object !== undefined && objects.length === 1) return deepFreeze(withoutNulls(object) as StoredObject)
  throw new InputError({ file, message: `has ${objects.length} objects; expected one` })
}

/** A field that is null is one that is not there: so the API server decodes it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value as Readonly<Record<string, unknown>>)
  return Object.fromEntries(
    fields.filter(([, field]) => field !== null).map(([name, field]) => [name, withoutNulls(field)]),
  )
}
