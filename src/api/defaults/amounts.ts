import { formatQuantity, parseQuantity } from '../quantity.ts'
import type { Quantity } from '../types.generated.ts'
import { withChanged } from './fields.ts'

/** Amounts by resource, as API objects write them. */
export type Amounts = Readonly<Record<string, Quantity>>

/** Amounts that are whole thousandths by their looks. */
const WHOLE = /^[+-]?\d+(?:m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/
const MILLI = 1_000_000n

/**
 * The amounts, rounded away from zero to thousandths; others keep their text.
 *
 * Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_ResourceList`.
 */
export function roundAmounts(amounts: Amounts): Amounts {
  let rounded: Record<string, Quantity> | undefined
  for (const [resource, amount] of Object.entries(amounts)) {
    const text = roundAmount(amount)
    if (text === amount) continue
    rounded ??= { ...amounts }
    rounded[resource] = text
  }
  return rounded ?? amounts
}

/** The requests and limits, rounded to thousandths. */
export function roundResources<T extends { readonly limits?: Amounts; readonly requests?: Amounts }>(
  resources: T,
): T {
  return withChanged(withChanged(resources, 'limits', roundAmounts), 'requests', roundAmounts)
}

function roundAmount(amount: Quantity): Quantity {
  if (WHOLE.test(String(amount))) return amount
  const parsed = parseQuantity(amount)
  if (parsed === undefined) return amount
  const { nano, format } = parsed
  const rest = nano % MILLI
  if (rest === 0n) return amount
  const away = nano < 0n ? -MILLI : MILLI
  return formatQuantity({ nano: nano - rest + away, format })
}

/** The amounts, and those of `others` for resources that they do not name. */
export function withAbsent(amounts: Amounts | undefined, others: Amounts | undefined): Amounts | undefined {
  if (amounts === undefined && others === undefined) return undefined
  const absent = Object.entries(others ?? {}).filter(([resource]) => amounts?.[resource] === undefined)
  if (absent.length === 0) return amounts
  return { ...amounts, ...Object.fromEntries(absent) }
}
