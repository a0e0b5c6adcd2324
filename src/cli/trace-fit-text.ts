import { stringify } from 'yaml'

import type { FailureFit } from '../failure/fit/failure-fit.ts'
import { familyOf } from '../failure/fit/sample-fit.ts'
import type { FamilyFit, SampleFit } from '../failure/fit/sample-fit.ts'
import type { FamilyName } from '../failure/fit/family-names.ts'
import type { TraceFit } from './trace-fit.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** What `stowage trace fit` prints: a table of the systems, how well each distribution fits, and a part of a scenario. */
export function failureFitText(file: string, { fits, skipped, nodeCrash }: TraceFit): string {
  const detailed = fits.slice(-1)
  const lines = [
    file,
    ...[...skipped].map(([reason, count]) => `  ${count} rows were left out: ${reason}`),
    '',
    'Failures by system, and their maximum likelihood fits. Times in hours; spans of no length are left out of fits.',
    ...systemTable(fits),
    '',
    ...causeLines(detailed[0]),
    ...detailed.flatMap(goodnessLines),
    ...scenarioLines(nodeCrash),
  ]
  return `${lines.join('\n')}\n`
}

const SYSTEM_HEADINGS = [
  'system',
  'machines',
  'records',
  'years',
  ['per', 'year'],
  ['between', 'mean'],
  ['Weibull', 'shape'],
  'scale',
  'best',
  ['a machine', 'mean'],
  ['Weibull', 'shape'],
  'best',
  ['repair', 'mean'],
  'median',
  ['lognormal', 'mu'],
  'sigma',
  'best',
]

function systemTable(fits: readonly FailureFit[]): readonly string[] {
  const rows = fits.map((fit): readonly TextCell[] => {
    const { timeBetweenFailures: between, perMachine, repair } = fit
    return [
      fit.system,
      fit.machines,
      fit.records,
      fit.years.toFixed(2),
      fit.perYear.toFixed(0),
      digits(between.mean),
      parameter(between, 'weibull', 'shape'),
      digits(familyOf(between, 'weibull')?.parameters['scale']),
      between.best ?? '-',
      digits(perMachine.mean),
      parameter(perMachine, 'weibull', 'shape'),
      perMachine.best ?? '-',
      digits(repair.mean),
      digits(repair.median),
      parameter(repair, 'lognormal', 'mu'),
      parameter(repair, 'lognormal', 'sigma'),
      repair.best ?? '-',
    ]
  })
  return textTable(SYSTEM_HEADINGS, rows)
}

/** Four digits that matter. */
function digits(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(4)))
}

function parameter(fit: SampleFit, family: FamilyName, name: string): string {
  const value = familyOf(fit, family)?.parameters[name]
  return value === undefined ? '-' : value.toFixed(3)
}

function causeLines(fit: FailureFit | undefined): readonly string[] {
  if (fit === undefined || fit.causes.size < 2) return []
  const shares = [...fit.causes].map(
    ([cause, count]) => `${cause} ${((100 * count) / fit.records).toFixed(1)} %`,
  )
  return [`Causes: ${shares.join(', ')}.`, '']
}

const GOODNESS_HEADINGS = [
  'distribution',
  'parameters',
  'mean',
  '-ln L',
  'AIC',
  'KS distance',
  'KS p',
  'Anderson-Darling',
]

function goodnessLines(fit: FailureFit): readonly string[] {
  return [
    ...goodnessOfSample(`Time between failures of system ${fit.system}`, fit.timeBetweenFailures),
    ...goodnessOfSample(`Time between failures of a machine of ${fit.system}`, fit.perMachine),
    ...goodnessOfSample(`Repair time of ${fit.system}`, fit.repair),
  ]
}

function goodnessOfSample(title: string, sample: SampleFit): readonly string[] {
  if (sample.count === 0) return []
  const zeros = sample.zeros === 0 ? '' : `, ${sample.zeros} of them 0`
  const spread = `mean ${digits(sample.mean)}, median ${digits(sample.median)}, deviation ${digits(sample.deviation)}`
  const best = sample.best === undefined ? 'nothing fits' : `best by AIC: ${sample.best}`
  const rows = sample.families.map((family): readonly TextCell[] => [
    family.name,
    parametersText(family),
    digits(family.mean),
    family.negativeLogLikelihood.toFixed(1),
    family.aic.toFixed(1),
    family.distance.toFixed(4),
    family.distanceProbability.toPrecision(2),
    digits(family.andersonDarling),
  ])
  const table = rows.length === 0 ? [] : textTable(GOODNESS_HEADINGS, rows)
  return [`${title}: ${sample.count} spans${zeros}; ${spread}; ${best}`, ...table, '']
}

function parametersText({ parameters }: FamilyFit): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${digits(value)}`)
    .join(', ')
}

function scenarioLines(nodeCrash: TraceFit['nodeCrash']): readonly string[] {
  if (nodeCrash === undefined) return ['Too little failed for a part of a scenario.']
  const yaml = stringify({ failures: [nodeCrash] }).trimEnd()
  const note = 'For a scenario, under spec: the shapes that fit best, and the means observed.'
  return [note, ...yaml.split('\n').map((line) => `  ${line}`)]
}
