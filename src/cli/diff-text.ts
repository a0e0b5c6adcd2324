import { SECOND, formatInstant } from '../base/time.ts'
import type { DetailedDecision } from '../report/diff/decision-difference.ts'
import type { RunManifest } from '../report/diff/manifest-difference.ts'
import type { MetricPair } from '../report/diff/metric-differences.ts'
import type { PodDifferences, PodFate } from '../report/diff/pod-differences.ts'
import { hasNodeDecisions } from '../report/diff/run-diff.ts'
import type { RunDiff } from '../report/diff/run-diff.ts'
import { numberText } from '../report/number-text.ts'
import { textTable } from './text-table.ts'

/** What has to be set for a run to record its decisions. */
const RECORDING = '--set spec.report.decisions=true --set spec.report.nodeDecisions=true'

/** Of long texts of the manifest, such as digests, so much is shown. */
const SHOWN_MAX = 60

/** The directories of the runs, and whether equal metrics are shown. */
export interface DiffTextOptions {
  readonly a: string
  readonly b: string
  readonly showsAll: boolean
}

/** How two runs differ, for people. */
export function diffText(diff: RunDiff, options: DiffTextOptions): string {
  const { a, b, showsAll } = options
  const metrics = diff.metrics.filter((pair) => showsAll || pair.a !== pair.b)
  const blocks = [
    [`A  ${a}${endText(diff.a)}`, `B  ${b}${endText(diff.b)}`],
    diff.isEqual ? [equalText(diff)] : [],
    diff.manifest.length === 0
      ? []
      : [
          'Made from',
          ...textTable(
            ['', 'A', 'B'],
            diff.manifest.map((one) => [one.field, shown(one.a), shown(one.b)]),
          ),
        ],
    metrics.length === 0
      ? []
      : ['Metrics', ...textTable(['metric', 'unit', 'A', 'B', 'B - A', '%'], metrics.map(metricRow))],
    diff.isEqual ? [] : ['Pods', ...podLines(diff.pods)],
    decisionLines(diff),
    diff.isEqual ? [] : recordingLines(diff, options),
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** What is there of a run that was stopped is compared with what is there of the other. */
function endText({ interrupted }: RunManifest): string {
  return interrupted ? '  (stopped before its end)' : ''
}

function equalText({ pods, metrics, comparesDecisions }: RunDiff): string {
  const decisions = comparesDecisions ? ' and all decisions' : ''
  return `The runs are equal: ${metrics.length} metrics, ${pods.common} pods${decisions}.`
}

function shown(text: string): string {
  if (text === '') return '-'
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`
}

function metricRow({ metric, unit, a, b }: MetricPair): (string | number)[] {
  const difference = a === undefined || b === undefined ? undefined : b - a
  const share =
    difference === undefined || a === 0 || a === undefined ? undefined : (100 * difference) / Math.abs(a)
  return [
    metric,
    unit === '' ? '-' : unit,
    a === undefined ? '-' : numeric(a),
    b === undefined ? '-' : numeric(b),
    difference === undefined ? '-' : numeric(difference),
    share === undefined ? '-' : numeric(Math.round(share * 100) / 100),
  ]
}

/** A number as the other tables print it, without separators that would make it a word. */
function numeric(value: number): number | string {
  const text = numberText(value)
  const plain = Number(text.replaceAll(',', ''))
  return Number.isNaN(plain) ? text : plain
}

function podLines(pods: PodDifferences): string[] {
  const { first } = pods
  const counts = [
    ['in both runs', pods.common],
    ['only in A', pods.onlyInA],
    ['only in B', pods.onlyInB],
    ['on another node', pods.otherNode],
    ['on the same node at another time', pods.otherBoundTime],
    ['with another outcome', pods.otherOutcome],
  ] as const
  const lines = textTable(
    ['', ''],
    counts.filter(([, count], index) => index === 0 || count > 0),
  ).slice(1)
  if (first === undefined) return lines
  if (pods.common === 0 && pods.onlyInA > 0 && pods.onlyInB > 0) {
    return [...lines, '  no pod of one run has the name of one of the other: they are of different workloads']
  }
  const attempt = first.attempt === 0 ? '' : ` (made anew ${first.attempt} times)`
  return [
    ...lines,
    `  the first to differ is ${first.pod}${attempt}: ${fateText(first.a)} in A, ${fateText(first.b)} in B`,
  ]
}

function fateText(fate: PodFate | undefined): string {
  if (fate === undefined) return 'not there'
  if (fate.boundSeconds === undefined) return 'never bound'
  return `on ${fate.node} at ${formatInstant(Math.round(fate.boundSeconds * SECOND))}`
}

function decisionLines({ decision, comparesDecisions, isEqual }: RunDiff): string[] {
  if (decision === undefined) {
    return comparesDecisions && !isEqual ? ['All decisions are equal.'] : []
  }
  const { a, b, because } = decision
  const index = (a ?? b)?.index ?? 0
  return [
    `The first decision that differs is number ${index + 1}`,
    `  A  ${decisionText(a)}`,
    `  B  ${decisionText(b)}`,
    'because',
    ...because.map((sentence) => `  ${sentence}`),
    ...scoreLines(a, b),
  ]
}

function decisionText(decision: DetailedDecision | undefined): string {
  if (decision === undefined) return 'none any more'
  const { timeSeconds, pod, outcome, node, attempt } = decision
  const at = formatInstant(Math.round(Number(timeSeconds) * SECOND))
  const where = node === '' ? '' : ` ${node}`
  return `${at}  ${pod}  ${outcome}${where}  (attempt ${attempt})`
}

/** What plugins gave the two nodes that were taken, a line a node and plugin. */
function scoreLines(a: DetailedDecision | undefined, b: DetailedDecision | undefined): string[] {
  if (a === undefined || b === undefined || a.pod !== b.pod) return []
  const nodes = [...new Set([a.node, b.node])].filter((node) => node !== '')
  const rows = nodes.flatMap((node) => {
    const inA = a.verdicts?.get(node)
    const inB = b.verdicts?.get(node)
    const plugins = [...new Set([...(inA?.scores.keys() ?? []), ...(inB?.scores.keys() ?? [])])]
    const score = (verdict: typeof inA, plugin: string): number | string =>
      verdict?.scores.get(plugin)?.weighted ?? '-'
    return [
      ...plugins.map((plugin) => [node, plugin, score(inA, plugin), score(inB, plugin)]),
      ...(plugins.length === 0 ? [] : [[node, 'total', inA?.total ?? '-', inB?.total ?? '-']]),
    ]
  })
  return rows.length === 0 ? [] : ['scores', ...textTable(['node', 'plugin', 'A', 'B'], rows)]
}

/** How to have decisions explained that were not recorded. */
function recordingLines({ a, b, comparesDecisions }: RunDiff, options: DiffTextOptions): string[] {
  if (comparesDecisions && hasNodeDecisions(options.a) && hasNodeDecisions(options.b)) return []
  const what = comparesDecisions ? 'what was said of each node' : 'decisions'
  return [
    `Not recorded in both runs: ${what}. To have the first that differs explained, run both again with`,
    ...[
      { command: a.command, out: `${options.a}-explained` },
      { command: b.command, out: `${options.b}-explained` },
    ].map(({ command, out }) => `  stowage ${command.join(' ')} ${RECORDING} --out ${out}`),
  ]
}
