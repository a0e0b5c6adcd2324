import { parse } from 'yaml'

import { InputError } from '../base/errors.ts'

/**
 * Sets fields of a plain value in place: `spec.seed=7`, `spec.nodes[0].template.count=50`, `spec.objects[+]=a.yaml`.
 *
 * The value is YAML, so that numbers, lists and objects can be given. Throws `InputError` for a path that leads nowhere.
 */
export function applyOverride(root: Record<string, unknown>, text: string): void {
  const at = text.indexOf('=')
  if (at <= 0) {
    throw new InputError({ field: '--set', message: `"${text}" has no "="`, hint: 'expected path=value' })
  }
  const path = text.slice(0, at)
  const steps = [...path.matchAll(/[^.[\]]+|\[(\d+|\+)\]/g)].map((match) => match[1] ?? match[0])
  const last = steps.pop()
  if (last === undefined) throw new InputError({ field: '--set', message: `"${path}" is no path` })
  let place: unknown = root
  for (const step of steps) place = descend(place, step, path)
  assign(place, last, parse(text.slice(at + 1)) as unknown, path)
}

/** The field that an override sets, as errors name it. */
export function overriddenField(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf('=')))
}

function descend(place: unknown, step: string, path: string): unknown {
  if (Array.isArray(place)) {
    const item = (place as unknown[])[Number(step)]
    if (item !== undefined) return item
    throw new InputError({ field: `--set ${path}`, message: `there is no item ${step}` })
  }
  if (typeof place !== 'object' || place === null) {
    throw new InputError({ field: `--set ${path}`, message: `"${step}" is below a value that has no fields` })
  }
  const fields = place as Record<string, unknown>
  fields[step] ??= {}
  return fields[step]
}

function assign(place: unknown, step: string, value: unknown, path: string): void {
  if (Array.isArray(place)) {
    const list = place as unknown[]
    const index = step === '+' ? list.length : Number(step)
    if (Number.isInteger(index) && index >= 0 && index <= list.length) {
      list[index] = value
      return
    }
    throw new InputError({
      field: `--set ${path}`,
      message: `"${step}" is no index of a list of ${list.length}`,
    })
  }
  if (typeof place !== 'object' || place === null) {
    throw new InputError({ field: `--set ${path}`, message: `"${step}" is below a value that has no fields` })
  }
  const fields = place as Record<string, unknown>
  fields[step] = value
}
