import { describe, expect, it } from 'vitest'

import type { PodTemplate } from '../../src/api/pod-template.ts'
import { SECOND } from '../../src/base/time.ts'
import { cpuClock } from '../../src/benchmark/cpu-clock.ts'
import { samplesData } from '../../src/benchmark/data-items.ts'
import { Section } from '../../src/benchmark/section.ts'

function template(namespace: string, labels: Readonly<Record<string, string>> = {}): PodTemplate {
  return { metadata: { namespace, labels, annotations: {} }, spec: { containers: [] }, sizing: 'template' }
}

function section(labels?: Readonly<Record<string, string>>): Section {
  return new Section({ name: 'Case/small/a', namespaces: ['a'], labels, startedAt: 10 * SECOND })
}

/** Binds so many pods in each second from the start. */
function bind(one: Section, bySecond: readonly number[]): void {
  bySecond.forEach((count, second) => {
    const now = 10 * SECOND + second * SECOND + 1
    for (let i = 0; i < count; i++) one.podBound(template('a'), now, now)
  })
}

describe('the throughput of a section', () => {
  it.each([
    ['begins after the first second with a pod', [5, 7, 9], 3, [7, 9]],
    ['leaves seconds before that out', [0, 0, 5, 7], 4, [7]],
    ['shares a value between seconds without progress', [5, 0, 0, 9, 4], 5, [3, 3, 3, 4]],
    ['leaves a last second that is not full out', [5, 7, 9], 2.5, [7]],
    ['is pods over span when it is too short for a sample', [5], 1, [5]],
  ])('%s', (_, bySecond, seconds, samples) => {
    const one = section()
    bind(one, bySecond)
    expect(one.end((10 + seconds) * SECOND).samples).toEqual(samples)
  })

  it('counts the pods of its namespaces that have its labels', () => {
    const one = section({ type: 'wanted' })
    for (const pod of [
      template('a', { type: 'wanted' }),
      template('a', { type: 'other' }),
      template('b', { type: 'wanted' }),
    ]) {
      one.podBound(pod, 11 * SECOND, 10.5 * SECOND)
    }
    const { bound, schedulingMs } = one.end(12 * SECOND)
    expect({ bound, mean: schedulingMs.mean }).toEqual({ bound: 1, mean: 500 })
  })

  it('has the percentiles that scheduler_perf takes', () => {
    expect(samplesData([30, 10, 20, 40])).toEqual({
      Average: 25,
      Perc50: 20,
      Perc90: 40,
      Perc95: 40,
      Perc99: 40,
    })
    expect(samplesData([])).toBeUndefined()
  })
})

describe('the clock of processor time', () => {
  it('asks the system every 20 ms, goes on between, and never goes back', () => {
    let ms = 0
    let cpu = 1
    const clock = cpuClock(
      () => cpu,
      () => ms,
    )
    const seen = [0, 10, 19, 20, 30].map((at) => {
      ms = at
      if (at === 20) cpu = 1.015
      return clock()
    })
    expect(seen).toEqual([1, 1.01, 1.019, 1.019, 1.025].map((value) => expect.closeTo(value, 9)))
  })
})
