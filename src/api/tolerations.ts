import type { Taint, Toleration } from './types.generated.ts'

/** Options of toleration matching. */
export interface TolerationOptions {
  /** Feature gate TaintTolerationComparisonOperators: whether the operators Gt and Lt compare. Off by default. */
  readonly comparisonOperators?: boolean
}

/**
 * Whether a toleration covers a taint: effect and key match (empty matches all), and the operator holds.
 *
 * Gt and Lt compare the taint's value with the toleration's, as 64-bit integers: the taint's is greater, or less.
 * Source: Kubernetes v1.37, component-helpers/scheduling/corev1 `ToleratesTaint`.
 */
export function toleratesTaint(
  toleration: Toleration,
  taint: Taint,
  options: TolerationOptions = {},
): boolean {
  const { effect, key } = toleration
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false
  if (key !== undefined && key !== '' && key !== taint.key) return false
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    case 'Gt':
      return options.comparisonOperators === true && compares(taint, toleration, (one, other) => one > other)
    case 'Lt':
      return options.comparisonOperators === true && compares(taint, toleration, (one, other) => one < other)
    default:
      return false
  }
}

/** The first taint with one of the effects that no toleration covers, in the order of the taints. */
export function firstUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly string[],
  options: TolerationOptions = {},
): Taint | undefined {
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) &&
      !tolerations.some((toleration) => toleratesTaint(toleration, taint, options)),
  )
}

/** What happens to a pod on a node with these NoExecute taints. */
export type TolerationTime =
  | { readonly action: 'evictNow'; readonly allTolerated: boolean }
  | { readonly action: 'evictAfter'; readonly afterSeconds: number; readonly allTolerated: true }
  | { readonly action: 'keep'; readonly allTolerated: true }

/**
 * How long a pod stays: not at all with an untolerated taint, else for the shortest `tolerationSeconds` among the first
 * tolerations that match each taint (0 when negative), for ever when none of them has one.
 *
 * Source: Kubernetes v1.37, controller/tainteviction `getMinTolerationTime`.
 */
export function tolerationTime(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  options: TolerationOptions = {},
): TolerationTime {
  const used: Toleration[] = []
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue
    const matching = tolerations.find((toleration) => toleratesTaint(toleration, taint, options))
    if (matching === undefined) return { action: 'evictNow', allTolerated: false }
    used.push(matching)
  }
  let shortest: number | undefined
  for (const { tolerationSeconds } of used) {
    if (tolerationSeconds === undefined) continue
    shortest = Math.min(shortest ?? tolerationSeconds, tolerationSeconds)
  }
  if (shortest === undefined) return { action: 'keep', allTolerated: true }
  return { action: 'evictAfter', afterSeconds: Math.max(0, shortest), allTolerated: true }
}

/** Both values as canonical 64-bit integers, compared; false when one of them is none. */
function compares(
  taint: Taint,
  toleration: Toleration,
  holds: (one: bigint, other: bigint) => boolean,
): boolean {
  const one = parseCanonical(taint.value ?? '')
  const other = parseCanonical(toleration.value ?? '')
  return one !== undefined && other !== undefined && holds(one, other)
}

/** A 64-bit integer written the one way that it prints: no sign plus, no leading zeros. */
function parseCanonical(text: string): bigint | undefined {
  const value = parseInt64(text)
  return value !== undefined && String(value) === text ? value : undefined
}

const INT64_LIMIT = 2n ** 63n

/** A 64-bit integer as Go's `strconv.ParseInt` reads base 10; undefined when the text is none. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value >= -INT64_LIMIT && value < INT64_LIMIT ? value : undefined
}
