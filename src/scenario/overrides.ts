import { parse } from 'yaml'

import { InputError } from '../base/errors.ts'

/**
 * Sets fields of a plain value in place: `spec.seed=7`, `spec.nodes[0].template.count=50`, `spec.objects[+]=a.yaml`.
 *
 * The value is YAML, so that numbers, lists and objects can be given; none (`spec.until=`) takes the field away. Throws
 * `InputError` for a path that leads nowhere.
 */
export function applyOverride(root: Record<string, unknown>, text: string): void {
  const at = text.indexOf('=')
  if (at <= 0) {
    throw new InputError({ field: '--set', message: `"${text}" has no "="`, hint: 'expected path=value' })
  }
  const path = text.slice(0, at)
  const steps = stepsOf(path)
  if (steps.length === 0) throw new InputError({ field: '--set', message: `"${path}" is no path` })
  const value: unknown = parse(text.slice(at + 1))
  if (value === null) remove(root, steps)
  else assign(root, steps, { value, path })
}

/** The field that an override sets, as errors name it. */
export function overriddenField(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf('=')))
}

/** `spec.nodes[0].file` as `spec`, `nodes`, `0`, `file`. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/[^.[\]]+|\[(\d+|\+)\]/g)].map((match) => match[1] ?? match[0])
}

/** Takes away what is there; what is not there need not be taken away. */
function remove(root: unknown, steps: readonly string[]): void {
  const [last = ''] = steps.slice(-1)
  let place = root
  for (const step of steps.slice(0, -1)) place = fieldOf(place, step)
  if (Array.isArray(place)) {
    if (Number(last) < place.length) place.splice(Number(last), 1)
  } else if (typeof place === 'object' && place !== null) {
    delete (place as Record<string, unknown>)[last]
  }
}

function fieldOf(place: unknown, step: string): unknown {
  return typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[step] : undefined
}

function assign(
  root: unknown,
  steps: readonly string[],
  { value, path }: { readonly value: unknown; readonly path: string },
): void {
  let place = root
  steps.slice(0, -1).forEach((step, index) => {
    place = descend(place, { step, next: steps[index + 1] ?? '', path })
  })
  const [step = ''] = steps.slice(-1)
  if (!Array.isArray(place)) {
    fieldsOf(place, step, path)[step] = value
    return
  }
  const list = place as unknown[]
  const index = step === '+' ? list.length : Number(step)
  if (!Number.isInteger(index) || index < 0 || index > list.length) {
    const message = `"${step}" is no index of a list of ${list.length}`
    throw new InputError({ field: `--set ${path}`, message })
  }
  list[index] = value
}

/** What is below a step; made where it is not there: a list where its first item is to be set. */
function descend(
  place: unknown,
  { step, next, path }: { readonly step: string; readonly next: string; readonly path: string },
): unknown {
  if (Array.isArray(place)) {
    const item = (place as unknown[])[Number(step)]
    if (item !== undefined) return item
    throw new InputError({ field: `--set ${path}`, message: `there is no item ${step}` })
  }
  const fields = fieldsOf(place, step, path)
  fields[step] ??= next === '+' || next === '0' ? [] : {}
  return fields[step]
}

function fieldsOf(place: unknown, step: string, path: string): Record<string, unknown> {
  if (typeof place === 'object' && place !== null) return place as Record<string, unknown>
  throw new InputError({ field: `--set ${path}`, message: `"${step}" is below a value that has no fields` })
}
