import { expect, it } from 'vitest'
import { HOUR, SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { POD_CREATED } from '../../src/cluster/pod-event.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { Tasks } from '../../src/controllers/task.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { Kubelets } from '../../src/node/kubelet.ts'
import { Machines } from '../../src/node/machine.ts'
import { UsageModel } from '../../src/node/usage-model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { metricValue } from '../../src/report/summary.ts'
import type { Summary } from '../../src/report/summary.ts'
import { GIB, MANIFEST, nodeObject, sizedTemplate } from './cluster-builder.ts'

const STARTUP = 4 * SECOND

/**
 * One task of 100 s on one node, whose machine is down from 30 s on for a time: real kubelet, machines and
 * owner.
 */
function outage(options: {
  readonly restartPolicy: 'Always' | 'Never'
  readonly downFor: Micros
  readonly checkpointInterval?: Micros
}): Summary {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const machines = new Machines(sim, api)
  const streams = { factors: sim.random.stream('factors'), rises: sim.random.stream('rises') }
  const usage = new UsageModel(api.pods, { memoryFactor: () => 0.5, initialShare: 1 }, streams)
  const kubeletParts = { machines, usage }
  const times = { startup: () => STARTUP, stop: () => 0, watchLatency: 0 }
  const kubelets = new Kubelets(sim, api, kubeletParts, times)
  const failures = new FailureLog(sim, machines)
  const recorder = new Recorder(
    {
      clock: sim,
      pods: api.pods,
      nodeRows: api.nodeRows,
      watch: (watch) => api.watch(watch),
      machines,
      kubelets,
      failures,
    },
    { interval: 60 * SECOND, warmUp: 0 },
  )
  const { checkpointInterval } = options
  const tasks = new Tasks(sim, api, {
    keepFinished: false,
    retriesMax: undefined,
    checkpointInterval: checkpointInterval === undefined ? undefined : () => checkpointInterval,
  })
  api.nodes.create(nodeObject('n0', { cpu: '4', memory: '16Gi', pods: '10' }))
  const node = api.nodeRows.everRowOf('n0')
  bindAll(api, node)
  const base = sizedTemplate()
  const template = { ...base, spec: { ...base.spec, restartPolicy: options.restartPolicy } }
  tasks.submit({ name: 'job', at: 0, template, cpu: 2000, memory: 8 * GIB, count: 1, duration: 100 * SECOND })
  sim.at(
    30 * SECOND,
    sim.handler('test/crash', () => {
      const record = failures.begin('node-crash', { nodes: [node] })
      sim.after(
        options.downFor,
        sim.handler('test/repair', () => failures.end(record)),
      )
    }),
  )
  sim.run(HOUR)
  expect(tasks.remaining).toBe(0)
  return recorder.finish(MANIFEST)
}

/** A scheduler that binds every pod to the one node. */
function bindAll(api: ApiServer, node: NodeRow): void {
  api.watch({
    name: 'test/binder',
    podEvents: POD_CREATED,
    onPod: ({ pod }) => void api.pods.bind(pod, node, 0),
  })
}

it('counts a pod that starts again in place from when it runs, not from when its machine is back', () => {
  const summary = outage({ restartPolicy: 'Always', downFor: 20 * SECOND })
  // Runs 4 to 30; back at 50; runs from 54 to 154.
  expect(metricValue(summary, 'time_to_run_again_s_max')).toBe(24)
  expect(metricValue(summary, 'time_to_evict_s_max')).toBeUndefined()
  expect(metricValue(summary, 'availability')).toBeCloseTo((26 + 100) / 154, 12)
  expect(metricValue(summary, 'work_lost_cpu_s')).toBe(52)
  expect(metricValue(summary, 'work_lost')).toBeCloseTo(52 / 252, 12)
  expect(metricValue(summary, 'pods_succeeded')).toBe(1)
})

it('counts a pod that is never restarted as lost, and its replacement as the recovery', () => {
  const summary = outage({ restartPolicy: 'Never', downFor: 20 * SECOND })
  expect(metricValue(summary, 'time_to_evict_s_max')).toBe(20)
  expect(metricValue(summary, 'time_to_reschedule_s_max')).toBe(20)
  expect(metricValue(summary, 'time_to_run_again_s_max')).toBe(24)
  expect([metricValue(summary, 'pods_submitted'), metricValue(summary, 'pods_failed')]).toEqual([2, 1])
  expect([metricValue(summary, 'pods_affected'), metricValue(summary, 'pods_not_recovered')]).toEqual([1, 0])
  expect(metricValue(summary, 'work_lost_cpu_s')).toBe(52)
})

it('counts as lost only what came after the last checkpoint', () => {
  const setting = { restartPolicy: 'Never', downFor: 20 * SECOND } as const
  const summary = outage({ ...setting, checkpointInterval: 10 * SECOND })
  // Ran 26 s on 2 cores, of which 20 are kept: 80 are left, and 6 were for nothing.
  expect(metricValue(summary, 'work_lost_cpu_s')).toBe(12)
  expect(metricValue(summary, 'work_lost')).toBeCloseTo(12 / 212, 12)
  expect(metricValue(summary, 'pods_succeeded')).toBe(1)
  const rare = outage({ ...setting, checkpointInterval: 27 * SECOND })
  expect(metricValue(rare, 'work_lost_cpu_s')).toBe(52)
})

it('measures the memory that the kubelet reports, none while the machine is down', () => {
  const summary = outage({ restartPolicy: 'Always', downFor: 20 * SECOND })
  // 4 of 16 GiB for 26 s and 100 s of the hour.
  expect(metricValue(summary, 'memory_used_mean')).toBeCloseTo((0.25 * 126) / 3600, 12)
  expect(metricValue(summary, 'memory_used_peak')).toBe(0.25)
})
