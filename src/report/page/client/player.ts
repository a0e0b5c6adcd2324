import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { element, sectionElement } from './element.ts'
import { startPlayer } from './player/start-player.ts'

/** The cluster at any instant: nodes filled with their pods. Nothing is unpacked until it comes near the window. */
export function playerSection(run: RunView, context: PageContext): HTMLElement | undefined {
  if (run.player === undefined) return undefined
  const holder = element('div', { class: 'player-holder' })
  context.whenNear(holder, () => {
    startPlayer(holder, run, context)
    // The room that was kept for it.
    holder.style.minHeight = '0'
  })
  return sectionElement(
    {
      id: 'player',
      title: 'Nodes and their pods',
      intro:
        'Each box is a node, filled from the bottom with its pods by what they request; what is empty is free.',
    },
    holder,
  )
}
