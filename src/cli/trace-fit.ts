import { Document, isScalar } from 'yaml'

import { InputError } from '../base/errors.ts'
import { RandomStreams } from '../base/random.ts'
import type { FamilyName } from '../failure/fit/family-names.ts'
import { YEAR, fitSystem, fitTogether } from '../failure/fit/failure-fit.ts'
import type { FailureFit } from '../failure/fit/failure-fit.ts'
import { readFailureHistory } from '../failure/fit/failure-history.ts'
import type { SystemHistory } from '../failure/fit/failure-history.ts'
import { fittedNodeCrash } from '../failure/fit/fitted-scenario.ts'
import type { FamilyChoice, FittedNodeCrash } from '../failure/fit/fitted-scenario.ts'
import { EVENT_TRACE_HEADER, eventTraceRow, generatedFailures } from '../failure/fit/generated-failures.ts'
import type { GeneratedFailure } from '../failure/fit/generated-failures.ts'
import { unknownSystem } from '../failure/failure-trace.ts'
import type { FailureTraceFormat } from '../failure/failure-rows.ts'
import { writeOutput } from '../report/output-file.ts'
import { positiveNumber } from './flag-number.ts'
import type { CommandIo } from './io.ts'
import type { QuietFlags } from './quiet-flag.ts'
import { refuseTakenFile } from './taken-file.ts'
import { failureFitText } from './trace-fit-text.ts'

/** Flags of `stowage trace fit`, as commander hands them over. */
export interface FitFlags extends QuietFlags {
  readonly format: FailureTraceFormat
  readonly system?: readonly string[]
  readonly between?: FamilyName
  readonly repair?: FamilyName
  readonly json?: boolean
  readonly out?: string
  readonly generate?: string
  readonly years: string
  readonly seed: string
  readonly force?: boolean
}

/** The fits of a failure trace, and what a scenario makes of them. */
export interface TraceFit {
  readonly histories: readonly SystemHistory[]
  /** One a system, and `all` at the end where there are several. */
  readonly fits: readonly FailureFit[]
  readonly skipped: ReadonlyMap<string, number>
  /** Of the last fit: the only system, or all together; undefined where too little failed. */
  readonly nodeCrash: FittedNodeCrash | undefined
}

/** Fits a failure trace, prints what came of it, and writes the scenario and the generated trace that were asked for. */
export async function fitTrace(file: string, flags: FitFlags, io: CommandIo): Promise<void> {
  for (const out of [flags.out, flags.generate]) {
    if (out !== undefined) refuseTakenFile(out, flags.force === true)
  }
  const years = positiveNumber('--years', flags.years)
  const choice: FamilyChoice = { between: flags.between, repair: flags.repair }
  const fit = await traceFitOf(file, flags, choice)
  const isTold = flags.quiet !== true
  if (flags.json === true) io.stdout.write(`${JSON.stringify(jsonOf(fit), undefined, 2)}\n`)
  else if (isTold) io.stdout.write(failureFitText(file, fit))
  if (flags.out !== undefined) {
    writeOutput(flags.out, scenarioText(fit, commandOf(file, flags)))
    if (isTold) io.stderr.write(`wrote ${flags.out}\n`)
  }
  if (flags.generate !== undefined) {
    const random = new RandomStreams(flags.seed)
    const rows = generatedRows(fit, { random, until: Math.round(years * YEAR), choice })
    writeOutput(flags.generate, `${[EVENT_TRACE_HEADER, ...rows].join('\n')}\n`)
    if (isTold) io.stderr.write(`wrote ${flags.generate}: ${rows.length} failures (format grid5000)\n`)
  }
}

async function traceFitOf(file: string, flags: FitFlags, choice: FamilyChoice): Promise<TraceFit> {
  const { systems, skipped } = await readFailureHistory(file, flags.format)
  const asked = flags.system ?? systems.map(({ system }) => system)
  const histories = asked.map((name) => {
    const found = systems.find(({ system }) => system === name)
    if (found !== undefined) return found
    throw unknownSystem(
      file,
      name,
      systems.map(({ system }) => system),
    )
  })
  if (histories.length === 0) throw new InputError({ file, message: 'there is no failure in it' })
  const fits = histories.map(fitSystem)
  if (histories.length > 1) fits.push(fitTogether('all', histories))
  const last = fits.at(-1)
  const hasFits = last?.repair.best !== undefined && last.timeBetweenFailures.best !== undefined
  return { histories, fits, skipped, nodeCrash: hasFits ? fittedNodeCrash(last, choice) : undefined }
}

/** The command that fits again what was fitted here, from the same place. */
function commandOf(file: string, { format, system = [], between, repair }: FitFlags): string {
  const choices = Object.entries({ between, repair }).flatMap(([name, family]) =>
    family === undefined ? [] : [`--${name}`, family],
  )
  const words = [file, '--format', format, ...system.flatMap((name) => ['--system', name]), ...choices]
  return ['stowage trace fit', ...words.map(shellWord)].join(' ')
}

/** A word as a shell takes it. */
function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** What `age` says, for who reads the file. */
const AGE_COMMENT =
  ' how long nodes have run when a run starts; were all new, more would fail in the first year'

/** A scenario of as many nodes as failed in the trace, over a year; with its failures. */
function scenarioText(fit: TraceFit, origin: string): string {
  const last = fit.fits.at(-1)
  if (fit.nodeCrash === undefined || last === undefined) {
    throw new InputError({ field: '--out', message: 'too little failed to fit a model to it' })
  }
  const nodes = Math.max(1, last.machines)
  const scenario = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: `fitted-${last.system.replaceAll(/[^A-Za-z0-9]+/g, '-')}` },
    spec: {
      until: '365d',
      nodes: [{ template: { count: nodes, shape: '4:16Gi' } }],
      failures: [fit.nodeCrash],
    },
  }
  const perYear = last.perYear.toFixed(1)
  const comment = ` Fitted by: ${origin}\n System ${last.system}: ${perYear} failures a year, ${last.records} records.`
  const document = new Document(scenario)
  const age = document.getIn(['spec', 'failures', 0, 'nodeCrash', 'age'], true)
  if (isScalar(age)) age.comment = AGE_COMMENT
  return `${comment.replaceAll(/^/gm, '#')}\n${document.toString()}`
}

/** Failures of all systems, in order of time. */
function generatedRows(
  { histories, fits }: TraceFit,
  setting: { readonly random: RandomStreams; readonly until: number; readonly choice: FamilyChoice },
): readonly string[] {
  const failures: { readonly system: string; readonly failure: GeneratedFailure }[] = []
  histories.forEach((history, index) => {
    const fit = fits[index]
    if (fit === undefined) return
    for (const failure of generatedFailures({ fit, history }, setting)) {
      failures.push({ system: fit.system, failure })
    }
  })
  return failures
    .toSorted((one, other) => one.failure.at - other.failure.at)
    .map(({ system, failure }, index) => eventTraceRow(index, system, failure))
}

/** The fits as plain data: maps as objects, without functions. */
function jsonOf({ fits, skipped, nodeCrash }: TraceFit): unknown {
  return {
    systems: fits.map(({ causes, ...fit }) => ({ ...fit, causes: Object.fromEntries(causes) })),
    skipped: Object.fromEntries(skipped),
    failures: nodeCrash === undefined ? [] : [nodeCrash],
  }
}
