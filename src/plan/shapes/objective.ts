import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import { formatDuration, parseDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { survivalQuestion } from '../survival-question.ts'
import type { SurvivalQuestion } from '../survival-question.ts'

/** What a cluster is to do. */
export type Objective =
  /** Every pod of the moment has a node at once. */
  | { readonly kind: 'all-scheduled'; readonly text: string }
  /** Of all pods of a run, this share waits less than a time from creation until it has a node. */
  | { readonly kind: 'pending'; readonly text: string; readonly quantile: number; readonly below: Micros }
  /** No workload breaks or dips when the domain is lost. */
  | { readonly kind: 'survive'; readonly text: string; readonly question: SurvivalQuestion }

/** Reads `all-scheduled`, `p99-pending<60s`, `max-pending<5m` or `survive:zone`. Throws `InputError`. */
export function parseObjective(text: string): Objective {
  if (text === 'all-scheduled') return { kind: 'all-scheduled', text }
  if (text.startsWith('survive:')) {
    return { kind: 'survive', text, question: survivalQuestion(text.slice('survive:'.length)) }
  }
  const { quantile, time } =
    /^(?<quantile>p\d{1,2}(?:\.\d+)?|max)-pending<(?<time>.+)$/.exec(text)?.groups ?? {}
  if (quantile !== undefined && time !== undefined) {
    if (/^[\d.]+$/.test(time)) {
      throw new InputError({
        field: '--objective',
        message: `"${text}": the time has no unit`,
        hint: `expected a time such as ${time}s`,
      })
    }
    const below = parseDuration(time, '--objective')
    if (below === 0 || Number(quantile.slice(1)) === 0) {
      throw new InputError({
        field: '--objective',
        message: `"${text}": ${below === 0 ? 'no pod waits less than no time' : 'a share of 0 % asks nothing'}`,
        hint: 'expected a share and a time above 0, as in p99-pending<60s',
      })
    }
    return {
      kind: 'pending',
      text,
      quantile: quantile === 'max' ? 1 : Number(quantile.slice(1)) / 100,
      below,
    }
  }
  const near = nearestWord(text, ['all-scheduled', 'survive:zone', 'p99-pending<60s', 'max-pending<5m'])
  throw new InputError({
    field: '--objective',
    message: `"${text}" is no objective`,
    hint: `${near === undefined ? '' : `did you mean ${near}? `}expected all-scheduled, p99-pending<60s, max-pending<5m, or survive:zone`,
  })
}

/** Words for a waiting time. */
export function waitText(wait: number): string {
  return formatDuration(Math.round(wait))
}
