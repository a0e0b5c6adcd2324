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

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: web}]}}
`
file('deployment.yaml', WEB)

/** A scenario of two nodes in two zones and a Deployment, with these failures in its first line. */
function failing(...failures: readonly string[]): string {
  const nodes = '  nodes: [{template: {count: 2, shape: "4:8Gi", zones: [east, west]}}]\n'
  return `  failures: [${failures.join(', ')}]\n${nodes}  objects: [deployment.yaml]\n`
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

  it.each([
    [
      'failures: [{trace: {file: none.csv, format: lanl}}]',
      'spec.failures[0].trace.file: ',
      'none.csv cannot be read (is the path right? it is relative to the scenario)',
    ],
    [
      'failures: [{trace: {file: trace.csv, format: lanl}}]',
      'spec.failures[0].trace.file: ',
      'trace.csv:2: 4 columns; expected 26',
    ],
    ['objects: [nofile.yaml]', 'spec.objects[0]: ', 'nofile.yaml cannot be read'],
    ['startTime: yesterday', 'spec.startTime: ', '"yesterday" is no time (expected RFC 3339'],
    [
      'failures: [{incident: {at: -30m, for: 1m}}]',
      'spec.failures[0].incident.at: ',
      '"-30m" is no duration: it may not be negative',
    ],
    [
      'failures: [{incident: {at: 1m, for: 1m, hits: {nodes: []}}}]',
      'spec.failures[0].incident.hits.nodes: ',
      '[] has too few entries; expected at least 1',
    ],
    [
      'failures: [{incident: {at: 1m, for: 1m, effect: exploded}}]',
      'spec.failures[0].incident.effect: ',
      '"exploded" is not known; expected one of down, cutOff, hung, diskFull, { slow }, { diskFull }',
    ],
    [
      'failures: [{incident: {at: 1m, for: 1m, effect: {slow: {cpu: []}}}}]',
      'spec.failures[0].incident.effect.slow.cpu: ',
      '[] is not known; expected one of string, number, object',
    ],
    [
      'failures: [{etcdFailure: {at: 1m, for: 1m, members: all}}]',
      'spec.failures[0].etcdFailure.members: ',
      '"all" is not known; expected one of integer, each',
    ],
    [
      'failures: [{etcdFailure: {at: 1m, for: 1m, members: 0}}]',
      'spec.failures[0].etcdFailure.members: ',
      '0 must be >= 1',
    ],
    [
      'failures: [{nodeCrash: {timeBetweenFailures: {exponentia: {mean: 1d}}}}]',
      'spec.failures[0].nodeCrash.timeBetweenFailures.exponentia: ',
      'unknown field (did you mean exponential?)',
    ],
    [
      'repair: {maxUnhealthy: abc}',
      'spec.repair.maxUnhealthy: ',
      'it is a whole number, or a percentage from 0% to 100%',
    ],
    [
      'failures: [{incident: {at: 1m}}]',
      'spec.failures[0].incident: ',
      'the field for is missing (how long it lasts; as in for: 10m)',
    ],
  ])('with one line that says where: %s', async (line, field, message) => {
    const { status, err } = await stowage('validate', scenario('place.yaml', `  ${line}\n${NODES}`))
    expect(err).toMatch(/^[^\n]*place.yaml:4:\d+: [^\n]*\n$/)
    expect(err).toContain(field)
    expect(err).toContain(message)
    expect(status).toBe(2)
  })

  it.each([
    [
      '{zoneOutage: {zone: zone-x, at: 1h, for: 1h}}',
      ':4:34: spec.failures[0].zoneOutage.zone: no node is in a zone zone-x (there are the zones east, west)',
    ],
    [
      '{partition: {zone: wset, at: 1h, for: 1h}}',
      ':4:33: spec.failures[0].partition.zone: no node is in a zone wset (did you mean west?)',
    ],
    [
      '{kubeletHang: {nodes: [nope], at: 1h, for: 1h}}',
      ':4:37: spec.failures[0].kubeletHang.nodes[0]: there is no node nope (there are the nodes node-0, node-1)',
    ],
    [
      '{badRollout: {name: wep, at: 1h, neverReady: true}}',
      ':4:34: spec.failures[0].badRollout.name: there is no Deployment default/wep (did you mean default/web?)',
    ],
    [
      '{badRollout: {name: web, kind: DaemonSet, at: 1h, neverReady: true}}',
      ':4:34: spec.failures[0].badRollout.name: there is no DaemonSet default/web (there are no DaemonSets)',
    ],
    [
      '{badRollout: {name: web, container: other, at: 1h, neverReady: true}}',
      ':4:50: spec.failures[0].badRollout.container: Deployment default/web has no container other (there are the containers main)',
    ],
  ])('a name that nothing has: %s', async (failure, message) => {
    const { status, err } = await stowage('validate', scenario('names.yaml', failing(failure)))
    expect(err).toContain(message)
    expect(status).toBe(2)
  })

  it('but not a rollout of what an action applies', async () => {
    file('web.yaml', WEB.replace('web', 'later'))
    const place = scenario(
      'later.yaml',
      `${failing('{badRollout: {name: later, at: 1h, neverReady: true}}')}  actions: [{at: 1m, apply: web.yaml}]\n`,
    )
    expect(await stowage('validate', place)).toMatchObject({ status: 0, err: '' })
  })

  it('nor nodes and zones of nodes that an action applies', async () => {
    const labels = '{topology.kubernetes.io/zone: north}'
    file('node.yaml', `apiVersion: v1\nkind: Node\nmetadata: {name: late, labels: ${labels}}\n`)
    const spec = failing(
      '{partition: {zone: north, at: 1h, for: 1h}}',
      '{partition: {nodes: [late], at: 1h, for: 1h}}',
    )
    const place = scenario('joining.yaml', `${spec}  actions: [{at: 1m, apply: node.yaml}]\n`)
    expect(await stowage('validate', place)).toMatchObject({ status: 0 })
  })

  it('and warns, as a run does, of failures that change nothing', async () => {
    const spec = failing(
      '{domainOutage: {domain: rack, timeBetweenFailures: 1d, repair: 1h}}',
      '{registryOutage: {at: 1m, for: 1m}}',
      '{poisonousPod: {podSelector: {app: wep}, killsAfter: 1m, repair: 1m}}',
      '{poisonousPod: {podSelector: {app: web}, killsAfter: 1m, repair: 1m}}',
      '{kubeletHang: {selector: {disk: ssd}, at: 1h, for: 1h}}',
      '{zoneOutage: {zone: west, at: 3h, for: 1h}}',
      '{partition: {count: 9, at: 1h, for: 1h}}',
      '{incident: {hits: {zone: west, count: 2}, at: 1h, for: 1h}}',
    )
    const others = '  repair: {selector: {pool: none}}\n  nodeLifecycle: {gracePeriod: 5s}\n'
    const place = scenario('idle.yaml', `${spec}  until: 2h\n${others}`)
    const warnings = [
      'spec.failures[0] has no effect: no node has the label rack',
      'spec.failures[1] has no effect: without spec.images no image is pulled',
      'spec.failures[2] has no effect: no pods have the labels app=wep',
      'spec.failures[4] has no effect: no node has the labels disk=ssd',
      'spec.failures[5] has no effect: it comes after the end of the run',
      'spec.failures[6].partition.count: is 9, and there are 2 such nodes: all are hit',
      'spec.failures[7].incident.hits.count: is 2, and there are 1 such nodes: all are hit',
      'spec.nodeLifecycle.gracePeriod: is 5s, less than leaseRenewal, 10s: nodes that are well are taken for lost',
      'spec.repair has no effect: no node has the labels pool=none',
    ]
    const text = warnings.map((warning) => `warning: ${warning}\n`).join('')
    expect(await stowage('validate', place)).toMatchObject({ status: 0, err: text })
    const { status, err } = await stowage('run', place, '--quiet', '--out', path.join(folder, 'idle'))
    expect(status).toBe(0)
    expect(err).toContain(text)
  })
})

it('validate counts what there is', async () => {
  const spec = failing('{zoneOutage: {zone: west, at: 1h, for: 1h}}')
  const place = scenario('counts.yaml', `${spec}${WORKLOAD}  actions: [{at: 1m, apply: deployment.yaml}]\n`)
  const { out } = await stowage('validate', place)
  expect(out).toBe(`${place}: valid, 2 nodes, 1 traces, 1 objects, 1 actions, 1 failures\n`)
  const { out: json } = await stowage('validate', place, '--json')
  expect(JSON.parse(json)).toMatchObject({ nodes: 2, traces: 1, objects: 1, actions: 1, failures: 1 })
})

it('plan warns of a loss after the end, and of more replicas than there are', async () => {
  const place = scenario('plan.yaml', `${failing()}  until: 10m\n`)
  const { status, err } = await stowage(
    ...['plan', place, '--survive', 'zone', '--at', '20m', '--min-available', '99', '--quiet'],
  )
  expect(err).toBe(
    [
      'warning: --at: 20m is after spec.until, 10m: the run is played on until then\n',
      'warning: --min-available: is 99, and Deployment default/web has 1: all of these are wanted\n',
    ].join(''),
  )
  expect(status).toBe(1)
})

it('report points from a run with several seeds at one of them', async () => {
  const place = scenario('seeds.yaml', failing())
  const out = path.join(folder, 'seeds')
  await stowage('run', place, '--seeds', '2', '--workers', '1', '--quiet', '--out', out)
  const { status, err } = await stowage('report', out)
  expect(err).toBe(
    `${out}: is of a run with several seeds (give the directory of one of them, such as ${path.join(out, 'seed-1')})\n`,
  )
  expect(status).toBe(2)
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
    ...['node:-1', 'node:1.5', 'node:abc', 'zone:'].map((loss): [string[], string] => [
      ['plan', place, '--survive', loss],
      `--survive: "${loss}" is no loss (the count must be a whole number from 1 to 1,000)`,
    ]),
    [
      ['plan', place, '--survive', 'nothing'],
      '--survive nothing: no node has the label nothing (give node, or the key of a label that nodes have: ',
    ],
    [['report', folder, '--failure', 'x'], '--failure: is "x" (expected a whole number from 1'],
    [['report', folder, '--failure', '0'], '--failure: is "0" (expected a whole number from 1'],
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
