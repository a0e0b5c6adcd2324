import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function scenario(name: string, spec: string): string {
  return file(name, `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nmetadata: {name: t}\nspec:\n${spec}`)
}

const TRACE = file('trace.csv', 'arrival_s,duration_s,cpu_milli,memory_mib\n0,10,100,128\n1,10,200,128\n')
const RUN = ['run', '--trace', TRACE, '--format', 'csv', '--nodes', '2x4:8Gi', '--quiet']

describe('run', () => {
  it('warns of a pod group while its feature gate is off', async () => {
    const argv = ['docs/examples/gang.yaml', '--quiet', '--out', path.join(folder, 'gang')]
    const { err } = await stowage('run', ...argv, '--set', 'spec.featureGates={}')
    expect(err).toContain(
      'spec.schedulingGroup of 1 kind of pods has no effect: the feature gate GenericWorkload is off',
    )
    expect((await stowage('run', ...argv, '--force')).err).not.toContain('schedulingGroup')
  })

  it('warns of a feature gate that nothing acts on', async () => {
    const set = ['--set', 'spec.featureGates={SchedulerAsyncPreemption: false, OpportunisticBatching: false}']
    const { err } = await stowage(...RUN, ...set, '--out', path.join(folder, 'gates'), '--log-level', 'warn')
    expect(err).toBe(
      'warning: spec.featureGates.SchedulerAsyncPreemption has no effect: nothing simulated depends on it yet\n',
    )
  })

  it('replays a trace on nodes and writes reports', async () => {
    const out = path.join(folder, 'plain')
    const { status, err } = await stowage(...RUN, '--out', out)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(readdirSync(out).sort()).toEqual([
      'events.csv',
      'failures.csv',
      'manifest.json',
      'nodes.csv',
      'pods.csv',
      'recovery.csv',
      'recovery_limits.csv',
      'recovery_steps.csv',
      'replicas.csv',
      'report.html',
      'rollouts.csv',
      'summary.csv',
      'summary.json',
      'timeseries.csv',
      'workloads.csv',
    ])
    const pods = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
    expect(pods).toHaveLength(3)
  })

  it('refuses a directory that is there, and replaces it with --force', async () => {
    const out = path.join(folder, 'twice')
    expect((await stowage(...RUN, '--out', out)).status).toBe(0)
    const refused = await stowage(...RUN, '--out', out)
    expect(refused).toMatchObject({
      status: 2,
      err: `${out}: exists already (give another --out, or --force to replace the reports in it)\n`,
    })
    expect((await stowage(...RUN, '--out', out, '--force')).status).toBe(0)
  })

  it('prints the summary for people and for machines', async () => {
    const table = await stowage(...RUN.slice(0, -1), '--out', path.join(folder, 'table'))
    expect(table.out).toContain('submitted')
    expect(table.out).toContain(`reports: ${path.join(folder, 'table')}`)
    const json = await stowage(...RUN.slice(0, -1), '--json', '--out', path.join(folder, 'json'))
    expect(JSON.parse(json.out)).toBeTypeOf('object')
  })

  it('fails on pending pods when asked to, and says that they are there', async () => {
    const big = file('big.csv', 'arrival_s,duration_s,cpu_milli,memory_mib\n0,10,99000,128\n')
    const argv = ['run', '--trace', big, '--format', 'csv', '--nodes', '2x4:8Gi', '--quiet']
    const plain = await stowage(...argv, '--out', path.join(folder, 'p1'))
    const warning = 'warning: 1 pod was still pending at the end: default/task-1 (stowage explain says why)\n'
    expect(plain).toMatchObject({ status: 0, err: warning })
    const failing = await stowage(...argv, '--out', path.join(folder, 'p2'), '--fail-on', 'pending')
    expect(failing.status).toBe(1)
  })
})

describe('bad input', () => {
  const trace = `  workload: [{trace: {file: ${TRACE}, format: csv}}]\n`
  it.each([
    [
      'an unknown field',
      scenario('a.yaml', '  nodez: []\n'),
      ':5:10: spec.nodez: unknown field (did you mean nodes?)',
    ],
    [
      'a wrong type',
      scenario('b.yaml', '  nodes: 5\n'),
      ':5:10: spec.nodes: 5 is of the wrong type; expected array',
    ],
    [
      'a wrong duration',
      scenario('c.yaml', `  until: soon\n  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n${trace}`),
      ':5:10: spec.until: "soon" is no duration',
    ],
    [
      'a negative quantity',
      scenario('d.yaml', `  nodes: [{template: {count: 1, shape: "-4:8Gi"}}]\n${trace}`),
      ':5:40: spec.nodes[0].template.shape.cpu: "-4" is not above 0',
    ],
    [
      'an unknown plugin',
      scenario(
        'e.yaml',
        `  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n  scheduler: {config: {profiles: [{plugins: {filter: {enabled: [{name: Nonsense}]}}}]}}\n${trace}`,
      ),
      'FilterPlugin "Nonsense" does not exist',
    ],
    ['no YAML', file('f.yaml', 'a: [1\n'), 'f.yaml:'],
    ['a file that is not there', path.join(folder, 'none.yaml'), 'none.yaml: cannot be read'],
  ])('%s: status 2, one line, no stack', async (_, place, message) => {
    const { status, err } = await stowage('run', place, '--out', path.join(folder, 'bad'), '--quiet')
    expect(status).toBe(2)
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
    expect(existsSync(path.join(folder, 'bad'))).toBe(false)
  })

  it.each([
    [['run'], 'there is nothing to run'],
    [
      ['run', '--trace', TRACE, '--format', 'nonsense', '--nodes', '1x1:1Gi'],
      "option '--format <format>' argument 'nonsense' is invalid",
    ],
    [['run', '--trace', TRACE, '--nodes', 'x'], 'x: cannot be read'],
    [['run', '--trace', TRACE, '--nodes', '2x4:8Gi', '--set', 'spec.seed'], '--set: "spec.seed" has no "="'],
    [['nonsense'], "unknown command 'nonsense'"],
  ])('%j', async (argv, message) => {
    const { status, err } = await stowage(
      ...argv,
      ...(argv[0] === 'run' ? ['--out', path.join(folder, 'worse')] : []),
    )
    expect(status).toBe(2)
    expect(err).toContain(message)
  })
})

describe('flags over a scenario', () => {
  const spec = `  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n  workload: [{trace: {file: ${TRACE}, format: csv}}]\n`
  const place = scenario('flags.yaml', spec)

  it.each([
    [['--limit', 'many'], '--limit: "many" is of the wrong type; expected integer\n'],
    [['--scale', '-1'], '--scale: -1 must be > 0\n'],
    [
      ['--until', 'soon'],
      '--until: "soon" is no duration (expected a number with a unit, such as 90s, 5m, 1h30m or 2d)\n',
    ],
    [['--set', 'spec.seeed=1'], '--set spec.seeed: unknown field (did you mean seed?)\n'],
  ])('are named in errors, not the file: %j', async (argv, message) => {
    const out = path.join(folder, 'flag')
    expect(await stowage('run', place, ...argv, '--out', out)).toMatchObject({ status: 2, err: message })
  })

  it('take paths from where the command runs, not from the scenario', async () => {
    const plugin = path.relative(
      process.cwd(),
      file('here.mjs', "export const p = { name: 'Here', reads: [], compile: () => ({}), score: () => 1 }"),
    )
    const out = path.join(folder, 'here')
    const trace = path.relative(process.cwd(), TRACE)
    const flags = ['--plugin', plugin, '--trace', trace, '--quiet', '--out', out]
    expect(await stowage('run', place, ...flags)).toMatchObject({ status: 0, err: '' })
  })

  it('bring manifests whose amounts may not be below 0', async () => {
    const resources = 'resources: {requests: {cpu: "-1"}}'
    const pod = file(
      'negative.yaml',
      `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, ${resources}}]}}\n`,
    )
    const flags = ['--set', `spec.objects=[${pod}]`, '--quiet', '--out', path.join(folder, 'negative')]
    expect(await stowage('run', place, ...flags)).toMatchObject({
      status: 2,
      err: `${pod}: a: spec.containers[0].resources.requests.cpu: "-1" is below 0\n`,
    })
  })

  it('that end a run before its trace, or in its warm-up, are told of', async () => {
    const flags = ['--until', '500ms', '--warm-up', '1h', '--quiet', '--out', path.join(folder, 'cut')]
    expect(await stowage('run', place, ...flags)).toMatchObject({
      status: 0,
      err: `warning: ${TRACE}: what arrives after the end of the run was left out\nwarning: the run ended within its warm-up: its averages are of nothing\n`,
    })
  })
})

describe('plugins of users', () => {
  const run = (plugin: string, name: string): Promise<{ status: number; err: string }> =>
    stowage(...RUN, '--plugin', plugin, '--out', path.join(folder, name))

  it('are loaded from TypeScript and decide', async () => {
    const plugin = file(
      'second.ts',
      `import { definePlugin, PASS, unschedulable } from 'stowage/plugin'
const NOT_SECOND = unschedulable('node(s) are not the second')
export const second = definePlugin({ name: 'Second', reads: ['name'], compile: () => ({}),
  filter: (_term, node, nodes) => (nodes.name(node) === 'node-1' ? PASS : NOT_SECOND) })`,
    )
    expect(await run(plugin, 'second')).toMatchObject({ status: 0, err: '' })
    const pods = readFileSync(path.join(folder, 'second', 'pods.csv'), 'utf8')
    expect(pods).toContain('node-1')
    expect(pods).not.toContain('node-0')
  })

  it.each([
    [
      'throws',
      "filter() { throw new Error('oh no') }",
      /plugin Own: filter for pod default\/task-1 on node node-\d: oh no/,
    ],
    [
      'scores out of range',
      'score: () => 101',
      /plugin Own: score for pod default\/task-\d on node node-\d is 101; expected an integer from 0 to 100/,
    ],
    [
      'reads what it did not declare',
      'filter: (_t, node, nodes) => nodes.labels(node)',
      /plugin Own: filter.*labels is not a function/,
    ],
    [
      'changes what it was given',
      'score(_t, node, nodes) { nodes.name = 1; return 1 }',
      /plugin Own: score for pod default\/task-\d on node node-\d: .*(read only|not extensible|Cannot add)/,
    ],
    [
      'changes its term',
      'compile: () => ({ a: { b: 1 } }), score(term) { term.a.b = 2; return 1 }',
      /plugin Own: score for pod default\/task-\d on node node-\d: Cannot assign to read only property 'b'/,
    ],
    [
      'throws when it compiles',
      "compile() { throw new Error('oh no') }",
      /plugin Own: compile for pod default\/task-1: oh no/,
    ],
    [
      'scales scores below 0',
      "score: () => -5, normalize: 'by-maximum'",
      /plugin Own: score for pod default\/task-\d on node node-\d is -5; expected/,
    ],
    [
      'gives back no verdict',
      'filter: () => true',
      /plugin Own: filter for pod default\/task-1 on node node-\d gave back true; expected PASS/,
    ],
  ])('one that %s is named with pod or node', async (name, method, message) => {
    const plugin = file(
      `${name.replaceAll(' ', '-')}.mjs`,
      `export const own = { name: 'Own', reads: ['name'], compile: () => ({}), ${method} }`,
    )
    const { status, err } = await run(plugin, name)
    expect(status).toBe(2)
    expect(err).toMatch(message)
  })

  it('that throw for their arguments are refused', async () => {
    const { status, err } = await run(file('factory.mjs', 'export const f = (args) => args.no'), 'factory')
    expect(status).toBe(2)
    expect(err).toContain('factory.mjs: export f: throws for its arguments: ')
  })

  it('that are none are refused', async () => {
    const { status, err } = await run(file('none.mjs', 'export const x = 1'), 'none')
    expect(status).toBe(2)
    expect(err).toContain('exports no plugin')
  })
})

describe('other commands', () => {
  it('validate, init, completion, version, help', async () => {
    const starter = path.join(folder, 'starter.yaml')
    expect((await stowage('init', starter)).status).toBe(0)
    expect((await stowage('init', starter)).status).toBe(2)
    await stowage('trace', 'generate', '--out', path.join(folder, 'trace-for-starter.csv'), '--pods', '50')
    const override = `spec.workload[0].trace.file=${path.join(folder, 'trace-for-starter.csv')}`
    expect(await stowage('validate', starter, '--set', override)).toMatchObject({ status: 0, err: '' })
    expect((await stowage('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await stowage('run', '--help')).out).toContain('Examples:')
    for (const shell of ['bash', 'zsh', 'fish']) {
      expect((await stowage('completion', shell)).out).toContain('conformance')
      expect((await stowage('completion', shell)).out).toMatch(/schedule[\s\S]*explain/)
    }
  })

  it('completion knows the commands below a command, and the words of an option', async () => {
    const bash = (await stowage('completion', 'bash')).out
    expect(bash).toMatch(/trace\) words="info convert generate .*--out/)
    expect(bash).toContain('--fail-on) words="pending threshold"')
    expect((await stowage('completion', 'fish')).out).toMatch(/from trace' -a generate/)
  })

  it('log levels add what was run, then digests', async () => {
    const out = path.join(folder, 'levels')
    const { err } = await stowage(...RUN, '--out', out, '--log-level', 'info')
    expect(err).toMatch(/^info: scenario run, seed 1, traces: .*\ninfo: \d+ events in [\d.]+ s\n$/)
    const debug = await stowage(...RUN, '--out', out, '--force', '--log-level', 'debug')
    expect(debug.err).toMatch(/debug: scenario digest \w+, event digest \w+\n/)
  })

  it('files that cannot be written and families that are not there are bad input', async () => {
    const nowhere = path.join(folder, 'nowhere', 'x')
    for (const argv of [
      ['init', nowhere],
      ['trace', 'generate', '--out', nowhere, '--pods', '10'],
      ['conformance', '--family', 'none', file('case.jsonl', '')],
    ]) {
      const { status, err } = await stowage(...argv)
      expect(status).toBe(2)
      expect(err).toMatch(/no such (file or )?directory|no case is of the family "none"/)
      expect(err).not.toContain('    at ')
    }
  })

  it('trace info and convert', async () => {
    const info = await stowage('trace', 'info', TRACE, '--json')
    expect(JSON.parse(info.out)).toMatchObject({ rows: 2, tasks: 2, pods: 2 })
    const out = path.join(folder, 'converted.csv')
    expect((await stowage('trace', 'convert', TRACE, '--out', out)).status).toBe(0)
    const again = await stowage('trace', 'info', out, '--json')
    expect(JSON.parse(again.out)).toMatchObject({ rows: 2, tasks: 2, pods: 2 })
  })
})

describe('a scheduler configuration in a file of its own', () => {
  const scenario = (): string =>
    file(
      'configured.yaml',
      `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n`,
    )
  const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'

  it('is validated with the line of what is wrong, as a run would', async () => {
    const config = file(
      'wrong.yaml',
      `${head}profiles:\n- schedulerName: a\n  percentageOfNodesToScore: 101\n`,
    )
    const { status, err } = await stowage('validate', scenario(), '--scheduler-config', config)
    expect(status).toBe(2)
    expect(err).toContain('wrong.yaml:5:')
    expect(err).toContain(
      'profiles[0].percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]',
    )
  })

  it('is warned of with the line of what has no effect', async () => {
    const config = file('idle.yaml', `${head}parallelism: 8\n`)
    const { status, err } = await stowage('validate', scenario(), '--scheduler-config', config)
    expect(status).toBe(0)
    expect(err).toContain('idle.yaml:3: parallelism has no effect')
  })

  it('goes with extenders, and a module that is none is refused', async () => {
    const extender = file('none.ts', 'export const nothing = 1\n')
    const { status, err } = await stowage('validate', scenario(), '--extender', extender)
    expect(status).toBe(2)
    expect(err).toContain('exports no extender')
  })
})
