import type { Command } from 'commander'

import { buildProgram } from '../src/cli/command-line.ts'
import { SCENARIO_SCHEMA } from '../src/scenario/schema.ts'
import type { JsonSchema } from '../src/scenario/schema.ts'

const INTRODUCTION = `# Scenario files

One YAML file says a whole run. It refers to things in their own formats: traces, node lists, manifests, a
KubeSchedulerConfiguration. Editors complete it by \`schema/scenario.schema.json\`; \`stowage validate FILE\` checks it;
\`stowage init\` writes a commented one; \`--set path=value\` overrides any field. Paths are relative to the
file, those of flags (\`--trace\`, \`--plugin\`, …) to where the command runs.

    apiVersion: stowage.dev/v1alpha1
    kind: Scenario
    metadata: { name: small }
    spec:
      nodes: [{ template: { count: 10, shape: "16:64Gi" } }]
      workload: [{ trace: { file: trace.csv, format: csv } }]

Durations are \`90s\`, \`5m\`, \`1h30m\`, \`2d\`; a bare number is seconds. A distribution is a value (constant), or one of
\`{exponential: {mean}}\`, \`{weibull: {shape, scale | mean}}\`, \`{lognormal: {sigma, median | mean}}\`,
\`{gamma: {shape, scale | mean}}\`, \`{uniform: {low, high}}\`, \`{constant: value}\`,
\`{empirical: [value, {value, weight}, …]}\`.
`

/** docs/scenario.md: every field of the schema with its description. */
export function scenarioPage(): string {
  const rows: string[] = []
  collect(SCENARIO_SCHEMA, '', rows)
  return `${INTRODUCTION}\n## Fields\n\n| field | meaning |\n|---|---|\n${rows.join('\n')}\n`
}

function collect(schema: JsonSchema, path: string, rows: string[]): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  for (const [name, field] of Object.entries(properties)) {
    const place = path === '' ? name : `${path}.${name}`
    rows.push(`| \`${place}\` | ${meaningOf(field)} |`)
    const items = field['items'] as JsonSchema | undefined
    if (field['properties'] !== undefined) collect(field, place, rows)
    else if (items?.['properties'] !== undefined) collect(items, `${place}[]`, rows)
  }
}

function meaningOf(field: JsonSchema): string {
  const words = field['enum'] as readonly string[] | undefined
  const constant = field['const'] as string | undefined
  const parts = [
    field['description'] as string | undefined,
    words === undefined ? undefined : `one of ${words.join(', ')}`,
    constant === undefined ? undefined : `always \`${constant}\``,
  ]
  return parts
    .filter((part) => part !== undefined)
    .join('; ')
    .replaceAll('|', '\\|')
}

/** docs/cli.md: every command with its arguments and options, as `--help` tells them. */
export function commandPage(): string {
  const silent = { write: () => undefined }
  const program = buildProgram({ stdout: silent, stderr: silent, isTerminal: false }, () => undefined)
  const sections = program.commands.flatMap((command) => sectionsOf(command, 'stowage'))
  return `# Command line

Progress goes to stderr: a bar on a terminal, a line every ten seconds elsewhere. Exit status: 0 done, 1 the condition that
was asked for does not hold (\`--fail-on\`, a case that differs), 2 bad input, 70 a defect of stowage, 130 interrupted
(SIGINT or SIGTERM) with valid partial reports.

\`--quiet\` means the same everywhere: no progress, and nothing in words on stdout. What was asked for by name stays: files, \`--json\`, the
answer of \`query\` in another \`--format\` than a table. So do warnings, errors and conditions that do not hold, on stderr, and the exit
status. \`--json\` prints what a command found as JSON, and nothing else on stdout; with both there is the JSON.

${sections.join('\n')}`
}

function sectionsOf(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`
  const inner = command.commands.flatMap((one) => sectionsOf(one, name))
  if (inner.length > 0) return inner
  const terms = command.registeredArguments.map((one) =>
    one.required ? `<${one.name()}>` : `[${one.name()}]`,
  )
  const rows = [
    ...command.registeredArguments.map((one) => [one.name(), meaningWithChoices(one)] as const),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map((one) => [one.flags, meaningWithChoices(one)] as const),
  ]
  const table = rows.map(
    ([term, meaning]) => `| \`${term.replaceAll('|', '\\|')}\` | ${meaning.replaceAll('|', '\\|')} |`,
  )
  return [
    `## ${[name, ...terms].join(' ')}\n\n${command.description()}.\n\n| argument or option | meaning |\n|---|---|\n${table.join('\n')}\n`,
  ]
}

interface Described {
  readonly description: string
  readonly argChoices?: readonly string[]
  readonly defaultValue?: unknown
  /** Whether the command does not go without the option. */
  readonly mandatory?: boolean
}

function meaningWithChoices({ description, argChoices, defaultValue, mandatory }: Described): string {
  const notes = [
    mandatory === true ? 'required' : undefined,
    argChoices?.join(', '),
    typeof defaultValue === 'string' ? `default: ${defaultValue}` : undefined,
  ].filter((note) => note !== undefined)
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`
}
