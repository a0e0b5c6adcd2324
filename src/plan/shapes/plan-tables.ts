import { csvText } from '../../report/csv.ts'
import type { Cell } from '../../report/csv.ts'
import type { JudgedMix, MixAnswer } from './find-mix.ts'
import { hourlyCost, mixText, monthlyCost } from './shape-mix.ts'

const COLUMNS = [
  'role',
  'mix',
  'shape',
  'count',
  'price_usd_per_hour',
  'cost_usd_per_hour',
  'cost_usd_per_month',
  'holds',
  'evidence',
]

/**
 * plan.csv: a row a shape of the answer, of each next smaller mix that fails, of the least counts of the shapes that were tried alone, and of
 * the most nodes of those where they do not do.
 */
export function planCsv({ best, smaller, shapes }: MixAnswer): string {
  const alone = shapes.flatMap(({ answer }) => answer ?? [])
  const vain = shapes.flatMap(({ most }) => most ?? [])
  const rows = [
    ...(best === undefined ? [] : rowsOf('answer', best)),
    ...smaller.flatMap((mix) => rowsOf('next-smaller', mix)),
    ...alone.flatMap((mix) => rowsOf('one-shape', mix)),
    ...vain.flatMap((mix) => rowsOf('most-nodes', mix)),
  ]
  return csvText([COLUMNS, ...rows])
}

function rowsOf(role: string, judged: JudgedMix): readonly Cell[][] {
  const { mix, holds } = judged
  const evidence = evidenceOf(judged)
  if (mix.length === 0) return [[role, mixText(mix), '', 0, undefined, 0, 0, holds, evidence]]
  return mix.map(({ shape, count }) => {
    const hourly = hourlyCost([{ shape, count }])
    return [role, mixText(mix), shape.name, count, shape.price, hourly, monthlyCost(hourly), holds, evidence]
  })
}

/** What was seen, objective by objective. */
function evidenceOf({ verdicts }: JudgedMix): string {
  return verdicts
    .map(({ objective, evidence }) => (objective === '' ? evidence : `${objective}: ${evidence}`))
    .join('; ')
}

/** plan.json: the answer as it is. */
export function planJson(answer: MixAnswer): string {
  return `${JSON.stringify(answer, undefined, 2)}\n`
}
