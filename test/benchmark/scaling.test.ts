import { describe, expect, it } from 'vitest'

import type { ReplayFigures } from '../../src/benchmark/replay.ts'
import {
  bytesPerNode,
  fitsCsv,
  measuresOf,
  scalingChart,
  scalingCsv,
  scalingFits,
} from '../../src/benchmark/scaling.ts'
import type { ScalingPoint, Sweep } from '../../src/benchmark/scaling.ts'

const MIB = 2 ** 20

/** A replay that took half a second to start, and 20 µs × √nodes a pod, half of them in the scheduler. */
function figuresOf(nodes: number, pods: number): ReplayFigures {
  const work = pods * 20e-6 * Math.sqrt(nodes)
  const none = { engine: 0, api: 0, kubelet: 0, controllers: 0, workload: 0, metrics: 0, output: 0, gc: 0 }
  return {
    nodes,
    pods,
    shapes: 'all',
    seed: 1,
    trace: null,
    cpuSeconds: 0.5 + work,
    wallSeconds: 1,
    peakRssBytes: 80 * MIB + 3000 * nodes,
    podsSubmitted: pods,
    podsBound: pods,
    podsFinished: pods,
    decisions: pods,
    events: 13 * pods,
    simulatedSeconds: 1,
    decisionsPerCpuSecond: 1,
    podsPerCpuSecond: 1,
    eventsPerCpuSecond: 1,
    phases: { ...none, scheduling: 0.1 + work / 2, threads: 0, other: 0, startup: 0.3 },
    eventDigest: '',
  }
}

function pointOf(sweep: Sweep, nodes: number, pods: number): ScalingPoint {
  return { sweep, figures: figuresOf(nodes, pods), empty: figuresOf(nodes, 100) }
}

const POINTS = [
  ...[100, 1000, 10_000].map((nodes) => pointOf('empty', nodes, 100)),
  ...[100, 1000, 10_000].map((nodes) => pointOf('nodes', nodes, 50_000)),
  ...[10_000, 100_000].map((pods) => pointOf('pods', 1000, pods)),
]

describe('scaling', () => {
  it('fits the exponents of what a pod and a decision cost beyond an empty cluster', () => {
    const fits = scalingFits(POINTS)
    const exponentOf = (sweep: Sweep, measure: string): number | undefined =>
      fits.find((fit) => fit.sweep === sweep && fit.measure === measure)?.exponent
    expect(exponentOf('nodes', 'cpu_per_pod')).toBeCloseTo(0.5, 6)
    expect(exponentOf('nodes', 'scheduling_per_decision')).toBeCloseTo(0.5, 6)
    expect(exponentOf('pods', 'cpu_per_pod')).toBeCloseTo(0, 6)
    expect(bytesPerNode(POINTS)).toBeCloseTo(3000, 6)
  })

  it('has no costs of a pod for empty clusters', () => {
    const [empty] = POINTS
    expect([...(empty === undefined ? [] : measuresOf(empty).keys())]).toEqual(['cpu', 'peak_memory'])
  })

  it('writes a row a point, and one a fit', () => {
    const lines = scalingCsv(POINTS).trim().split('\n')
    expect(lines[0]).toBe(
      'sweep,nodes,pods,shapes,decisions,events,cpu_s,cpu_per_pod_us,scheduling_per_decision_us,peak_memory_mib',
    )
    expect(lines[1]).toBe('empty,100,100,all,100,1300,0.52,,,80.286102')
    expect(lines).toHaveLength(1 + POINTS.length)
    expect(fitsCsv(scalingFits(POINTS)).split('\n')[0]).toBe('sweep,measure,unit,exponent,factor,r_squared')
  })

  it('draws a curve a measure with its exponent', () => {
    const drawing = scalingChart(POINTS, scalingFits(POINTS), 'nodes')
    expect(drawing).toContain('cpu_per_pod (µs): nodes^0.50')
    expect(drawing.match(/<path /g)).toHaveLength(4)
    expect(drawing.match(/<circle /g)).toHaveLength(12)
  })
})
