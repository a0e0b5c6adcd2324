import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { RunSpan } from '../../../src/api/container-behaviour.ts'
import { NEVER, SECOND } from '../../../src/base/time.ts'
import { ProbeWorker, mergedSpans, planProbe } from '../../../src/node/lifecycle/probe.ts'
import type { ProbeKind } from '../../../src/node/lifecycle/probe.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const GET = { httpGet: { port: 80 } }

describe('a readiness probe', () => {
  it('is asked at once when the container starts, then each period', () => {
    const cluster = new LifecycleCluster({ kubelet: { startup: () => 3 * SECOND } })
    const pod = cluster.pod(
      { containers: [{ name: 'app', readinessProbe: GET }] },
      { 'time-to-ready': '12s', 'readiness-fails': '60s-95s' },
    )
    cluster.runTo(200)
    // Ticks are at 0, 10, 20, ...: ready at 20; fails from 63 on: 70, 80, 90; well again from 98 on: at 100.
    expect(cluster.history(pod)).toEqual([
      '0 Pending ContainerCreating',
      '3 Running Running',
      '20 Running ready Running',
      '90 Running Running',
      '100 Running ready Running',
    ])
  })

  it('makes the pod ready at once when the container is', () => {
    const cluster = new LifecycleCluster({ kubelet: { startup: () => 3 * SECOND } })
    const pod = cluster.pod({ containers: [{ name: 'app', readinessProbe: GET }] })
    cluster.runTo(20)
    expect(cluster.seconds('readyAt', pod)).toBe(3)
  })

  it('waits for the initial delay and counts successes to the threshold', () => {
    const cluster = new LifecycleCluster()
    const readinessProbe = { ...GET, initialDelaySeconds: 7, periodSeconds: 5, successThreshold: 3 }
    const pod = cluster.pod({ containers: [{ name: 'app', readinessProbe }] })
    cluster.runTo(60)
    expect(cluster.seconds('readyAt', pod)).toBe(20)
  })
})

describe('a liveness probe', () => {
  it('has a container killed after its threshold, within its own grace period, and started again', () => {
    const cluster = new LifecycleCluster()
    const livenessProbe = { ...GET, failureThreshold: 2, terminationGracePeriodSeconds: 4 }
    const pod = cluster.pod(
      { containers: [{ name: 'app', livenessProbe }] },
      { 'liveness-fails': '25s-', 'termination-time': '60s' },
    )
    cluster.runTo(50)
    expect(cluster.history(pod)).toEqual(['0 Running ready Running', '44 Running ready Running(1)'])
    expect(cluster.status(pod)?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
  })

  it('fails when it takes longer than its timeout', () => {
    const cluster = new LifecycleCluster()
    const livenessProbe = { ...GET, timeoutSeconds: 2 }
    const spec = { containers: [{ name: 'app', livenessProbe }], restartPolicy: 'Never' }
    const slow = cluster.pod(spec, { 'probe-latency': '3s' })
    const quick = cluster.pod(spec, { 'probe-latency': '2s' })
    cluster.runTo(100)
    expect([cluster.state(slow), cluster.state(quick)]).toEqual(['Failed Error', 'Running'])
    // Probes at 10, 20 and 30; the third has failed after its timeout.
    expect(cluster.seconds('finishedAt', slow)).toBe(32)
  })

  it('falls into the crash loop as the kubelet does: counted from the end before the last', () => {
    const cluster = new LifecycleCluster()
    const livenessProbe = { ...GET, periodSeconds: 10, failureThreshold: 1 }
    const pod = cluster.pod({ containers: [{ name: 'app', livenessProbe }] }, { 'liveness-fails': '0s-' })
    const starts: number[] = []
    cluster.api.pods.observe(() => {
      const started = cluster.status(pod)?.state?.running?.startedAt
      if (started !== undefined) starts.push(cluster.api.calendar.parse(started) / SECOND)
    })
    cluster.runTo(400)
    // Runs take 10 s: the first restarts find the back-off of the end before over, later ones wait for that of the last end.
    expect([...new Set(starts)].slice(0, 7)).toEqual([0, 10, 20, 30, 60, 110, 200])
  })
})

describe('a startup probe', () => {
  it('holds back the others until it succeeds', () => {
    const cluster = new LifecycleCluster()
    const app = {
      name: 'app',
      startupProbe: { ...GET, periodSeconds: 5, failureThreshold: 30 },
      livenessProbe: { ...GET, periodSeconds: 1, failureThreshold: 1 },
      readinessProbe: { ...GET, periodSeconds: 1 },
    }
    const pod = cluster.pod({ containers: [app] }, { 'time-to-ready': '42s' })
    cluster.runTo(40)
    expect([cluster.state(pod), cluster.status(pod)?.started]).toEqual(['Running', false])
    cluster.runTo(60)
    expect(cluster.history(pod)).toEqual(['0 Running Running', '45 Running ready Running'])
  })

  it('has a container killed that does not start in time', () => {
    const cluster = new LifecycleCluster()
    const startupProbe = { ...GET, periodSeconds: 5, failureThreshold: 4 }
    const spec = { containers: [{ name: 'app', startupProbe }], restartPolicy: 'Never' }
    const pod = cluster.pod(spec, { 'time-to-ready': '1m' })
    cluster.runTo(100)
    expect([cluster.state(pod), cluster.seconds('finishedAt', pod)]).toEqual(['Failed Error', 20])
  })
})

describe('probe workers of a kubelet that has just started', () => {
  it('sleep a part of their period first', () => {
    const cluster = new LifecycleCluster()
    const readinessProbe = { ...GET, initialDelaySeconds: 1, periodSeconds: 30 }
    const pods = [1, 2, 3].map(() => cluster.pod({ containers: [{ name: 'app', readinessProbe }] }))
    cluster.at(100, () => cluster.machines.crash(cluster.node0, 'test'))
    cluster.at(130, () => cluster.machines.restore(cluster.node0, 'test'))
    cluster.runTo(99)
    expect(pods.map((pod) => cluster.seconds('readyAt', pod))).toEqual([30, 30, 30])
    cluster.runTo(200)
    const times = pods.map((pod) => cluster.seconds('readyAt', pod))
    expect(new Set(times).size).toBe(3)
    for (const time of times) expect(time).toSatisfy((at: number) => at > 130 && at <= 161)
  })
})

/** Every probe in turn: what a worker does that waits for none. */
function changesOf(
  kind: ProbeKind,
  settings: Parameters<typeof planProbe>[1],
  {
    phase,
    startedAt,
    fails,
    until,
  }: { phase: number; startedAt: number; fails: readonly RunSpan[]; until: number },
): string[] {
  const plan = planProbe(kind, settings)
  const changes: string[] = []
  let result = { startup: 'unknown', liveness: 'success', readiness: 'failure' }[kind]
  let last = ''
  let run = 0
  const from = startedAt + plan.initialDelay
  const ticks: number[] = []
  for (let at = phase; at <= until; at += plan.period) if (at >= from && at > startedAt) ticks.push(at)
  if (kind === 'readiness' && plan.initialDelay === 0) ticks.push(startedAt)
  for (const at of [...new Set(ticks)].toSorted((one, other) => one - other)) {
    const isFailing = fails.some((span) => at - startedAt >= span.from && at - startedAt < span.to)
    const outcome = isFailing ? 'failure' : 'success'
    run = outcome === last ? run + 1 : 1
    last = outcome
    if (run < (isFailing ? plan.failureThreshold : plan.successThreshold)) continue
    if (result !== outcome) changes.push(`${at} ${outcome}`)
    result = outcome
    if (isFailing && kind !== 'readiness') break
    if (kind === 'startup') break
  }
  return changes
}

describe('waiting for changes only', () => {
  it('sees what probing each period sees', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 80 }))
    fc.assert(
      fc.property(
        fc.constantFrom<ProbeKind>('startup', 'liveness', 'readiness'),
        fc.record({
          initialDelaySeconds: fc.integer({ min: 0, max: 20 }),
          periodSeconds: fc.integer({ min: 1, max: 15 }),
          successThreshold: fc.integer({ min: 1, max: 4 }),
          failureThreshold: fc.integer({ min: 1, max: 5 }),
        }),
        fc.integer({ min: 0, max: 30 }),
        fc.array(span, { maxLength: 6 }),
        (kind, settings, start, spans) => {
          const own = kind === 'readiness' ? settings : { ...settings, successThreshold: 1 }
          const fails = mergedSpans(
            spans.map(([from, length]) => ({ from: from * SECOND, to: (from + length) * SECOND })),
          )
          const startedAt = start * SECOND
          const worker = new ProbeWorker(planProbe(kind, own), 0)
          worker.containerStarted(startedAt, fails)
          const changes: string[] = []
          let change = worker.nextChange(startedAt, kind === 'readiness')
          while (change !== undefined) {
            changes.push(`${change.at} ${change.to}`)
            const isOver = worker.change(change.to) || kind === 'startup'
            change = isOver ? undefined : worker.nextChange(change.at + 1, false)
          }
          const until = 400 * SECOND
          expect(changes).toEqual(changesOf(kind, own, { phase: 0, startedAt, fails, until }))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('never ends a span before a later one that lies in it', () => {
    expect(
      mergedSpans(
        [{ from: 5, to: NEVER }],
        [
          { from: 7, to: 9 },
          { from: 0, to: 5 },
        ],
      ),
    ).toEqual([{ from: 0, to: NEVER }])
  })
})
