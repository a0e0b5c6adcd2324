import { MINUTE, SECOND, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { amountsText } from '../plan/free-room.ts'
import { lossesByHarm, workloadSummaries } from '../plan/survival-summary.ts'
import type { LossSummary, WorkloadSummary } from '../plan/survival-summary.ts'
import type { LossOutcome, Survival, WorkloadSurvival } from '../plan/survive.ts'
import { textTable } from './text-table.ts'

const HEADINGS = [
  'WORKLOAD',
  ['', 'REPLICAS'],
  ['WANTED', 'READY'],
  ['', 'LOST'],
  ['LEAST', 'READY'],
  ['READY IN', 'THE END'],
  ['WHOLE', 'AFTER'],
  ['REPLICA', 'MINUTES'],
  'VERDICT',
]

const SUMMARY_HEADINGS = [
  'WORKLOAD',
  ['', 'REPLICAS'],
  ['WANTED', 'READY'],
  ['LEAST', 'READY'],
  ['LOSSES', 'BREAKING'],
  ['LOSSES', 'DIPPING'],
  'VERDICT',
  ['WORST', 'LOSS'],
]

/** Losses that are shown unless all are. */
const SHOWN = 10

/**
 * The answer to a survival question for people: a table of the workloads, each after its worst loss, then a table a loss of the
 * workloads that lose a replica or more, and why; of the worst losses in which something breaks or dips, or of all.
 */
export function survivalText(survival: Survival, showsAll: boolean): string {
  const { question, at, horizon, losses, outcomes } = survival
  const count = outcomes.length === losses ? `all ${losses}` : `${outcomes.length} of ${losses}`
  const head = `survive ${question}: ${count} tried, at ${formatDuration(at)}, looked at for ${formatDuration(horizon)}`
  const ranked = lossesByHarm(survival)
  const harmful = ranked.filter(({ breaks, dips }) => breaks + dips > 0)
  const shown = new Set((showsAll ? ranked : harmful.slice(0, SHOWN)).map(({ outcome }) => outcome))
  const summaries = workloadSummaries(survival)
  const lines = [
    head,
    ...(summaries.length === 0 ? [] : ['', ...textTable(SUMMARY_HEADINGS, summaries.map(summaryCells))]),
    // As they were tried.
    ...outcomes.flatMap((outcome) => (shown.has(outcome) ? outcomeLines(outcome) : [])),
    '',
    ...omittedLines(harmful.length, ranked.length, showsAll),
    conclusion(summaries),
    ...worstLines(ranked[0]),
  ]
  return `${lines.join('\n')}\n`
}

function summaryCells({ worst, loss, breaks, dips }: WorkloadSummary): readonly (string | number)[] {
  const { replicas, wanted, least, verdict } = worst
  const isHit = verdict !== 'keeps' || worst.lost > 0
  return [nameOf(worst), replicas, wanted, least, breaks, dips, verdict, isHit ? loss : '-']
}

/** What is not shown of the losses. */
function omittedLines(harmful: number, all: number, showsAll: boolean): readonly string[] {
  const [worse, others] = [Math.max(0, harmful - SHOWN), all - harmful]
  if (showsAll || worse + others === 0) return []
  return [
    [
      ...(worse > 0 ? [`${worse} more in which something breaks or dips`] : []),
      ...(others > 0 ? [`${others} in which all workloads keep what they want`] : []),
    ].join(', ') + ': see --all',
  ]
}

function outcomeLines({ name, nodes, room, workloads }: LossOutcome): readonly string[] {
  const touched = workloads.filter(({ lost, verdict }) => lost > 0 || verdict !== 'keeps')
  const short = room.short === '' ? 'enough if it can be used' : `short of ${room.short}`
  const loss = `${name}: ${counted(nodes.length, 'node')}, ${counted(room.asked.pods, 'replica')}`
  const asked = `${amountsText(room.asked)} asked for, ${amountsText(room.free)} free elsewhere: ${short}`
  if (touched.length === 0) return ['', `${loss}; no workload loses a replica`]
  return [
    '',
    loss,
    `  ${asked}`,
    ...textTable(HEADINGS, touched.map(cellsOf)),
    ...touched.flatMap(reasonLines),
  ]
}

function cellsOf(one: WorkloadSurvival): readonly (string | number)[] {
  const whole = one.wholeAfter === undefined ? 'never' : formatDuration(roundedSeconds(one.wholeAfter))
  const minutes = Math.round((one.missing / MINUTE) * 10) / 10
  return [nameOf(one), one.replicas, one.wanted, one.lost, one.least, one.now, whole, minutes, one.verdict]
}

function reasonLines(one: WorkloadSurvival): readonly string[] {
  return one.reason === '' ? [] : [`  ${nameOf(one)} ${one.verdict}: ${one.reason}`]
}

function conclusion(summaries: readonly WorkloadSummary[]): string {
  const names = (verdict: string): readonly string[] =>
    summaries.filter(({ worst }) => worst.verdict === verdict).map(({ worst }) => nameOf(worst))
  const [breaking, dipping] = [names('breaks'), names('dips')]
  const keeping = summaries.length - breaking.length - dipping.length
  return [
    `${keeping} of ${counted(summaries.length, 'workload')} keep what they want`,
    ...(dipping.length > 0 ? [`fewer ready than wanted for a time: ${dipping.join(', ')}`] : []),
    ...(breaking.length > 0 ? [`not whole again: ${breaking.join(', ')}`] : []),
  ].join('; ')
}

function worstLines(worst: LossSummary | undefined): readonly string[] {
  if (worst === undefined) return []
  const { outcome, breaks, dips } = worst
  const said = [
    ...(breaks > 0 ? [`${breaks} ${breaks === 1 ? 'breaks' : 'break'}`] : []),
    ...(dips > 0 ? [`${dips} ${dips === 1 ? 'dips' : 'dip'}`] : []),
  ]
  const of = `of ${counted(outcome.workloads.length, 'workload')}`
  return [
    `worst loss: ${outcome.name}: ${said.length === 0 ? `none ${of} breaks or dips` : `${said.join(', ')} ${of}`}`,
  ]
}

function nameOf({ kind, namespace, name }: WorkloadSurvival): string {
  return `${kind} ${namespace}/${name}`
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function roundedSeconds(span: Micros): Micros {
  return Math.round(span / SECOND) * SECOND
}
