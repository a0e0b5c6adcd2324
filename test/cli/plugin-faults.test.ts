import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { SchedulerPlugin } from '../../src/scheduler/framework/plugin.ts'
import { guardedPlugin } from '../../src/run/guarded-plugin.ts'
import { PluginWatch } from '../../src/run/plugin-watch.ts'
import { parseTable } from '../report/parse-csv.ts'
import { BUILT_COMMAND, stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// The last pod waits for room that the first ones give back.
const ROWS = ['0,60,100,1024', '1,60,100,1024', '30,60,100,1024', '40,60,100,1024']
const TRACE = file('trace.csv', `arrival_s,duration_s,cpu_milli,memory_mib\n${ROWS.join('\n')}\n`)

function run(name: string, members: string): Promise<{ readonly status: number; readonly err: string }> {
  const text = `export const own = { name: 'Own', reads: ['name'], compile: () => ({}), ${members} }`
  const plugin = file(`${name.replaceAll(/\W/g, '-')}.mjs`, text)
  const out = path.join(folder, `${name.replaceAll(/\W/g, '-')}-out`)
  const flags = ['--format', 'csv', '--nodes', '2x4:16Gi', '--quiet', '--plugin', plugin, '--out', out]
  return stowage('run', '--trace', TRACE, ...flags)
}

const REJECTS = "filter: () => ({ code: 'Unschedulable', reasons: ['no'] })"
/** One pod a node; the others wait, and are hinted at what ends. */
const ONE_A_NODE = `reads: ['podCount'],
  filter: (_t, node, nodes) => nodes.podCount(node) > 0 ? { code: 'Unschedulable', reasons: ['full'] } : undefined`
const POD = String.raw`pod default/task-\d`
const AT = String.raw` \(at t=00:0\d:\d\d\.\d{6}\)\n$`

describe('a plugin that gives back nonsense is named with method, pod, node and time:', () => {
  it.each([
    ['filter, a Promise', 'async filter() {}', `filter for ${POD} on node node-\\d gave back a Promise`],
    [
      'filter, no',
      'filter: () => false',
      `filter for ${POD} on node node-\\d gave back false; expected PASS`,
    ],
    ['compile, a Promise', 'compile: async () => ({})', `compile for ${POD} gave back a Promise`],
    ['score, NaN', 'score: () => NaN', `score for ${POD} on node node-\\d is NaN; expected an integer`],
    ['score, half', "score: () => 0.5, normalize: 'by-maximum'", `score for ${POD} on node node-\\d is 0.5`],
    ['score, text', "score: () => '7'", `score for ${POD} on node node-\\d is 7; expected an integer`],
    ['score, above', 'score: () => 101', `score for ${POD} on node node-\\d is 101; expected an integer`],
    [
      'normalize, NaN',
      'score: () => 1, normalize: (scores) => { scores.fill(NaN) }',
      `normalize for ${POD} on node node-\\d is NaN; expected an integer`,
    ],
    ['enqueue, a text', "enqueue: () => 'no'", `enqueue for ${POD} gave back no; expected nothing or`],
    ['gate, a number', 'gate: () => 0', `gate for ${POD} gave back 0; expected nothing or`],
    ['screen, true', 'screen: () => true', `screen for ${POD} gave back true; expected nothing or`],
    [
      'prepare, nothing',
      `${REJECTS}, prepare: () => undefined`,
      `prepare for ${POD} gave back undefined; expected`,
    ],
    [
      'prepareScore, nothing',
      'score: () => 1, prepareScore: () => 5',
      `prepareScore for ${POD} gave back 5; expected \\{ skip: true \\} or \\{ state \\}`,
    ],
    ['ranks, a number', 'score: () => 1, ranks: () => 1', `ranks for ${POD} gave back 1; expected true`],
    [
      'reserve, true',
      'reserve: () => true',
      `reserve for ${POD}( on node node-\\d)? gave back true; expected nothing or`,
    ],
    ['permit, 10', 'permit: () => 10', `permit for ${POD} gave back 10; expected nothing or`],
    [
      'hint, yes',
      `${ONE_A_NODE}, hint: () => 'yes'`,
      `hint for ${POD} gave back yes; expected true or false`,
    ],
    [
      'postFilter, nothing',
      `${REJECTS}, postFilter: () => undefined`,
      `postFilter for ${POD} gave back undefined; expected`,
    ],
    [
      'ignoresIdentity, 1',
      `${REJECTS}, prepare: () => ({ state: 1 }), ignoresIdentity: () => 1`,
      `ignoresIdentity for ${POD} gave back 1; expected true or false`,
    ],
    [
      'isIdle, 1',
      `${REJECTS}, prepare: () => ({ state: 1 }), isIdle: () => 1`,
      `isIdle for ${POD} gave back 1; expected true or false`,
    ],
  ])('%s', async (name, members, message) => {
    const { status, err } = await run(name, members)
    expect(err.split('\n')[0] + '\n').toMatch(new RegExp(`^plugin Own: ${message}.*${AT}`))
    expect(status).toBe(2)
  })
})

describe('a plugin that throws is named with method, pod and time:', () => {
  const thrown = (method: string): string => `${method}() { throw new Error('oh no') }`
  it.each([
    ['enqueue', thrown('enqueue')],
    ['gate', thrown('gate')],
    ['screen', thrown('screen')],
    ['prepare', `${REJECTS}, ${thrown('prepare')}`],
    ['normalize', `score: () => 1, ${thrown('normalize')}`],
    ['prepareScore', `score: () => 1, ${thrown('prepareScore')}`],
    ['reserve', thrown('reserve')],
    ['permit', thrown('permit')],
    ['hint', `${ONE_A_NODE}, ${thrown('hint')}`],
    ['postFilter', `${REJECTS}, ${thrown('postFilter')}`],
    ['isStateless', `${REJECTS}, prepare: () => ({ state: 1 }), ${thrown('isStateless')}`],
  ])('%s', async (method, members) => {
    const { status, err } = await run(`throws-${method}`, members)
    expect(err.split('\n')[0] + '\n').toMatch(
      new RegExp(`^plugin Own: ${method} for ${POD}( on node node-\\d)?: oh no${AT}`),
    )
    expect(status).toBe(2)
  })
})

describe('methods that few plugins have', () => {
  it.each([
    ['sign', 'me', 'nothing or an object'],
    ['explain', 'why', 'a list of reasons'],
    ['isStateless', 1, 'true or false'],
    ['placementGenerate', [1], 'nothing or a list of { name, nodes }, or { error }'],
    ['placementFeasible', {}, "nothing or { code, message }, with code 'Wait' or 'Unschedulable'"],
    ['podGroupPostFilter', undefined, '{ code, message, victims }'],
    ['reserve', { devices: -1 }, 'nothing or { devices, objects, failure }, each of which may be left out'],
    [
      'permit',
      { timeout: NaN, group: 'a' },
      'nothing or { timeout, group }, with the time-out in microseconds',
    ],
    ['kernel', undefined, 'an object'],
  ] as const)('are guarded too: %s', (method, answer, expected) => {
    const plugin = { name: 'Own', reads: [], compile: () => ({}), [method]: () => answer }
    const guarded = guardedPlugin(plugin as unknown as SchedulerPlugin, new PluginWatch())
    const call = guarded[method] as unknown as () => unknown
    expect(call).toThrow(`plugin Own: ${method} gave back `)
    expect(call).toThrow(`; expected ${expected}`)
  })

  it('keeps what says how the plugin is to be used', () => {
    const values = {
      name: 'Own',
      reads: [],
      events: ['node-added'],
      placementNormalize: 'max',
      sized: false,
    } as const
    const guarded = guardedPlugin({ ...values, compile: () => ({}) }, new PluginWatch())
    expect(guarded).toMatchObject(values)
  })
})

describe('code of users that does not come back', () => {
  function loop(name: string, flag: string, text: string): { readonly err: string; readonly out: string } {
    const out = path.join(folder, `${name}-out`)
    const flags = [
      '--format',
      'csv',
      '--nodes',
      '2x4:16Gi',
      '--quiet',
      '--out',
      out,
      '--plugin-timeout',
      '2s',
    ]
    const words = [BUILT_COMMAND, 'run', '--trace', TRACE, ...flags, flag, file(`${name}.mjs`, text)]
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 })
    expect(status).toBe(2)
    return { err: stderr, out }
  }

  it('is ended with plugin, method, pod, node and time, and leaves what had happened by then', () => {
    const { err, out } = loop(
      'looping',
      '--plugin',
      `let calls = 0
export const own = { name: 'Own', reads: ['podCount'], compile: () => ({}),
  filter() { calls += 1; if (calls > 3) for (;;) calls += 1; return undefined } }`,
    )
    expect(err).toMatch(
      new RegExp(
        String.raw`^plugin Own: filter for ${POD} on node node-\d did not come back within 2s \(--plugin-timeout\)${AT}`,
      ),
    )
    expect(readdirSync(out).filter((name) => name.endsWith('.partial'))).toEqual([])
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      readonly interrupted: boolean
      readonly warnings: readonly string[]
    }
    expect(manifest.interrupted).toBe(true)
    expect(`${manifest.warnings[0]}\n`).toBe(err)
    expect(parseTable(readFileSync(path.join(out, 'pods.csv'), 'utf8')).length).toBeGreaterThan(0)
  })

  it('is ended in an extender too, and leaves nothing where no pod had a node yet', () => {
    const { err, out } = loop(
      'extender',
      '--extender',
      "export const own = { name: 'own', filter() { for (;;); } }",
    )
    expect(err).toMatch(
      new RegExp(`^extender own: filter for ${POD} did not come back within 2s \\(--plugin-timeout\\)${AT}`),
    )
    expect(() => readdirSync(out)).toThrow('ENOENT')
  })

  it.each([
    ['--plugin', 'a plugin', 'for (;;);\n'],
    ['--extender', 'an extender', 'for (;;);\n'],
    ['--plugin', 'a plugin that waits for ever', 'await new Promise(() => undefined)\n'],
    ['--plugin', 'a function of arguments', 'export const own = () => { for (;;); }\n'],
  ])('is ended with %s of %s as the file is loaded', (flag, what, text) => {
    const name = `loading-${what.replaceAll(' ', '-')}`
    const { err } = loop(name, flag, text)
    const loaded = 'does not come back while it is loaded: not within 2s (--plugin-timeout)'
    expect(err).toContain(`${path.join(folder, name)}.mjs: ${loaded}`)
  })

  it('is ended in the threads of a comparison', () => {
    const looping = file(
      'thread.mjs',
      'export const own = { name: "Own", reads: [], compile: () => ({}), filter() { for (;;); } }',
    )
    const nodes = '  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n'
    const spec = `${nodes}  workload: [{trace: {file: trace.csv, format: csv}}]\n`
    const scenarios = ['one.yaml', 'other.yaml'].map((name) =>
      file(name, `apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n${spec}`),
    )
    const flags = ['--seeds', '1', '--workers', '2', '--quiet', '--plugin', looping, '--plugin-timeout', '2s']
    const words = [BUILT_COMMAND, 'compare', ...scenarios, ...flags, '--out', path.join(folder, 'compared')]
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 })
    const lost = 'plugin Own: filter did not come back within 2s \\(--plugin-timeout\\)'
    expect(stderr).toMatch(new RegExp(`^the run of (one|other) with seed 1 failed:\\n *${lost}\n$`))
    expect(status).toBe(2)
  })
})
