import { formatDuration } from '../base/time.ts'
import { checkScenario } from '../fuzz/check-case.ts'
import type { PassOptions } from '../fuzz/check-case.ts'
import type { Value } from '../fuzz/draws.ts'
import { loadScenario } from '../scenario/load.ts'
import { parseYamlFile } from '../scenario/yaml-file.ts'
import type { FuzzFlags } from './fuzz.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

/** Holds the runs of one scenario file against the laws; the exit status. Throws `InputError` for a wrong one. */
export async function fuzzScenario(
  file: string,
  options: PassOptions,
  flags: FuzzFlags,
  io: CommandIo,
): Promise<number> {
  const scenario = loadScenario({ file, overrides: [] })
  const { runs, events, failures } = await checkScenario(scenario, faultsOf(file), options)
  const violations = failures.flatMap(({ pass, violations: found }) => found.map((one) => ({ pass, ...one })))
  if (flags.json === true) {
    const told = violations.map(({ at, ...others }) => ({ ...others, at: at / 1e6 }))
    io.stdout.write(`${JSON.stringify({ scenario: file, runs, events, violations: told }, undefined, 2)}\n`)
  } else {
    for (const { pass, law, at, message } of violations) {
      io.stdout.write(`${file}, ${pass}: ${law} at ${formatDuration(at)}: ${message}\n`)
    }
    const outcome = violations.length === 0 ? 'no law broken' : `${violations.length} violations`
    if (flags.quiet !== true) {
      io.stdout.write(`${runs} runs, ${events.toLocaleString('en')} events: ${outcome}\n`)
    }
  }
  if (options.signal.aborted) return EXIT.interrupted
  return violations.length > 0 ? EXIT.conditionFailed : EXIT.done
}

/** Failures as the file has them, which has been found valid. */
function faultsOf(file: string): readonly Value[] {
  const { spec } = parseYamlFile(file).document.toJS() as {
    readonly spec: { readonly failures?: readonly Value[] | null }
  }
  return spec.failures ?? []
}
