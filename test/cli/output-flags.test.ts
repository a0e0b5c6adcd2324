import { readFileSync } from 'node:fs'
import path from 'node:path'

import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'

import { buildProgram } from '../../src/cli/command-line.ts'
import { QUIET } from '../../src/cli/quiet-flag.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage, testFolder } from './command.ts'

/** What it prints is a script, which is all that it is asked for. */
const SCRIPTS = ['completion']
/** They write a file and find nothing out. */
const WRITERS = ['init', 'trace convert', 'trace generate']

function commandsOf(command: Command, name = ''): readonly (readonly [name: string, command: Command])[] {
  if (command.commands.length === 0) return [[name, command]]
  return command.commands.flatMap((inner) => commandsOf(inner, `${name} ${inner.name()}`.trim()))
}

const silent = { write: () => undefined }
const COMMANDS = commandsOf(
  buildProgram({ stdout: silent, stderr: silent, isTerminal: false }, () => undefined),
)

it('goes over all commands', () => {
  const names = COMMANDS.map(([name]) => name)
  for (const name of [...SCRIPTS, ...WRITERS, 'run', 'query', 'bench fgd']) expect(names).toContain(name)
  expect(names.length).toBeGreaterThan(20)
})

describe.each(COMMANDS)('stowage %s', (name, command) => {
  it('has --quiet, in the words of all, and --json where it finds something out', () => {
    const described = new Map(command.options.map(({ long, description }) => [long, description]))
    expect(described.get('--quiet')).toBe(SCRIPTS.includes(name) ? undefined : QUIET[1])
    expect(described.has('--json')).toBe(![...SCRIPTS, ...WRITERS].includes(name))
  })
})

const { folder, file } = testFolder()
const EXAMPLES = path.join(PROJECT_ROOT, 'docs/examples')
const at = (name: string): string => path.join(folder, name)
const NODES = ['--nodes', '2x4:8Gi:20']
const POD = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec: { containers: [{ name: web, image: web, resources: { requests: { cpu: 1, memory: 1Gi } } }] }
`

/** Words by which each command does something small, after what it needs has been made. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  init: [at('made.yaml'), '--force'],
  'trace generate': ['--pods', '40', '--out', at('trace.csv'), '--force'],
  'trace convert': [at('trace.csv'), '--out', at('converted.csv'), '--force'],
  'trace info': [at('trace.csv')],
  run: [path.join(EXAMPLES, 'recovery.yaml'), '--out', at('run'), '--force'],
  report: [at('run')],
  diff: [at('run'), at('run')],
  query: [at('run'), 'select count(*) as pods from pods'],
  validate: [path.join(EXAMPLES, 'recovery.yaml')],
  compare: [
    '--trace',
    at('trace.csv'),
    ...NODES,
    '--policies',
    'default,BestFit',
    '--seeds',
    '1',
    '--out',
    at('compared'),
    '--force',
  ],
  sweep: [
    '--trace',
    at('trace.csv'),
    ...NODES,
    '--grid',
    'spec.seed=1',
    '--seeds',
    '1',
    '--out',
    at('swept'),
    '--force',
  ],
  schedule: [...NODES, '--pods', at('pod.yaml')],
  explain: ['web', ...NODES, '--pods', at('pod.yaml')],
  compact: ['--trace', at('trace.csv'), '--nodes', '8x16:64Gi:50', '--trials', '1', '--all-pods'],
  conformance: [path.join(PROJECT_ROOT, 'test/vectors/taints.jsonl.gz')],
  fuzz: ['--seeds', '1', '--out', at('fuzz')],
}

describe('--quiet', () => {
  file('pod.yaml', POD)

  it.each(Object.entries(WORDS))('has stowage %s say nothing', { timeout: 60_000 }, async (name, words) => {
    const command = [...name.split(' '), ...words]
    const told = await stowage(...command)
    expect(told.err).not.toMatch(/error/i)
    expect(told.out).not.toBe('')
    const quiet = await stowage(...command, '--quiet')
    expect(quiet).toEqual({ status: told.status, out: '', err: expect.not.stringMatching(/runs\/s|wrote|%/) })
    if (WRITERS.includes(name)) return
    const json = await stowage(...command, '--quiet', '--json')
    expect(json.status).toBe(told.status)
    expect(() => JSON.parse(json.out) as unknown).not.toThrow()
  })

  it('leaves what a query was asked for in another form', async () => {
    const { out } = await stowage('query', at('run'), 'select 1 as one', '--format', 'csv', '--quiet')
    expect(out).toBe('one\n1\n')
  })

  it('is told of once', () => {
    expect(readFileSync(path.join(PROJECT_ROOT, 'docs/cli.md'), 'utf8')).toContain(
      '`--quiet` means the same everywhere',
    )
  })
})
