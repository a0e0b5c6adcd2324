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
export function validateTolerations(
  tolerations: readonly Toleration[],
  path: string,
  areComparisonsAllowed = false,
): FieldErrors {
  return tolerations.flatMap((toleration, index) =>
    tolerationErrors(toleration, areComparisonsAllowed, `${path}[${index}]`),
  )
}

function tolerationErrors(toleration: Toleration, areComparisonsAllowed: boolean, path: string): FieldErrors {
  const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
  const isKeyless = key === '' && operator !== 'Exists'
  const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
  const isTimed = tolerationSeconds !== undefined && effect !== 'NoExecute'
  const timed = "effect must be 'NoExecute' when `tolerationSeconds` is set"
  return [
    ...(key === '' ? [] : validateLabelKey(key, `${path}.key`)),
    ...(isKeyless ? [invalid(`${path}.operator`, { json: operator }, keyless)] : []),
    ...(isTimed ? [invalid(`${path}.effect`, { json: effect }, timed)] : []),
    ...(areComparisonsAllowed && (operator === 'Lt' || operator === 'Gt')
      ? numberErrors(text(toleration.value), `${path}.value`)
      : operatorErrors(operator, text(toleration.value), areComparisonsAllowed, `${path}.operator`)),
    ...(effect === '' ? [] : effectErrors(effect, `${path}.effect`)),
  ]
}

/** A value that is compared is a number as one would write it. Source: apimachinery validate/content `IsDecimalInteger`. */
function numberErrors(value: string, path: string): FieldErrors {
  if (value === '') return [invalid(path, value, 'must be non-empty')]
  if (/^(0|-?[1-9]\d*)$/.test(value)) return []
  return [invalid(path, value, 'must be a valid decimal integer in canonical form')]
}

function operatorErrors(
  operator: string,
  value: string,
  areComparisonsAllowed: boolean,
  path: string,
): FieldErrors {
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = labelValue(value)
      return problems.length === 0 ? [] : [invalid(path, value, problems.join(';'))]
    }
    case 'Exists':
      return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")]
    default:
      return [
        notSupported(path, operator, ['Equal', 'Exists', ...(areComparisonsAllowed ? ['Lt', 'Gt'] : [])]),
      ]
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
