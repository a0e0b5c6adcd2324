import { describe, expect, it } from 'vitest'

import { accountFor } from '../../src/benchmark/cost-account.ts'
import { COMPONENTS, costPlaceOf } from '../../src/benchmark/cost-place.ts'
import type { SampledCalls } from '../../src/benchmark/cpu-profiler.ts'
import { flameGraph } from '../../src/benchmark/flame-graph.ts'

const PLUGINS = new Set(['NodeResourcesFit', 'InterPodAffinity'])

/** A profile of calls `[caller, name, source, samples]`; a caller is the place of an earlier call in the list. */
function profileOf(calls: readonly (readonly [number, string, string, number])[]): SampledCalls {
  const nodes = calls.map(([, functionName, url, hitCount], index) => ({
    id: index + 1,
    callFrame: { functionName, scriptId: '0', url, lineNumber: 0, columnNumber: 0 },
    hitCount,
    children: calls.flatMap(([caller], other) => (other > 0 && caller === index ? [other + 1] : [])),
  }))
  const samples = calls.flatMap(([, , , hits], index) => Array.from({ length: hits }, () => index + 1))
  return { nodes, startTime: 0, endTime: 0, samples, timeDeltas: samples.map(() => 2000) }
}

function partsOf(profile: SampledCalls): Record<string, number> {
  const { parts } = accountFor(profile, ({ url }) => (url === '' ? undefined : costPlaceOf(url, PLUGINS)))
  return Object.fromEntries(parts.map(({ component, part, samples }) => [`${component}/${part}`, samples]))
}

describe('the account of costs', () => {
  const profile = profileOf([
    [0, '(root)', '', 0],
    [0, 'run', 'src/engine/simulation', 3],
    [1, 'pick', 'src/scheduler/node-picker', 2],
    [2, 'filter', 'plugins/node-resources-fit', 4],
    [3, 'quantity', 'src/api/quantity', 5],
    [2, 'terms', 'plugins/pod-affinity-terms', 1],
    [1, 'podWritten', 'src/report/recorder', 6],
    [6, 'number', 'src/report/row-writer', 7],
    [7, 'writeSync', '', 8],
    [0, '(garbage collector)', '', 9],
    [0, '(idle)', '', 100],
    [0, '(program)', '', 10],
    [1, 'score', '/home/me/my-plugin.ts', 11],
  ])

  it('puts time down to the innermost function that has a place, and idle time to nobody', () => {
    expect(partsOf(profile)).toEqual({
      'engine/simulation': 3,
      // A file that several plugins share, called by none of them.
      'scheduling/node-picker': 3,
      // With the pure function that it calls.
      'scheduling/NodeResourcesFit': 9,
      'scheduling/my-plugin.ts': 11,
      'metrics/recorder': 6,
      // With Node's own function that it calls.
      'output/row-writer': 15,
      'gc/garbage collector': 9,
      'other/program': 10,
    })
  })

  it('counts each look that was not idle once, and the time between them', () => {
    const { samples, busySeconds, calls } = accountFor(profile, () => undefined)
    expect(samples).toBe(66)
    expect(calls.samples).toBe(66)
    expect(busySeconds).toBeCloseTo(66 * 0.002)
  })

  it('is drawn as a box a call, the widest for all', () => {
    const account = accountFor(profile, ({ url }) => costPlaceOf(url, PLUGINS))
    const drawing = flameGraph(account.calls, 'a < b', 1.32)
    expect(drawing).toContain('a &lt; b')
    expect(drawing).toContain('<title>pick (scheduling: node-picker): 0.240 s</title>')
    expect(drawing).toContain('width="1200.0"')
    expect(flameGraph(account.calls, 'a < b', 1.32)).toBe(drawing)
  })
})

describe('the place of a cost', () => {
  it.each([
    ['src/engine/event-queue', 'engine'],
    ['src/scheduler/framework/verdict', 'scheduling'],
    ['src/cluster/pod-store', 'api'],
    ['src/node/kubelet', 'kubelet'],
    ['src/controllers/task', 'controllers'],
    ['src/failure/outage', 'controllers'],
    ['src/workload/trace-reader', 'workload'],
    ['src/benchmark/replay-work', 'workload'],
    ['src/report/pod-meter', 'metrics'],
    ['src/report/output-file', 'output'],
    ['src/run/run', 'other'],
    ['/home/me/extender.mjs', 'scheduling'],
  ])('of %s is %s', (source, component) => {
    expect(costPlaceOf(source, PLUGINS)?.component).toBe(component)
    expect(COMPONENTS).toContain(component)
  })

  it.each(['src/base/heap', 'src/api/selectors', 'node_modules/d3-random/src/gamma.js'])(
    'of %s is its caller',
    (source) => expect(costPlaceOf(source, PLUGINS)).toBeUndefined(),
  )
})
