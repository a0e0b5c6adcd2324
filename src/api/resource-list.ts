import { addQuantities, compareQuantities, parseQuantity } from './quantity.ts'
import type { ParsedQuantity } from './quantity.ts'
import type { Quantity } from './types.generated.ts'

/** Exact amounts by resource name, as `requests` and `limits` hold them. */
export type ResourceList = ReadonlyMap<string, ParsedQuantity>

/** Reads the amounts of an object; what is no quantity counts as absent, as validation has refused it before. */
export function resourceList(amounts: Readonly<Record<string, Quantity>> | undefined): ResourceList {
  const list = new Map<string, ParsedQuantity>()
  for (const [resource, text] of Object.entries(amounts ?? {})) {
    const parsed = parseQuantity(text)
    if (parsed !== undefined) list.set(resource, parsed)
  }
  return list
}

/** Adds amounts to a list in place. */
export function addToList(list: Map<string, ParsedQuantity>, more: ResourceList): void {
  for (const [resource, amount] of more) {
    const present = list.get(resource)
    list.set(resource, present === undefined ? amount : addQuantities(present, amount))
  }
}

/** Raises a list in place to the larger amount of each resource. */
export function raiseList(list: Map<string, ParsedQuantity>, other: ResourceList): void {
  for (const [resource, amount] of other) {
    const present = list.get(resource)
    if (present === undefined || compareQuantities(amount, present) > 0) list.set(resource, amount)
  }
}
