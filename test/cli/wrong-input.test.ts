import { rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRACE = file('trace.csv', 'arrival_s,duration_s,cpu_milli,memory_mib\n0,10,100,128\n')
file('empty.csv', '')
const HEAD = 'apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec:\n'
const NODES = '  nodes: [{template: {count: 1, shape: "4:8Gi"}}]\n'
const WORKLOAD = '  workload: [{trace: {file: trace.csv, format: csv}}]\n'

function scenario(name: string, spec: string): string {
  return file(name, `${HEAD}${spec}`)
}

describe('validate refuses what a run cannot do, at its place:', () => {
  it.each([
    [
      'a wrong unit',
      '  nodes: [{template: {count: 1, shape: "4:8GB"}}]\n',
      ':4:40: spec.nodes[0].template.shape.memory: "8GB" is no quantity',
    ],
    [
      'no shape',
      '  nodes: [{template: {count: 1, shape: "4"}}]\n',
      ':4:40: spec.nodes[0].template.shape: "4" is no shape of nodes (expected CPU:MEMORY[:PODS][:gpu=N], such as 64:256Gi:110)',
    ],
    [
      'rows of no length',
      `${NODES}  report: {interval: 0}\n`,
      ':5:22: spec.report.interval: is 0 (expected more than 0)',
    ],
    [
      'a monitor without pause',
      `${NODES}  nodeLifecycle: {monitorPeriod: 0s}\n`,
      ':5:34: spec.nodeLifecycle.monitorPeriod: is 0 (expected more than 0)',
    ],
    [
      'leases without pause',
      `${NODES}  nodeLifecycle: {leaseRenewal: 0}\n`,
      ':5:33: spec.nodeLifecycle.leaseRenewal: is 0 (expected more than 0)',
    ],
    [
      'crashes without pause',
      `${NODES}  failures: [{nodeCrash: {timeBetweenFailures: {exponential: {mean: 0}}, repair: 1h}}]\n`,
      ': spec.failures[0].nodeCrash.timeBetweenFailures.exponential.mean: is 0 (expected more than 0)',
    ],
    [
      'memory below nothing',
      `${NODES}  behaviour: {memoryUse: -0.5}\n`,
      ': spec.behaviour.memoryUse: is -0.5, which is below 0 (expected 0 or more)',
    ],
    [
      'a name that leads elsewhere',
      `${NODES}metadata: {name: ../../x}\n`,
      ': metadata.name: "../../x" is not of the form; it names the run and its directory: letters, digits, - _ . inside',
    ],
    [
      'a failure of a node that is not there',
      `${NODES}  failures: [{kubeletHang: {at: 1m, for: 1m, nodes: [node-99]}}]\n`,
      ': spec.failures[0].kubeletHang.nodes[0]: there is no node node-99',
    ],
    [
      'a directory as a trace',
      `${NODES}  workload: [{trace: {file: "", format: csv}}]\n`,
      ': is a directory (give a file)',
    ],
    [
      'YAML that ends early',
      'a: [1\n',
      ':5:1: Flow sequence in block collection must be sufficiently indented and end with a ]\n',
    ],
    [
      'another format',
      `${NODES}  workload: [{trace: {file: trace.csv, format: swf}}]\n`,
      'trace.csv:1: 1 fields; expected 18 or more',
    ],
    [
      'options of another format',
      `${NODES}  workload: [{trace: {file: trace.csv, format: csv, options: {gpusPerPod: 2}}}]\n`,
      'trace.csv: options.gpusPerPod: format csv has no such setting',
    ],
    [
      'an empty trace',
      `${NODES}  workload: [{trace: {file: empty.csv, format: csv}}]\n`,
      'empty.csv: the trace is empty',
    ],
    [
      'a trace of other failures',
      `${NODES}  failures: [{trace: {file: trace.csv, format: lanl}}]\n`,
      'trace.csv:2: 4 columns; expected 26',
    ],
  ])('%s', async (_, spec, message) => {
    const { status, err } = await stowage('validate', scenario('wrong.yaml', spec))
    expect(err).toContain(message)
    expect(status).toBe(2)
  })

  it('and warns of failures that hit no node', async () => {
    const outage = '  failures: [{zoneOutage: {zone: zone-x, at: 1h, for: 1h}}]\n'
    const place = scenario('outage.yaml', `${NODES}${WORKLOAD}${outage}`)
    expect(await stowage('validate', place)).toMatchObject({
      status: 0,
      err: 'warning: spec.failures[0] has no effect: no node has the labels topology.kubernetes.io/zone=zone-x\n',
    })
  })
})

it('validate prints what is wrong as JSON, too', async () => {
  const { status, out, err } = await stowage('validate', scenario('json.yaml', '  nodez: []\n'), '--json')
  expect(status).toBe(2)
  expect(err).toContain('spec.nodez: unknown field')
  expect(JSON.parse(out)).toMatchObject({
    valid: false,
    problems: [
      { field: 'spec', message: 'the field nodes is missing' },
      { line: 4, column: 10, field: 'spec.nodez', message: 'unknown field' },
    ],
  })
})

describe('a wrong flag is named:', () => {
  const place = scenario('right.yaml', `${NODES}${WORKLOAD}`)
  it.each([
    [['explain', 'a', place, '--at', 'soon'], '--at: "soon" is no duration'],
    [['run', '--trace', TRACE, '--nodes', '2x4'], '--nodes: "4" is no shape of nodes'],
    [['run', '--trace', TRACE, '--nodes', '2x4:8GB'], '--nodes: "8GB" is no quantity'],
    [['run', '--trace', TRACE, '--nodes', '0x4:8Gi'], '--nodes: 0 must be >= 1'],
    [['run', place, '--nodes', '2x4:8GB'], '--nodes: "8GB" is no quantity'],
    [['schedule', '--nodes', '0x4:8Gi'], '--nodes: "0x4:8Gi" is no shape of nodes'],
    [['trace', 'info', TRACE, '--skip-bad-rows', 'x'], '--skip-bad-rows: x is no whole number'],
    [
      ['trace', 'convert', TRACE, '--skip-bad-rows', '-1', '--out', `${TRACE}.2`],
      '--skip-bad-rows: -1 is no',
    ],
    [
      ['trace', 'generate', '--pods', 'x', '--out', `${TRACE}.2`],
      '--pods: is "x" (expected a number above 0)',
    ],
    [
      ['trace', 'generate', '--days', '0', '--out', `${TRACE}.2`],
      '--days: is "0" (expected a number above 0)',
    ],
    [['explain', 'a', place, '--alone'], '--alone: the pods of a run are not left out'],
    [
      ['explain', 'a', '--nodes', '1x4:8Gi', '--pods', TRACE, '--seed', '2'],
      '--seed: means nothing to a snapshot',
    ],
    [
      ['run', place, '--seeds', '2', '--resume', 'nodir'],
      '--resume: means nothing together with --seeds (give one of them)',
    ],
    [['run', place, '--seeds', '2', '--checkpoint', '1s'], '--checkpoint: means nothing together'],
    [['fuzz', '--faults', '--no-faults'], '--no-faults: excludes --faults'],
    [['run', folder], `${folder}: is a directory (give a file)`],
    [['conformance', folder], `${folder}: is a directory (give a file)`],
  ])('%j', async (argv, message) => {
    const { status, err } = await stowage(
      ...argv,
      ...(argv[0] === 'run' ? ['--out', path.join(folder, 'out')] : []),
    )
    expect(err).toContain(message)
    expect(status).toBe(2)
  })
})

it('init says where the trace of its scenario has to be', async () => {
  const place = path.join(folder, 'started.yaml')
  const { out } = await stowage('init', place)
  expect(out).toBe(
    `wrote ${place}; next: stowage trace generate --out ${path.join(folder, 'trace.csv')} && stowage run ${place}\n`,
  )
})
