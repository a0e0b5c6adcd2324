import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { HOUR, MINUTE, SECOND } from '../../src/base/time.ts'
import { RandomStreams } from '../../src/base/random.ts'
import type { FailureSource } from '../../src/scenario/failures/index.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const SHIPPED = path.join(PROJECT_ROOT, 'traces/mixed-day.yaml')
const stream = new RandomStreams(1).stream('test')

/** The failures of a scenario that has these. */
function failures(...items: readonly string[]): readonly FailureSource[] {
  return loadScenario({
    file: SHIPPED,
    overrides: [`spec.failures=[${items.join(', ')}]`, 'spec.startTime="2026-03-01T09:30:00Z"'],
  }).failures
}

function failure<Kind extends FailureSource['kind']>(
  kind: Kind,
  text: string,
): Extract<FailureSource, { readonly kind: Kind }> {
  const [source] = failures(text)
  if (source?.kind !== kind) throw new Error(`no ${kind}`)
  return source as Extract<FailureSource, { readonly kind: Kind }>
}

/** What is wrong with a failure, without the place. */
function problem(text: string): string {
  try {
    failures(text)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.problems.map(({ field, message, hint }) => [field, message, hint].join('|')).join('\n')
  }
  return ''
}

describe('instants of failures', () => {
  it('are durations, times of day and times of the calendar', () => {
    const at = (text: string): number => failure('incident', `{incident: {at: ${text}, for: 40m}}`).at
    expect(at('90m')).toBe(90 * MINUTE)
    expect(at('"14:00"')).toBe(4.5 * HOUR)
    expect(at('14:00')).toBe(4.5 * HOUR)
    expect(at('"09:30:05"')).toBe(5 * SECOND)
    expect(at('"08:00"')).toBe(22.5 * HOUR)
    expect(at('"2026-03-02T00:00:00Z"')).toBe(14.5 * HOUR)
  })

  it('are refused where they make no sense', () => {
    expect(problem('{incident: {at: "25:00", for: 1m}}')).toContain(
      'incident.at|"25:00" is no time of day|expected 00:00 to 23:59',
    )
    expect(problem('{incident: {at: "2026-02-01T00:00:00Z", for: 1m}}')).toContain('is before the start')
    expect(problem('{incident: {at: soon, for: 1m}}')).toContain('"soon" is no duration')
  })
})

describe('targets of failures', () => {
  it('are zones, labels, names, and parts of them', () => {
    const target = (text: string): unknown =>
      failure('incident', `{incident: {at: 1m, for: 1m, hits: ${text}}}`).target
    expect(target('{zone: a, selector: {disk: ssd}, share: 0.5}')).toMatchObject({
      selector: { 'topology.kubernetes.io/zone': 'a', disk: 'ssd' },
      share: 0.5,
    })
    expect(target('{nodes: [x, y], count: 1}')).toMatchObject({
      names: [{ name: 'x', place: { field: 'spec.failures[0].incident.hits.nodes[0]' } }, { name: 'y' }],
      count: 1,
    })
  })

  it('are refused where they contradict each other', () => {
    const hits = (text: string): string => problem(`{incident: {at: 1m, for: 1m, hits: ${text}}}`)
    expect(hits('{nodes: [x], zone: a}')).toContain('nodes exclude zone and selector')
    expect(hits('{share: 0.5, count: 2}')).toContain('count and share exclude each other')
    expect(hits('{share: 2}')).toContain('share')
  })
})

describe('effects of failures', () => {
  it('are down by default, and the others by name or with what is drawn', () => {
    const effect = (text: string): unknown =>
      failure('incident', `{incident: {at: 1m, for: 1m, effect: ${text}}}`).effect
    expect(failure('incident', '{incident: {at: 1m, for: 1m}}').effect).toEqual({ kind: 'down' })
    expect(effect('cutOff')).toEqual({ kind: 'cutOff' })
    const full = effect('{diskFull: 0.9}') as { share: (from: typeof stream) => number }
    expect(full.share(stream)).toBe(0.9)
    const { cpu, disk, network } = failure(
      'failSlow',
      '{failSlow: {at: 1m, for: 1m, cpu: 0.2, disk: 0.5}}',
    ).speed
    expect([cpu(stream), disk(stream), network(stream)]).toEqual([0.2, 0.5, 1])
  })

  it('are refused where nothing of the machine is left, or all is', () => {
    expect(problem('{failSlow: {at: 1m, for: 1m}}')).toContain('nothing is slow')
    expect(problem('{failSlow: {at: 1m, for: 1m, cpu: 0}}')).toContain('expected more than 0')
    expect(problem('{diskFull: {at: 1m, for: 1m, taken: 3}}')).toContain('expected a share from 0 to 1')
  })
})

describe('failures in a scenario', () => {
  it('happen at an instant or again and again, not both', () => {
    const both = '{kubeletHang: {at: 1m, timeBetweenFailures: 1d, for: 1m}}'
    expect(problem(both)).toContain('expected either at or timeBetweenFailures')
    expect(problem('{kubeletHang: {for: 1m}}')).toContain('expected either at or timeBetweenFailures')
    const { occurrence } = failure('kubeletHang', '{kubeletHang: {timeBetweenFailures: 1d, for: 1m}}')
    expect(occurrence.kind).toBe('recurring')
    expect(problem('{partition: {at: 1m, for: 1m, domain: rack}}')).toContain(
      'domains are for timeBetweenFailures',
    )
  })

  it('are of domains that may spread', () => {
    const text = `{domainOutage: {domain: rack, timeBetweenFailures: 90d, repair: 1h,
      cascade: {probability: 0.1, delay: 2m, to: next}}}`
    expect(failure('domainOutage', text)).toMatchObject({
      domain: 'rack',
      effect: { kind: 'down' },
      cascade: { probability: 0.1, to: 'next' },
    })
  })

  it('may be of nodes that never come back, which then may be replaced', () => {
    const gone = failure('nodeCrash', '{nodeCrash: {timeBetweenFailures: 90d, replacement: 5m}}')
    expect([gone.repair, gone.replacement?.(stream)]).toEqual([undefined, 5 * MINUTE])
    const both = '{nodeCrash: {timeBetweenFailures: 90d, repair: 1m, replacement: 5m}}'
    expect(problem(both)).toContain('exclude each other')
    const two = failures(
      '{nodeCrash: {timeBetweenFailures: 9d, repair: 1m}}',
      '{nodeCrash: {timeBetweenFailures: 1d}}',
    )
    expect(two).toHaveLength(2)
  })

  it('may be of the cloud, of registries and of spot nodes', () => {
    expect(problem('{cloudThrottling: {at: 1m, for: 1m}}')).toContain('nothing is throttled')
    expect(problem('{spotInterruption: {notice: 30s}}')).toContain('either at or timeBetweenInterruptions')
    expect(problem('{spotInterruption: {at: 1m, pool: type}}')).toContain('pools are for')
    const spot = failure(
      'spotInterruption',
      '{spotInterruption: {timeBetweenInterruptions: 3d, pool: type, share: 0.2}}',
    )
    expect(spot).toMatchObject({ notice: 2 * MINUTE, drains: true, pool: 'type', replacement: undefined })
    const slow = failure('registryOutage', '{registryOutage: {at: 1m, for: 1m, slowness: 5}}')
    expect(slow.slowness?.(stream)).toBe(5)
  })

  it('may be maintenance in waves, by a period or by the calendar', () => {
    expect(failure('maintenance', '{maintenance: {at: 1h, for: 5m}}').waves).toBeUndefined()
    const weekly = failure('maintenance', '{maintenance: {at: 1h, every: 7d, for: 5m, nodesMax: 10%}}').waves
    expect(weekly).toMatchObject({ every: 168 * HOUR, nodesMax: '10%', window: undefined })
    expect(problem('{maintenance: {for: 5m}}')).toContain('expected at or schedule')
    expect(problem('{maintenance: {schedule: "0 3 * *", for: 5m}}')).toContain('maintenance.schedule')
    expect(problem('{maintenance: {schedule: "0 3 * * *", at: 1h, for: 5m}}')).toContain('schedule excludes')
    expect(problem('{maintenance: {at: 1h, for: 5m, nodesMax: few}}')).toContain('is no number of nodes')
  })

  it('are refused where they last no time, or are of more than there is', () => {
    const zero = ['zoneOutage: {zone: a,', 'partition: {', 'incident: {', 'etcdDataLoss: {']
    for (const kind of zero) {
      expect(problem(`{${kind} at: 1m, for: 0}}`)).toMatch(/\.for\|is 0\|expected more than 0$/)
    }
    const drawn = failure('partition', '{partition: {at: 1m, for: {uniform: {low: 0, high: 5m}}}}')
    expect(drawn.occurrence.span(stream)).toBeGreaterThan(0)
    expect(problem('{etcdFailure: {members: 4, at: 1m, for: 1m}}')).toContain(
      'etcdFailure.members|is 4, and etcd has 3',
    )
    expect(problem('{apiServerOutage: {replicas: 2, at: 1m, for: 1m}}')).toContain(
      'apiServerOutage.replicas|is 2, and there are 1 API servers',
    )
    expect(problem('{apiServerOutage: {replicas: all, at: 1m, for: 1m}}')).toBe('')
    expect(problem('{registryOutage: {at: 1m, for: 1m, slowness: 0.5}}')).toContain(
      'slowness|is 0.5|expected 1',
    )
    const graces = 'shutdownGracePeriod: 10s, shutdownGracePeriodCriticalPods: 20s'
    expect(problem(`{maintenance: {at: 1m, for: 1m, ${graces}}}`)).toContain(
      'shutdownGracePeriodCriticalPods|is longer than shutdownGracePeriod',
    )
  })

  it('may be of workloads', () => {
    const rollout = failure(
      'badRollout',
      '{badRollout: {name: web, at: 1m, crashAfter: {exponential: {mean: 9s}}}}',
    )
    expect(rollout.behaviour).toEqual({ duration: '{"exponential":{"mean":"9s"}}', 'exit-code': '1' })
    expect(problem('{badRollout: {name: web, at: 1m}}')).toContain('either crashAfter or neverReady')
    expect(problem('{badRollout: {name: web, at: 1m, crashAfter: soon}}')).toContain('is no duration')
    expect(problem('{badRollout: {name: web, neverReady: true}}')).toContain(
      'either at or timeBetweenRollouts',
    )
    expect(problem('{poisonousPod: {podSelector: {}, killsAfter: 1m, repair: 1m}}')).not.toBe('')
  })
})
