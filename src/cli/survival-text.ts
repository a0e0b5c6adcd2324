import { MINUTE, SECOND, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { amountsText } from '../plan/free-room.ts'
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

/** The answer to a survival question for people: a table a loss, of the workloads that lose a replica or more, and why. */
export function survivalText(survival: Survival): string {
  const { question, at, horizon, losses, outcomes } = survival
  const count = outcomes.length === losses ? `all ${losses}` : `${outcomes.length} of ${losses}`
  const head = `survive ${question}: ${count} tried, at ${formatDuration(at)}, looked at for ${formatDuration(horizon)}`
  return `${[head, ...outcomes.flatMap(outcomeLines), '', conclusion(survival)].join('\n')}\n`
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

function conclusion({ outcomes }: Survival): string {
  const names = (verdict: string): readonly string[] => [
    ...new Set(
      outcomes.flatMap(({ workloads }) => workloads.filter((one) => one.verdict === verdict).map(nameOf)),
    ),
  ]
  const breaking = names('breaks')
  const dipping = names('dips').filter((name) => !breaking.includes(name))
  const all = new Set(outcomes.flatMap(({ workloads }) => workloads.map(nameOf))).size
  const keeping = all - breaking.length - dipping.length
  return [
    `${keeping} of ${counted(all, 'workload')} keep what they want`,
    ...(dipping.length > 0 ? [`fewer ready than wanted for a time: ${dipping.join(', ')}`] : []),
    ...(breaking.length > 0 ? [`not whole again: ${breaking.join(', ')}`] : []),
  ].join('; ')
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
