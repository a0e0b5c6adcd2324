import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { loadScenario } from '../../src/scenario/load.ts'
import { SCENARIO_SCHEMA } from '../../src/scenario/schema.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const SHIPPED = path.join(PROJECT_ROOT, 'traces/mixed-day.yaml')

describe('the published schema', () => {
  it('is the one that scenarios are checked against', () => {
    const published = readFileSync(path.join(PROJECT_ROOT, 'schema/scenario.schema.json'), 'utf8')
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(SCENARIO_SCHEMA)))
  })
})

describe('loadScenario', () => {
  it('defaults and resolves', () => {
    const scenario = loadScenario({ file: SHIPPED, overrides: [] })
    expect(scenario).toMatchObject({
      name: 'mixed-day',
      kubernetesVersion: '1.37',
      seed: '1',
      until: undefined,
      scheduler: { tieBreak: 'heap' },
      eviction: { enabled: true, configuration: { evictionHard: { 'memory.available': '10%' } } },
      nodeLifecycle: { gracePeriod: 50_000_000, evictionRate: 0.1 },
      report: { interval: 300_000_000 },
    })
    expect(scenario.workload[0]?.file.endsWith('traces/mixed-day.csv')).toBe(true)
  })

  it('overrides any field, items of lists too', () => {
    const scenario = loadScenario({
      file: SHIPPED,
      overrides: [
        'spec.seed=abc',
        'spec.until=36h',
        'spec.nodes[0].template.count=7',
        'spec.failures[+]={zoneOutage: {zone: zone-a, at: 1h, for: 5m}}',
      ],
    })
    expect(scenario.seed).toBe('abc')
    expect(scenario.until).toBe(36 * 3600 * 1e6)
    expect(scenario.nodes[0]).toMatchObject({ kind: 'template', shape: '7x64:192Gi:110' })
    expect(scenario.failures).toHaveLength(3)
  })

  it('takes feature gates from the version, and from the scenario', () => {
    const gatesOf = (overrides: readonly string[]): ReadonlyMap<string, boolean> =>
      loadScenario({ file: SHIPPED, overrides }).featureGates
    expect(gatesOf([]).get('StorageCapacityScoring')).toBe(true)
    expect(gatesOf(['spec.kubernetesVersion="1.36"']).get('StorageCapacityScoring')).toBe(false)
    expect(gatesOf(['spec.kubernetesVersion="1.36"']).has('SchedulerPreQueueingHints')).toBe(false)
    expect(gatesOf(['spec.featureGates.OpportunisticBatching=false']).get('OpportunisticBatching')).toBe(
      false,
    )
  })

  it('takes a version without quotes, which YAML reads as a number', () => {
    const scenario = loadScenario({ file: SHIPPED, overrides: ['spec.kubernetesVersion=1.36'] })
    expect(scenario.kubernetesVersion).toBe('1.36')
    const unknown = (): unknown => loadScenario({ file: SHIPPED, overrides: ['spec.kubernetesVersion=1.2'] })
    expect(unknown).toThrow('"1.2" is not known; expected one of 1.36, 1.37')
  })

  it('changes its digest with its content only', () => {
    const digest = (overrides: readonly string[]): string => loadScenario({ file: SHIPPED, overrides }).digest
    expect(digest([])).toBe(digest([]))
    expect(digest(['spec.seed=2'])).not.toBe(digest([]))
  })

  it.each([
    ['spec.failures[0]={nodeCrash: {timeBetweenFailures: {exponential: {}}, repair: 1m}}', 'mean'],
    ['spec.failures[0]={zoneOutage: {at: 1h, for: 5m}}', 'expected either a zone or a selector'],
    [
      'spec.controlPlane.etcd={electionTimeout: 300ms}',
      'etcd expects at least 5 heartbeats until an election',
    ],
    ['spec.controlPlane.etcd={heartbeat: 250ms}', 'elections after 1s, heartbeats each 0.25s'],
    ['spec.failures[0]={}', 'expected exactly one of nodeCrash, zoneOutage, domainOutage'],
    ['spec.eviction.hard={memory.available: -5Mi}', 'is below 0'],
    ['spec.eviction.hard={memory.available: lots}', '"lots" is no quantity'],
    ['spec.eviction.hard={nodefs.available: 0}', 'is not above 0'],
    ['spec.eviction.hard={nodefs.available: 150%}', 'is above 100%'],
    ['spec.eviction.soft={pid.available: 100}', 'has no grace period'],
    ['spec.eviction.minimumReclaim={pid.available: 0%}', 'is not above 0%'],
    ['spec.eviction.hard={disk.available: 10%}', 'disk.available'],
    ['spec.nodes[0].template.kubeReserved={memory: much}', '"much" is no quantity'],
    ['spec.featureGates={GangSchedulin: true}', 'did you mean GangScheduling?'],
    ['spec.featureGates={GangScheduling: true}', 'GangScheduling needs the feature gate GenericWorkload'],
    ['spec.featureGates={DynamicResourceAllocation: false}', 'feature is locked to true'],
    ['spec.featureGates={DRADeviceTaints: false}', 'turn DRADeviceTaintRules off, too'],
    ['spec.featureGates={DRAPrioritizedList: false}', 'feature is locked to true'],
    ['spec.featureGates={SchedulerPreQueueingHints: sometimes}', 'featureGates'],
    ['spec.scheduler.tieBreak=dice', 'expected one of heap, random, name'],
    ['spec.nodes[9].template=1', 'there is no item 9'],
  ])('refuses %s', (override, message) => {
    expect(() => loadScenario({ file: SHIPPED, overrides: [override] })).toThrow(message)
  })
})
