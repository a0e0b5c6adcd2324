import type { Taint, Toleration } from '../types.generated.ts'
import { text } from './absent.ts'
import { duplicate, invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct } from './go-shapes.ts'
import { validateLabelKey } from './metadata.ts'
import { labelValue } from './names.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function effectErrors(effect: string, path: string): FieldErrors {
  return EFFECTS.includes(effect) ? [] : [notSupported(path, effect, EFFECTS)]
}

/** Tolerations of a pod. Source: Kubernetes v1.37, core/validation `ValidateTolerations`. */
export function validateTolerations(tolerations: readonly Toleration[], path: string): FieldErrors {
  return tolerations.flatMap((toleration, index) => tolerationErrors(toleration, `${path}[${index}]`))
}

function tolerationErrors(toleration: Toleration, path: string): FieldErrors {
  const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
  const isKeyless = key === '' && operator !== 'Exists'
  const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
  const isTimed = tolerationSeconds !== undefined && effect !== 'NoExecute'
  const timed = "effect must be 'NoExecute' when `tolerationSeconds` is set"
  return [
    ...(key === '' ? [] : validateLabelKey(key, `${path}.key`)),
    ...(isKeyless ? [invalid(`${path}.operator`, { json: operator }, keyless)] : []),
    ...(isTimed ? [invalid(`${path}.effect`, { json: effect }, timed)] : []),
    ...operatorErrors(operator, text(toleration.value), `${path}.operator`),
    ...(effect === '' ? [] : effectErrors(effect, `${path}.effect`)),
  ]
}

function operatorErrors(operator: string, value: string, path: string): FieldErrors {
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = labelValue(value)
      return problems.length === 0 ? [] : [invalid(path, value, problems.join(';'))]
    }
    case 'Exists':
      return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")]
    default:
      return [notSupported(path, operator, ['Equal', 'Exists'])]
  }
}

/** Taints of a node: one of a key and an effect. Source: core/validation `validateNodeTaints`. */
export function validateTaints(taints: readonly Taint[], path: string): FieldErrors {
  const seen = new Set<string>()
  return taints.flatMap((taint: Partial<Taint>, index) => {
    const { key = '', value = '', effect = '' } = taint
    const place = `${path}[${index}]`
    const problems = labelValue(value)
    const pair = `${effect} ${key}`
    const isRepeated = seen.has(pair)
    seen.add(pair)
    return [
      ...validateLabelKey(key, `${place}.key`),
      ...(problems.length === 0 ? [] : [invalid(`${place}.value`, value, problems.join(';'))]),
      ...(effect === '' ? [required(`${place}.effect`)] : effectErrors(effect, `${place}.effect`)),
      ...(isRepeated
        ? [duplicate(place, goStruct('Taint', taint), 'taints must be unique by key and effect pair')]
        : []),
    ]
  })
}
