import fc from 'fast-check'
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import { NO_TIME, PHASE_RUNNING } from '../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { metricValue } from '../../src/report/summary.ts'
import type { Summary } from '../../src/report/summary.ts'
import { RunOutputs } from '../../src/report/run-outputs.ts'
import { OutputError } from '../../src/report/output-error.ts'
import { GIB, MANIFEST, TestCluster, sizedTemplate, taskOwner } from './cluster-builder.ts'
import { parseTable } from './parse-csv.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const SHAPE = { cpu: '4', memory: '16Gi', pods: '10' }

function values(summary: Summary, ...names: string[]): (number | undefined)[] {
  return names.map((name) => metricValue(summary, name))
}

function read(directory: string, name: string): string {
  return readFileSync(path.join(directory, name), 'utf8')
}

/** One pod that succeeds, one whose node crashes, one that is preempted, one that nobody looks at. */
function play(cluster: TestCluster): void {
  const web = taskOwner('web')
  let nodes: NodeRow[] = []
  let batch = 0 as PodRow
  let lost = 0 as PodRow
  let again = 0 as PodRow
  cluster.at(0, () => {
    nodes = [cluster.addNode('n0', SHAPE), cluster.addNode('n1', SHAPE)]
    const template = sizedTemplate({ app: 'batch' }, 'guaranteed')
    batch = cluster.createPod({
      template,
      cpu: 1000,
      memory: 2 * GIB,
      owner: taskOwner('job'),
      duration: 15 * SECOND,
    })
    const draft = {
      template: sizedTemplate({ app: 'web' }),
      cpu: 2000,
      memory: 4 * GIB,
      owner: web,
      ordinal: 0,
    }
    lost = cluster.createPod({ ...draft, duration: 100 * SECOND })
  })
  cluster.at(1, () => cluster.bind(batch, nodes[0] ?? NO_NODE))
  cluster.at(2, () => cluster.api.pods.markRunning(batch, true))
  cluster.at(5, () => {
    cluster.decide({
      pod: lost,
      rejectedBy: ['NodeResourcesFit', 'NodeAffinity'],
      message: () => '0/2 nodes, "full"',
    })
    cluster.bind(lost, nodes[1] ?? NO_NODE, { attempt: 2 })
  })
  cluster.at(6.5, () => cluster.api.pods.markRunning(lost, true))
  cluster.at(17, () => {
    cluster.api.pods.finish(batch, { succeeded: true, reason: 'Completed' })
    cluster.api.pods.requestDeletion(batch, { grace: 0, reason: '' })
  })
  cluster.at(20, () => {
    cluster.failures.push({
      id: 1,
      model: 'nodeCrash',
      nodes: [nodes[1] ?? NO_NODE],
      startedAt: 20 * SECOND,
      endedAt: undefined,
    })
    cluster.setMachine(nodes[1] ?? NO_NODE, false)
  })
  cluster.at(30, () => {
    cluster.setCondition('n1', {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'silent',
    })
  })
  cluster.at(32, () => {
    cluster.api.pods.requestDeletion(lost, { grace: 30 * SECOND, reason: 'TaintManagerEviction' })
    const draft = {
      template: sizedTemplate({ app: 'web' }),
      cpu: 2000,
      memory: 4 * GIB,
      owner: web,
      ordinal: 0,
    }
    again = cluster.createPod({ ...draft, attempt: 1 })
    cluster.createPod({ template: sizedTemplate({ app: 'web' }), cpu: 500, memory: GIB, name: 'forgotten' })
  })
  cluster.at(33, () => cluster.bind(again, nodes[0] ?? NO_NODE))
  cluster.at(34, () => cluster.api.pods.markRunning(again, true))
  cluster.sim.run(40 * SECOND)
}

describe('Recorder', () => {
  it('sums up a small run', () => {
    const cluster = new TestCluster()
    play(cluster)
    const summary = cluster.recorder.finish(MANIFEST)
    expect(
      values(summary, 'simulated_s', 'pods_submitted', 'pods_scheduled', 'pods_succeeded', 'pods_failed'),
    ).toEqual([40, 4, 3, 1, 0])
    expect(values(summary, 'pods_pending_at_end', 'pods_never_considered', 'pods_running_at_end')).toEqual([
      1, 1, 2,
    ])
    expect(
      values(summary, 'created_to_bound_s_max', 'bound_to_running_s_max', 'scheduling_attempts'),
    ).toEqual([5, 1.5, 4])
    expect(metricValue(summary, 'created_to_bound_s_mean')).toBeCloseTo(7 / 3, 9)
    expect(values(summary, 'unschedulable_attempts', 'unschedulable_attempts_by_NodeAffinity')).toEqual([
      1, 1,
    ])
    // 1 core from 1 to 17; 2 cores from 5 to 40, deleting or not; 2 cores from 33 to 40: of 8 cores for 40 s.
    expect(metricValue(summary, 'cpu_requested_mean')).toBeCloseTo((16 + 70 + 14) / 320, 12)
    expect(metricValue(summary, 'cpu_requested_peak')).toBe(0.5)
    expect(values(summary, 'gpu_requested_mean', 'memory_used_mean', 'fragmented_gpu_mean')).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // Pending: two pods for 1 s, one for 4 s more; two for 1 s and one for 7 s at the end.
    expect(metricValue(summary, 'pending_area_pod_s')).toBe(2 + 4 + 1 + 8)
    expect(values(summary, 'pending_peak', 'pending_peak_at_s', 'pending_drain_s')).toEqual([2, 0, 5])
    // Wanted: 17 s, 32 s, 8 s, 8 s; serving: 2 to 17, 6.5 to 20, 34 to 40.
    expect(metricValue(summary, 'availability')).toBeCloseTo((15 + 13.5 + 6) / (17 + 32 + 8 + 8), 12)
    expect(values(summary, 'evictions', 'evictions_by_Burstable_TaintManagerEviction')).toEqual([1, 1])
    expect(values(summary, 'failures', 'pods_affected', 'pods_not_recovered')).toEqual([1, 1, 0])
    expect(
      values(summary, 'time_to_detect_s_p50', 'time_to_evict_s_max', 'time_to_reschedule_s_max'),
    ).toEqual([10, 12, 13])
    expect(values(summary, 'time_to_run_again_s_max', 'work_lost_cpu_s')).toEqual([14, 27])
    expect(metricValue(summary, 'work_lost')).toBeCloseTo(27 / (27 + 15), 12)
  })

  it('leaves the warm-up out of means, peaks and latencies, not out of counts', () => {
    const cluster = new TestCluster({ warmUp: 20 * SECOND })
    play(cluster)
    const summary = cluster.recorder.finish(MANIFEST)
    expect(metricValue(summary, 'cpu_requested_mean')).toBeCloseTo((40 + 14) / 160, 12)
    expect(values(summary, 'pods_submitted', 'created_to_bound_s_max', 'pending_peak')).toEqual([4, 1, 2])
    expect(values(summary, 'pending_peak_at_s', 'pending_drain_s')).toEqual([32, undefined])
  })

  it('writes tables that say the same, and the same bytes each time', () => {
    const directories = [temporaryDirectory(), temporaryDirectory()]
    for (const directory of directories) {
      const cluster = new TestCluster({}, new RunOutputs({ directory, pods: true, decisions: true }))
      play(cluster)
      cluster.recorder.finish(MANIFEST)
    }
    const [one = '', other = ''] = directories
    expect(readdirSync(one)).toEqual([
      'decisions.csv',
      'events.csv',
      'failures.csv',
      'manifest.json',
      'nodes.csv',
      'pods.csv',
      'recovery.csv',
      'recovery_limits.csv',
      'recovery_steps.csv',
      'replicas.csv',
      'rollouts.csv',
      'summary.csv',
      'summary.json',
      'timeseries.csv',
      'workloads.csv',
    ])
    for (const name of readdirSync(one)) expect(read(other, name)).toBe(read(one, name))
    expect(read(one, 'pods.csv')).toBe(
      [
        'namespace,name,owner_kind,owner,attempt,qos,priority,cpu_millicores,memory_bytes,gpu_milli,' +
          'created_s,bound_s,running_s,finished_s,node,outcome,reason,scheduling_attempts,wait_s',
        'default,job-0,Task,job,0,Guaranteed,0,1000,2147483648,0,0,1,2,17,n0,Succeeded,Completed,1,1',
        'default,web-0,Task,web,0,Burstable,0,2000,4294967296,0,0,5,6.5,,n1,Running,TaintManagerEviction,2,5',
        'default,web-0-r1,Task,web,1,Burstable,0,2000,4294967296,0,32,33,34,,n0,Running,,1,1',
        'default,forgotten,,,0,Burstable,0,500,1073741824,0,32,,,,,Pending,,0,',
        '',
      ].join('\n'),
    )
    expect(read(one, 'events.csv')).toBe(
      [
        'time_s,kind,object,node,reason,message',
        '20,MachineDown,n1,n1,nodeCrash,',
        '30,NodeCondition,n1,n1,NodeStatusUnknown,Ready: True -> Unknown: silent',
        '32,TaintEviction,default/web-0,n1,TaintManagerEviction,deleted with a grace period of 30s',
        '',
      ].join('\n'),
    )
    expect(read(one, 'failures.csv').split('\n')[1]).toBe(
      '1,nodeCrash,,down,1,n1,20,30,32,32,33,34,34,,1,0,27,12,14,1,1,0,0,0,0,0,,,,,,detection,0.714286',
    )
    expect(read(one, 'decisions.csv').split('\n')[2]).toBe(
      '5,default/web-0,unschedulable,,1,0,0,NodeResourcesFit NodeAffinity,,"0/2 nodes, ""full"""',
    )
    const series = parseTable(read(one, 'timeseries.csv'))
    expect(series.map((row) => row['time_s'])).toEqual(['10', '20', '30', '40'])
    expect(series.map((row) => Number(row['cpu_requested_share']))).toEqual([0.2375, 0.3375, 0.25, 0.425])
    expect(series.map((row) => row['machine_failures'])).toEqual(['0', '0', '1', '0'])
    expect(series.map((row) => row['nodes_ready'])).toEqual(['2', '2', '2', '1'])
    const [first, second] = parseTable(read(one, 'nodes.csv'))
    expect(first).toMatchObject({
      node: 'n0',
      pods_placed: '2',
      down_s: '0',
      cpu_requested_peak_share: '0.5',
    })
    expect(second).toMatchObject({ node: 'n1', crashes: '1', evictions: '1', down_s: '20', present_s: '40' })
    expect(
      parseTable(read(one, 'workloads.csv')).map((row) => [row['kind'], row['name'], row['pods_created']]),
    ).toEqual([
      ['Pod', 'web', '1'],
      ['Task', 'batch', '1'],
      ['Task', 'web', '2'],
    ])
    expect(JSON.parse(read(one, 'manifest.json'))).toMatchObject({
      seed: 1,
      rows: { 'pods.csv': 4, 'events.csv': 3 },
    })
  })

  it('leaves valid partial files when a run is cut short, and only tables that it wrote', () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'decisions.csv'), 'of an earlier run')
    const cluster = new TestCluster({}, new RunOutputs({ directory, pods: true, decisions: false }))
    cluster.at(0, () => {
      const node = cluster.addNode('n0', SHAPE)
      cluster.bind(cluster.createPod({ template: sizedTemplate(), cpu: 100, memory: GIB, name: 'a' }), node)
    })
    cluster.at(3.25, () => cluster.sim.stop())
    cluster.at(100, () => expect.unreachable())
    cluster.sim.run()
    cluster.recorder.finish({ ...MANIFEST, interrupted: true })
    expect(parseTable(read(directory, 'pods.csv')).map((row) => row['outcome'])).toEqual(['Starting'])
    expect(parseTable(read(directory, 'timeseries.csv')).map((row) => row['interval_s'])).toEqual(['3.25'])
    expect(JSON.parse(read(directory, 'manifest.json'))).toMatchObject({ interrupted: true })
    expect(existsSync(path.join(directory, 'decisions.csv'))).toBe(false)
  })

  it('measures an empty run', () => {
    const directory = temporaryDirectory()
    const summary = new TestCluster(
      {},
      new RunOutputs({ directory, pods: true, decisions: true }),
    ).recorder.finish(MANIFEST)
    expect(values(summary, 'simulated_s', 'pods_submitted', 'availability', 'cpu_requested_mean')).toEqual([
      0,
      0,
      undefined,
      undefined,
    ])
    expect(read(directory, 'timeseries.csv').split('\n')).toHaveLength(2)
  })

  it.skipIf(!existsSync('/dev/full'))('gives no file its name when the disk is full', () => {
    const directory = temporaryDirectory()
    symlinkSync('/dev/full', path.join(directory, 'pods.csv.partial'))
    writeFileSync(path.join(directory, 'summary.csv'), 'of an earlier run')
    const cluster = new TestCluster({}, new RunOutputs({ directory, pods: true, decisions: false }))
    play(cluster)
    expect(() => cluster.recorder.finish(MANIFEST)).toThrow(OutputError)
    expect(readdirSync(directory)).toEqual(['summary.csv'])
    expect(read(directory, 'summary.csv')).toBe('of an earlier run')
  })

  it('tells of victims by the decision, and counts them as evictions once', () => {
    const directory = temporaryDirectory()
    const cluster = new TestCluster({}, new RunOutputs({ directory, pods: false, decisions: false }))
    cluster.at(1, () => {
      const node = cluster.addNode('n0', SHAPE)
      const low = cluster.createPod({ template: sizedTemplate(), cpu: 100, memory: GIB, name: 'low' })
      const high = cluster.createPod({ template: sizedTemplate(), cpu: 100, memory: GIB, name: 'high' })
      cluster.bind(low, node)
      cluster.api.pods.requestDeletion(low, { grace: 20 * SECOND, reason: 'Preempted' })
      cluster.api.pods.requestDeletion(low, { grace: 5 * SECOND, reason: 'Preempted' })
      cluster.decide({
        pod: high,
        outcome: 'nominated',
        node,
        victims: [low],
        rejectedBy: ['NodeResourcesFit'],
      })
      cluster.api.pods.remove(low)
    })
    cluster.sim.run(10 * SECOND)
    const summary = cluster.recorder.finish(MANIFEST)
    expect(values(summary, 'preemptions', 'preemption_victims', 'evictions', 'pods_deleted')).toEqual([
      1, 1, 1, 1,
    ])
    expect(read(directory, 'events.csv').split('\n').slice(1)).toEqual([
      '1,Preemption,default/low,n0,Preempted,preempted by default/high',
      '1,NodeAdded,n0,n0,,',
      '',
    ])
  })

  it('measures stranded capacity and GPU fragmentation', () => {
    const cluster = new TestCluster()
    cluster.at(0, () => {
      const node = cluster.addNode('g0', { ...SHAPE, 'nvidia.com/gpu': '2', 'stowage.dev/gpu-milli': '2000' })
      const annotations = { 'stowage.dev/gpu-milli-per-device': '600', 'stowage.dev/gpu-count': '1' }
      const template = sizedTemplate({}, 'requests', annotations)
      const pod = cluster.createPod({ template, cpu: 1000, memory: 14 * GIB, name: 'shares' })
      cluster.bind(pod, node, { devices: 0b10 })
    })
    cluster.sim.run(10 * SECOND)
    const summary = cluster.recorder.finish(MANIFEST)
    // 2 GiB are left where the median pod wants 14: all free cpu is stranded; a device has 400 left of 600.
    expect(values(summary, 'stranded_cpu_mean', 'stranded_memory_mean')).toEqual([0.75, 0])
    expect(values(summary, 'fragmented_gpu_mean', 'gpu_requested_mean')).toEqual([0.2, 0.3])
    expect(metricValue(summary, 'fragmented_free_gpu_mean')).toBeCloseTo(400 / 1400, 12)
  })
})

/** What a reader of the store sees, for comparing with sums that were kept by changes. */
interface Seen {
  pending: number
  running: number
  requested: number
  inUse: number
  wanted: number
  serving: number
}

function look(cluster: TestCluster, dead: ReadonlySet<number>): Seen {
  const { table } = cluster.api.pods
  const seen: Seen = { pending: 0, running: 0, requested: 0, inUse: 0, wanted: 0, serving: 0 }
  const used = new Set<number>()
  for (const row of table.stored()) {
    if (table.isFinished(row)) continue
    const node = table.node(row)
    const isRunning = table.phase(row) === PHASE_RUNNING
    const isWanted = table.deletingAt(row) === NO_TIME
    if (isWanted) seen.wanted += 1
    if (node === NO_NODE) seen.pending += 1
    else {
      used.add(node)
      seen.requested += table.cpu(row)
    }
    if (isRunning) seen.running += 1
    const lives = !dead.has(table.serial(row))
    if (isRunning && isWanted && table.isReady(row) && lives) seen.serving += 1
  }
  seen.inUse = used.size
  return seen
}

/** Does one random thing to the cluster, if it can be done. */
function act(
  cluster: TestCluster,
  step: { what: number; which: number; node: number },
  { down, dead }: { down: Set<number>; dead: Set<number> },
): void {
  const { pods } = cluster.api
  const { table } = pods
  const living = [...table.stored()]
  const row = living[step.which % Math.max(1, living.length)]
  const node = (step.node % 3) as NodeRow
  if (step.what <= 2 || row === undefined) {
    const name = step.what === 0 ? 'a' : 'b'
    const template = sizedTemplate({ app: name }, 'requests')
    cluster.createPod({
      template,
      cpu: 100 * (1 + step.which),
      memory: GIB,
      owner: taskOwner(name),
      ordinal: step.which,
    })
  } else if (step.what <= 4) {
    if (table.node(row) === NO_NODE) cluster.bind(row, node)
  } else if (step.what <= 6) {
    const isUp = !down.has(table.node(row))
    if (table.node(row) !== NO_NODE && table.phase(row) === 0 && isUp) {
      pods.markRunning(row, true)
      dead.delete(table.serial(row))
    }
  } else if (step.what === 7) {
    // As a kubelet: it reports readiness of pods that it started, and only while its machine is up.
    const isHeard = table.phase(row) === PHASE_RUNNING && !down.has(table.node(row))
    if (isHeard) pods.setReady(row, !table.isReady(row))
    if (isHeard && table.isReady(row)) dead.delete(table.serial(row))
  } else if (step.what === 8) {
    if (table.node(row) !== NO_NODE) pods.finish(row, { succeeded: step.which % 2 === 0, reason: 'Error' })
  } else if (step.what === 9)
    pods.requestDeletion(row, { grace: step.which * SECOND, reason: 'TaintManagerEviction' })
  else if (step.what === 10) pods.remove(row)
  else {
    const isUp = !down.has(node)
    if (isUp) down.add(node)
    else down.delete(node)
    for (const pod of living) {
      if (isUp && table.node(pod) === node) dead.add(table.serial(pod))
    }
    cluster.setMachine(node, !isUp)
  }
}

it('keeps by changes what a look at the whole store would find, second by second', () => {
  const step = fc.record({ what: fc.nat(11), which: fc.nat(12), node: fc.nat(2) })
  const input = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 120 }),
    warmUp: fc.constantFrom(0, 7),
  })
  fc.assert(
    fc.property(input, ({ steps, warmUp }) => {
      const cluster = new TestCluster({ warmUp: warmUp * SECOND, interval: 7 * SECOND })
      const down = new Set<number>()
      const dead = new Set<number>()
      const seen: Seen[] = []
      cluster.at(0, () => [0, 1, 2].forEach((i) => cluster.addNode(`n${i}`, { ...SHAPE, cpu: '100' })))
      steps.forEach((one, second) => {
        cluster.at(second, () => {
          act(cluster, one, { down, dead })
          seen.push(look(cluster, dead))
        })
      })
      cluster.sim.run(steps.length * SECOND)
      const summary = cluster.recorder.finish(MANIFEST)
      const measured = seen.slice(warmUp)
      const sum = (of: (one: Seen) => number): number => measured.reduce((total, one) => total + of(one), 0)
      const last = seen.at(-1)
      expect(metricValue(summary, 'pods_pending_at_end')).toBe(last?.pending)
      expect(metricValue(summary, 'pods_running_at_end')).toBe(last?.running)
      expect(metricValue(summary, 'pending_area_pod_s')).toBe(sum((one) => one.pending))
      expect(metricValue(summary, 'pending_peak')).toBe(Math.max(0, ...measured.map((one) => one.pending)))
      const span = Math.max(1, measured.length)
      const found = ['cpu_requested_mean', 'cpu_requested_peak', 'nodes_in_use_mean', 'availability'].map(
        (name) => metricValue(summary, name) ?? 0,
      )
      const expected = [
        sum((one) => one.requested) / span / 3e5,
        Math.max(0, ...measured.map((one) => one.requested)) / 3e5,
        sum((one) => one.inUse) / span,
        sum((one) => one.serving) /
          Math.max(
            1,
            sum((one) => one.wanted),
          ),
      ]
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 9))
    }),
    { numRuns: 300 },
  )
})
