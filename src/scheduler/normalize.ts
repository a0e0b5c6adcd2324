import { SCORE_MAX } from './framework/plugin.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { PluginError } from './plugin-call.ts'
import type { PluginPlace } from './plugin-call.ts'

/**
 * Brings raw scores to 0 … 100 in place, as the plugin says.
 *
 * By maximum: `100 × score / max` rounded down, reversed `100 -` that; all 0 stays 0, or is 100 when reversed.
 * Source: kube-scheduler v1.37, plugins/helper `DefaultNormalizeScore`.
 */
export function normalizeScores(
  plugin: SchedulerPlugin,
  scores: number[],
  found: readonly NodeIndex[],
  term: unknown,
  state: unknown,
): void {
  const { normalize } = plugin
  if (normalize === undefined || normalize === 'none') return
  if (typeof normalize === 'function') normalize(scores, found, term, state)
  else scaleByMaximum(scores, normalize === 'by-maximum-reversed')
}

function scaleByMaximum(scores: number[], isReversed: boolean): void {
  let maximum = 0
  for (const score of scores) if (score > maximum) maximum = score
  for (let i = 0; i < scores.length; i++) {
    const scaled = maximum === 0 ? 0 : Math.trunc((SCORE_MAX * (scores[i] ?? 0)) / maximum)
    scores[i] = isReversed ? SCORE_MAX - scaled : scaled
  }
}

/** Refuses scores that are no integers from 0 to 100, naming plugin, pod and node. */
export function checkScores(
  { name, normalize }: Pick<SchedulerPlugin, 'name' | 'normalize'>,
  scores: readonly number[],
  place: (position: number) => PluginPlace,
): void {
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]
    if (score !== undefined && Number.isInteger(score) && score >= 0 && score <= SCORE_MAX) continue
    throw new PluginError(
      name,
      {
        method: typeof normalize === 'function' ? 'normalize' : 'score',
        outcome: ` is ${String(score)}; expected an integer from 0 to ${SCORE_MAX} after normalisation`,
      },
      place(i),
    )
  }
}
