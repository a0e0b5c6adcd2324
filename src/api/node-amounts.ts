import { quantityMilli, quantityValue } from './quantity.ts'
import type { Quantity } from './types.generated.ts'

/** What a node has or gives, by resource: millicores of cpu, units of everything else. */
export type AmountsByResource = ReadonlyMap<string, number>

const NONE: AmountsByResource = new Map()
const known = new WeakMap<object, AmountsByResource>()

/**
 * Reads a node's `capacity` or `allocatable`, in the order in which it names the resources.
 *
 * Equal nodes may share a list, and every view of the nodes reads it: a frozen one, which cannot change, is read once.
 */
export function nodeAmounts(list: Readonly<Record<string, Quantity>> | undefined): AmountsByResource {
  if (list === undefined) return NONE
  const read = known.get(list)
  if (read !== undefined) return read
  const amounts = new Map<string, number>()
  for (const [resource, text] of Object.entries(list)) {
    amounts.set(resource, resource === 'cpu' ? quantityMilli(text) : quantityValue(text))
  }
  if (Object.isFrozen(list)) known.set(list, amounts)
  return amounts
}
