import type { PageContext } from '../context.ts'
import { timeText } from '../format.ts'
import { ABSENT, cellWords } from './heat-cells.ts'
import type { HeatCursor } from './heat-frame.ts'
import { HEAT_WORDS } from './heat-model.ts'
import type { HeatModel } from './heat-model.ts'

/** What a cell says, in words. */
export function cursorWords({ view, markers }: HeatModel, { place, span }: HeatCursor): string {
  const { heat, order, resource } = view.value
  const row = order[place] ?? 0
  const value = heat.cells[row * heat.spans + span] ?? ABSENT
  const [from, to] = [span * heat.spanSeconds, (span + 1) * heat.spanSeconds]
  const happened = markers.filter(({ at, until }) => at < to && (until ?? at) >= from).slice(0, 3)
  const said = `${heat.names[row]}, ${timeText(from)} to ${timeText(to)}: ${HEAT_WORDS[resource]} ${cellWords(value)}`
  return [said, ...happened.map(({ label }) => label)].join('; ')
}

/** Goes to the time of a cell, and shows its node in the player. */
export function chooseCell(
  { view, nodesPerRow }: HeatModel,
  { place, span }: HeatCursor,
  context: PageContext,
): void {
  const { heat, order } = view.value
  context.instant.set((span + 0.5) * heat.spanSeconds)
  if (nodesPerRow === 1) context.chosenNode.set(heat.names[order[place] ?? 0])
}
