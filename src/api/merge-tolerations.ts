import type { Toleration } from './types.generated.ts'

/**
 * The tolerations of both lists, the first before the second, without those that another covers.
 *
 * Source: Kubernetes v1.37, util/tolerations `MergeTolerations`.
 */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[],
): readonly Toleration[] {
  const all = [...first, ...second]
  const merged: Toleration[] = []
  all.forEach((one, index) => {
    if (merged.some((other) => covers(other, one))) return
    if (all.slice(index + 1).some((other) => !isEqual(other, one) && covers(other, one))) return
    merged.push(one)
  })
  return merged
}

/** Whether all that `one` tolerates `wide` does. */
function covers(wide: Toleration, one: Toleration): boolean {
  if (isEqual(wide, one)) return true
  const isForAllKeys = (wide.key ?? '') === '' && wide.operator === 'Exists'
  if ((wide.key ?? '') !== (one.key ?? '') && !isForAllKeys) return false
  const effect = wide.effect ?? ''
  if (effect !== '' && effect !== (one.effect ?? '')) return false
  if (effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    const { tolerationSeconds } = one
    if (tolerationSeconds === undefined || tolerationSeconds > wide.tolerationSeconds) return false
  }
  if (wide.operator === 'Exists') return true
  return isForEqual(wide) && isForEqual(one) && (wide.value ?? '') === (one.value ?? '')
}

function isForEqual({ operator }: Toleration): boolean {
  return operator === undefined || operator === '' || operator === 'Equal'
}

function isEqual(one: Toleration, other: Toleration): boolean {
  const fields = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const
  return fields.every((field) => one[field] === other[field])
}
