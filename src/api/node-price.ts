import { InputError } from '../base/errors.ts'
import type { Node } from './types.generated.ts'

/** Annotation of a Node with what it costs an hour, in a currency that the user keeps to; ours. */
export const PRICE_ANNOTATION = 'stowage.dev/price-per-hour'

/** What a node costs an hour; undefined where nobody said. Throws `InputError` for what is no price. */
export function pricePerHour({ metadata }: Node): number | undefined {
  const text = metadata?.annotations?.[PRICE_ANNOTATION]
  if (text === undefined) return undefined
  const price = Number(text)
  if (text.trim() !== '' && Number.isFinite(price) && price >= 0) return price
  throw new InputError({
    field: `annotation ${PRICE_ANNOTATION} of node ${metadata?.name ?? ''}`,
    message: `"${text}" is no price`,
    hint: 'expected a number, 0 or more',
  })
}
