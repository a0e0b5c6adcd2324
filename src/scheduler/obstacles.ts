import type { NodeIndex } from './framework/node-columns.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PluginRejection } from './pod-class.ts'
import type { PluginIndex } from './profile.ts'
import type { ScoredCycle } from './scoring.ts'

/** Every filter that rejects the node as the view stands, each asked whatever the others say, with all its reasons. */
export function obstaclesAt(
  node: NodeIndex,
  { profile, podClass, states, place }: ScoredCycle,
  isSkipped: (index: PluginIndex) => boolean,
): readonly PluginRejection[] {
  return profile.filter.flatMap((index): PluginRejection[] => {
    const plugin = profile.plugins[index]
    const columns = profile.columns[index]
    if (isSkipped(index) || plugin?.filter === undefined || columns === undefined) return []
    const term = podClass.terms[index]
    const state = states[index]
    try {
      const rejection = plugin.filter(term, node, columns, state)
      if (rejection === undefined) return []
      const explained =
        rejection.reasons.length > 0 ? undefined : plugin.explain?.(term, node, columns, state)
      const reasons = explained ?? rejection.reasons
      return [{ plugin: plugin.name, rejection: { code: rejection.code, reasons } }]
    } catch (error) {
      throw pluginFailure(plugin.name, 'filter', error, place(node))
    }
  })
}
