import {
  approximateFloat,
  asInt64,
  heldQuantity,
  isProductExact,
  scaledValue,
} from '../../api/held-quantity.ts'
import type { HeldQuantity } from '../../api/held-quantity.ts'
import { quantityProblem } from '../../api/quantity-text.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  multiplyQuantity,
  parseQuantity,
  roundUpQuantity,
  subtractQuantities,
} from '../../api/quantity.ts'
import type { ParsedQuantity } from '../../api/quantity.ts'
import { logicFamily } from '../family.ts'

interface QuantityInput {
  readonly a: string
  readonly b: string
  /** Power of ten. */
  readonly roundUpScale?: number
  readonly factor?: number
}

interface Read {
  readonly parsed: ParsedQuantity
  readonly held: HeldQuantity
}

/** Millions. */
const MEGA = 6

/** Two quantities, read and reckoned with: apimachinery `resource.Quantity`. */
export const quantity = logicFamily<QuantityInput>('quantity', ({ a, b, roundUpScale = 0, factor = 0 }) => {
  const one = read(a)
  const other = read(b)
  const both = { a: described(a, one), b: described(b, other) }
  if (one === undefined || other === undefined) return both
  const { parsed, held } = one
  const rounded = roundUpQuantity(parsed, roundUpScale)
  return {
    ...both,
    cmp: compareQuantities(parsed, other.parsed),
    add: formatQuantity(addQuantities(parsed, other.parsed)),
    sub: formatQuantity(subtractQuantities(parsed, other.parsed)),
    neg: formatQuantity(multiplyQuantity(parsed, -1n)),
    roundUp: { string: formatQuantity(rounded), exact: rounded.nano === parsed.nano },
    mul: {
      string: formatQuantity(multiplyQuantity(parsed, BigInt(factor))),
      fast: isProductExact(held, BigInt(factor)),
    },
  }
})

function read(text: string): Read | undefined {
  const parsed = parseQuantity(text)
  const held = heldQuantity(text)
  return parsed === undefined || held === undefined ? undefined : { parsed, held }
}

function described(text: string, one: Read | undefined): object {
  if (one === undefined) return { error: quantityProblem(text) }
  const { parsed, held } = one
  return {
    string: formatQuantity(parsed),
    format: parsed.format,
    value: String(scaledValue(held, 0)),
    milliValue: String(scaledValue(held, -3)),
    scaledMega: String(scaledValue(held, MEGA)),
    approx: approximateFloat(held),
    sign: compareQuantities(parsed, { ...parsed, nano: 0n }),
    isZero: parsed.nano === 0n,
    asInt64: asInt64(held)?.toString() ?? null,
  }
}
