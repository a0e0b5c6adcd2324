import { SECOND, formatDuration } from '../base/time.ts'
import type {
  Change,
  Explanation,
  FeasibleNode,
  PreemptionOutcome,
  RejectedNode,
  SeenDecision,
} from '../run/explain/explanation.ts'
import { headingLines, textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** Names of nodes told in one line. */
const NAMES_SHOWN = 5

/** An explanation for people: the verdict, a table of nodes, what would change it; `shown` bounds each table. */
export function explanationText(explanation: Explanation, shown: number): readonly string[] {
  return [
    ...verdict(explanation),
    ...explanation.notes.map((note) => `  note: ${note}`),
    ...decisionLines(explanation.decisions),
    ...scoreTable(explanation, shown),
    ...rejectionTable(explanation, shown),
    ...changeLines(explanation.changes, shown),
    ...preemptionLines(explanation, shown),
  ]
}

function verdict(explanation: Explanation): string[] {
  const { pod, outcome, basis, node, message, stoppedBy, at } = explanation
  const when = at === 0 ? '' : ` at ${seconds(at)}`
  switch (outcome) {
    case 'fits':
      return basis === 'decision'
        ? [`${pod} goes to ${node}${when}`]
        : [`${pod} fits${when}: it would go to ${node}`]
    case 'gated':
      return [`${pod} is kept out of the queue by ${stoppedBy}: ${message}`]
    case 'ignored':
      return [`${pod} is scheduled by nobody: ${message}`]
    case 'refused':
      return [`${pod} is not admitted: ${message}`]
    case 'unschedulable': {
      const by = stoppedBy === '' ? '' : `\n  ${stoppedBy} ended the cycle before any node was looked at`
      return [`${pod} is unschedulable${when}: ${message}${by}`]
    }
  }
}

function seconds(time: number): string {
  return formatDuration(Math.round(time * SECOND))
}

/** The attempts, when they came to different ends, or one of them made room. */
function decisionLines(decisions: readonly SeenDecision[]): string[] {
  const outcomes = new Set(decisions.map(({ outcome }) => outcome))
  if (outcomes.size < 2 && !outcomes.has('nominated')) return []
  const rows = decisions.map(({ at, attempt, outcome, node, feasible, evaluated, victims }) => {
    const made = victims.length === 0 ? '' : `preempted ${victims.join(', ')}`
    return [attempt, seconds(at), outcome, node === '' ? '-' : node, `${feasible}/${evaluated}`, made]
  })
  return ['', 'attempts:', ...textTable(['ATTEMPT', 'AT', 'OUTCOME', 'NODE', 'FEASIBLE', ''], rows)]
}

function scoreTable(explanation: Explanation, shown: number): string[] {
  const { feasible, ties, node, notLookedAt } = explanation
  if (feasible.length === 0) return []
  const sampled = notLookedAt === 0 ? '' : `; the search did not come to ${notLookedAt}`
  const found = `${feasible.length} of ${nodesLookedAt(explanation)} fit${sampled}:`
  const [first] = feasible
  if (first === undefined || first.scores.length === 0) {
    return ['', found, `  ${feasible.map((one) => one.node).join(', ')}, taken without being scored`]
  }
  const plugins = first.scores.map(({ plugin }) => plugin)
  const listed = atTop(feasible, node, shown)
  const rows = listed.map((one) => [
    one.node === node ? `${one.node} *` : one.node,
    one.total ?? '-',
    one.behind,
    ...one.scores.map(scoreText),
  ])
  const headings = ['NODE', 'TOTAL', 'BEHIND', ...plugins.map(headingLines)]
  const tied = ties.length > 1 ? [`  ${ties.length} nodes tie for the best: ${namesOf(ties)}`] : []
  return [
    '',
    `${found}  (* chosen; raw→normalised×weight=points)`,
    ...textTable(headings, rows),
    ...more(feasible.length - listed.length),
    ...tied,
  ]
}

/** The first `shown`, with the chosen one among them. */
function atTop(feasible: readonly FeasibleNode[], chosen: string, shown: number): readonly FeasibleNode[] {
  const top = feasible.slice(0, Math.max(1, shown))
  const own = feasible.find(({ node }) => node === chosen)
  return own === undefined || top.includes(own) ? top : [...top.slice(0, -1), own]
}

function scoreText({ raw, normalized, weight, weighted }: FeasibleNode['scores'][number]): string {
  const value = raw === normalized ? String(raw) : `${raw}→${normalized}`
  return weight === 1 ? value : `${value}×${weight}=${weighted}`
}

function nodesLookedAt({ nodeCount, notLookedAt }: Explanation): string {
  return notLookedAt === 0 ? `${nodeCount} nodes` : `the ${nodeCount - notLookedAt} nodes looked at`
}

function rejectionTable(explanation: Explanation, shown: number): string[] {
  const { rejected, basis } = explanation
  if (rejected.length === 0) return []
  const rows = rejected
    .slice(0, Math.max(1, shown))
    .map((one): TextCell[] => [
      one.node,
      one.code,
      one.plugin === '' ? 'PreFilter' : one.plugin,
      reasonText(one),
    ])
  return [
    '',
    `${rejected.length} of ${nodesLookedAt(explanation)} do not fit${basis === 'decision' ? '' : ', nearest first'}:`,
    ...textTable(['NODE', 'VERDICT', 'PLUGIN', 'REASON'], rows),
    ...more(rejected.length - rows.length),
  ]
}

/** The reasons; and what other plugins would say, which the scheduler does not ask any more. */
function reasonText({ plugin, reasons, obstacles }: RejectedNode): string {
  const others = obstacles.filter((obstacle) => obstacle.plugin !== plugin)
  const also = others.map((obstacle) => `${obstacle.plugin}: ${obstacle.reasons.join(', ')}`)
  return also.length === 0 ? reasons.join(', ') : `${reasons.join(', ')} (also ${also.join('; ')})`
}

function changeLines(changes: readonly Change[], shown: number): string[] {
  if (changes.length === 0) return []
  const lines = changes.slice(0, Math.max(1, shown)).map(changeText)
  return ['', 'what would change it:', ...lines, ...more(changes.length - lines.length)]
}

function changeText({ text, opens, alsoNeededOn }: Change): string {
  const names = [...opens, ...alsoNeededOn]
  const isOfOneNode = names.length === 1 && text.startsWith(`${names[0] ?? ''} `)
  if (isOfOneNode) return `  ${text}${opens.length === 0 ? ', and more is in the way there' : ''}`
  const opened = opens.length === 0 ? '' : `opens ${namesOf(opens)}`
  const needed = alsoNeededOn.length === 0 ? '' : `needed on ${namesOf(alsoNeededOn)}, with more besides`
  const parts = [opened, needed].filter((part) => part !== '')
  return parts.length === 0 ? `  ${text}` : `  ${text}: ${parts.join('; ')}`
}

function preemptionLines({ preemption, rejected, stoppedBy }: Explanation, shown: number): string[] {
  if (preemption === undefined) return []
  const { nominatedNode, victims, message, ties } = preemption
  const chosen = `  it would preempt ${victims.join(', ')} on ${nominatedNode}`
  const tied = ties.length > 1 ? [`  equal candidates: ${namesOf(ties)}`] : []
  const outcomes = rejected.flatMap((one) => (one.preemption === undefined ? [] : [one]))
  const sorted = [...outcomes].sort((one, other) => rank(one) - rank(other))
  const rows = sorted
    .slice(0, Math.max(1, shown))
    .map((one) => [one.node, ...preemptionCells(one.preemption)])
  const head = nominatedNode === '' ? [] : [chosen, ...tied]
  if (rows.length === 0 || stoppedBy !== '') {
    return ['', 'preemption:', `  ${message.replace(/^preemption: /, '')}`, ...head]
  }
  const table = textTable(['NODE', 'CANDIDATE', 'VICTIMS, OR WHY NOT'], rows)
  return ['', 'preemption:', ...head, ...table, ...more(sorted.length - rows.length)]
}

function rank({ preemption }: RejectedNode): number {
  return preemption?.candidate === true ? 0 : 1
}

function preemptionCells(outcome: PreemptionOutcome | undefined): string[] {
  if (outcome === undefined) return ['', '']
  if (!outcome.candidate) return ['no', outcome.reasons.join(', ')]
  const { victims, budgetViolations } = outcome
  const budget = budgetViolations === 0 ? '' : ` (${budgetViolations} against their disruption budget)`
  return ['yes', `${victims.join(', ')}${budget}`]
}

function more(count: number): string[] {
  return count > 0 ? [`  … and ${count} more (--all shows them)`] : []
}

function namesOf(names: readonly string[]): string {
  const told = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${told} and ${names.length - NAMES_SHOWN} more` : told
}
