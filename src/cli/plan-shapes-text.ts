import path from 'node:path'

import { formatInstant } from '../base/time.ts'
import type { StaticWorkload } from '../plan/packing/static-workload.ts'
import type { Catalogue } from '../plan/shapes/catalogue.ts'
import type { JudgedMix, MixAnswer, ShapeResult } from '../plan/shapes/find-mix.ts'
import type { Objective } from '../plan/shapes/objective.ts'
import { hourlyCost, mixText, monthlyCost } from '../plan/shapes/shape-mix.ts'
import { utilisationOf } from '../plan/shapes/utilisation.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** What is told of a plan. */
export interface ToldPlan {
  readonly answer: MixAnswer
  readonly workload: StaticWorkload
  readonly objectives: readonly Objective[]
  readonly catalogue: Catalogue
  /** Shapes that were looked at. */
  readonly shapes: number
  readonly shapesMax: number
  readonly nodesMax: number
}

/** Shapes alone that are shown. */
const SHOWN = 10

/** A plan for people: the answer with its cost, what it was seen to do, and what the next smaller fails at. */
export function planShapesText(told: ToldPlan): string {
  const { answer, workload, objectives, catalogue, shapes, shapesMax, nodesMax } = told
  const { best, smaller, bound, tried } = answer
  const at = workload.at === undefined ? 'all pods' : `at ${formatInstant(workload.at)}`
  const count = shapes === 1 ? '1 shape' : `${shapes} shapes`
  const head = [
    `plan for ${workload.pods.length.toLocaleString('en')} pods (${at}): ${objectives.map(({ text }) => text).join(', ')}`,
    `${count} of ${catalogue.shapes.length} in ${path.basename(catalogue.file)}, at most ${shapesMax} in the answer; ${tried} simulations`,
    '',
  ]
  if (best === undefined) return `${[...head, ...whyNothing(answer, nodesMax)].join('\n')}\n`
  const lines = [
    ...head,
    ...textTable(['SHAPE', 'COUNT', ['USD', 'AN HOUR'], ['USD', 'A MONTH']], costRows(best)),
    '',
    boundLine(best.hourly, bound),
    utilisationLine(best, workload),
    ...best.verdicts.map(({ objective, evidence }) => `meets ${objective}: ${evidence}`),
    '',
    ...smaller.flatMap((mix) => smallerLines(mix)),
    ...anomalyLines(answer.shapes),
    ...aloneLines(answer.shapes),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function costRows({ mix, hourly }: JudgedMix): readonly TextCell[][] {
  const rows = mix.map((one): TextCell[] => {
    const cost = hourlyCost([one])
    return [one.shape.name, one.count, dollars(cost, 3), dollars(monthlyCost(cost), 0)]
  })
  if (mix.length === 1) return rows
  const nodes = mix.reduce((sum, { count }) => sum + count, 0)
  return [...rows, ['together', nodes, dollars(hourly, 3), dollars(monthlyCost(hourly), 0)]]
}

function dollars(amount: number, digits: number): number {
  return Number(amount.toFixed(digits))
}

function boundLine(hourly: number, bound: number | undefined): string {
  if (bound === undefined) return 'no bound is proven: the objectives do not ask for all pods at once'
  const gap = ((hourly / bound - 1) * 100).toFixed(1)
  return `proven: nothing that holds all pods costs less than ${dollars(bound, 3)} an hour; the answer is ${gap} % above`
}

function utilisationLine(best: JudgedMix, workload: StaticWorkload): string {
  const shares = utilisationOf(best.mix, workload).map(
    ({ resource, share }) => `${resource} ${(share * 100).toFixed(1)} %`,
  )
  return `requested of what the nodes have: ${shares.join(', ')}`
}

function smallerLines({ mix, verdicts, holds }: JudgedMix): readonly string[] {
  if (holds) return [`${mixText(mix)}: does, too, though it is smaller`]
  const failed = verdicts.find((verdict) => !verdict.holds)
  return [`${mixText(mix)} fails ${failed?.objective ?? ''}:`, `  ${failed?.evidence ?? ''}`]
}

function anomalyLines(shapes: readonly ShapeResult[]): readonly string[] {
  return shapes.flatMap(({ shape, anomalies }) =>
    anomalies === 0
      ? []
      : [`${shape.name}: near its count a node more or less did the opposite of what it should`],
  )
}

function whyNothing({ unplaceable, shapes, interrupted }: MixAnswer, nodesMax: number): readonly string[] {
  const impossible = unplaceable === undefined ? [] : [`no shape takes the pod ${unplaceable}`]
  if (interrupted) return ['interrupted: nothing that meets the objectives was found by then']
  if (shapes.length === 0) return impossible
  const none = `nothing up to ${nodesMax.toLocaleString('en')} nodes meets the objectives`
  const left = shapes.length - SHOWN
  return [
    none,
    ...impossible,
    ...shapes.slice(0, SHOWN).flatMap((result) => failureLines(result, nodesMax)),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ]
}

/** Why a shape alone does not do. */
function failureLines({ shape, outcome, most, bound }: ShapeResult, nodesMax: number): readonly string[] {
  if (most !== undefined) return smallerLines(most)
  if (outcome === 'too-small') return [`${shape.name}: some pod does not fit on it`]
  if (outcome === 'none' && (bound ?? 0) > nodesMax) {
    const least = Number.isFinite(bound) ? `at least ${bound?.toLocaleString('en') ?? ''}` : 'more than that'
    return [`${shape.name}: it is proven that it needs ${least}`]
  }
  return [`${shape.name}: not up to the most nodes`]
}

function aloneLines(shapes: readonly ShapeResult[]): readonly string[] {
  if (shapes.length < 2) return []
  const shown = shapes
    .slice(0, SHOWN)
    .map(({ shape, bound, answer, outcome }): TextCell[] => [
      shape.name,
      bound === undefined || !Number.isFinite(bound) ? '-' : bound,
      answer?.mix[0]?.count ?? '-',
      answer === undefined ? '-' : dollars(answer.hourly, 3),
      OUTCOMES[outcome],
    ])
  const left = shapes.length - shown.length
  return [
    '',
    'each shape alone, the cheapest bound first:',
    ...textTable(['SHAPE', ['PROVEN', 'LEAST'], ['FOUND', 'LEAST'], ['USD', 'AN HOUR'], ''], shown),
    ...(left === 0 ? [] : [`  and ${left} more`]),
  ]
}

const OUTCOMES: Readonly<Record<ShapeResult['outcome'], string>> = {
  found: '',
  dearer: 'even the bound costs more than the answer',
  'too-small': 'some pod does not fit on it',
  none: 'not up to the most nodes',
  interrupted: 'interrupted',
}
