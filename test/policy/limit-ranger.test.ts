import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { defaultObject } from '../../src/api/defaults/index.ts'
import type { LimitRange, LimitRangeItem, PodSpec } from '../../src/api/types.generated.ts'
import {
  applyLimitRange,
  claimViolations,
  limitRangeViolations,
  violationsText,
} from '../../src/policy/limit-ranger.ts'

function limitRange(...limits: readonly LimitRangeItem[]): LimitRange {
  return defaultObject<LimitRange>({ kind: 'LimitRange', metadata: { name: 'lr' }, spec: { limits } })
}

function spec(...amounts: readonly NonNullable<PodSpec['containers'][number]['resources']>[]): PodSpec {
  return { containers: amounts.map((resources, index) => ({ name: `c${index}`, resources })) }
}

describe('LimitRange defaults', () => {
  it('fill what containers lack, and say so', () => {
    const range = limitRange({ type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '1' } })
    const pod = { ...spec({}, { limits: { cpu: '3' } }), initContainers: [{ name: 'i' }] }
    const limited = applyLimitRange(range, pod)
    expect(limited.annotation).toBe(
      'LimitRanger plugin set: cpu request for container c0; cpu limit for container c0; ' +
        'cpu request for container c1; cpu request for init container i; cpu limit for init container i',
    )
    expect(limited.spec.containers.map(({ resources }) => resources)).toEqual([
      { limits: { cpu: '2' }, requests: { cpu: '1' } },
      { limits: { cpu: '3' }, requests: { cpu: '1' } },
    ])
  })

  it('change nothing where nothing is lacking', () => {
    const pod = spec({ limits: { cpu: '1' }, requests: { cpu: '1' } })
    expect(applyLimitRange(limitRange({ type: 'Container', max: { cpu: '2' } }), pod)).toEqual({
      spec: pod,
      annotation: '',
    })
  })
})

describe('LimitRange bounds', () => {
  it.each<[LimitRangeItem, PodSpec, string]>([
    [
      { type: 'Container', min: { cpu: '1' } },
      spec({ requests: { cpu: '500m' } }),
      'minimum cpu usage per Container is 1, but request is 500m',
    ],
    [
      { type: 'Container', min: { memory: '1Gi' } },
      spec({}),
      'minimum memory usage per Container is 1Gi.  No request is specified',
    ],
    [
      { type: 'Pod', max: { cpu: '2' } },
      spec({ limits: { cpu: '1' } }, { limits: { cpu: '1500m' } }),
      'maximum cpu usage per Pod is 2, but limit is 2500m',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      spec({ limits: { cpu: '2' }, requests: { cpu: '750m' } }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 2.666667',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      spec({ limits: { cpu: '2' }, requests: { cpu: '0' } }),
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
  ])('%j', (item, pod, message) => {
    expect(limitRangeViolations(limitRange(item), pod)).toEqual([message])
    expect(violationsText([message])).toBe(message)
  })

  it('say each violation once, as one text', () => {
    const range = limitRange({ type: 'Container', min: { cpu: '1', memory: '1Mi' } })
    const violations = limitRangeViolations(range, spec({}, {}))
    expect(violations).toHaveLength(2)
    expect(violationsText(violations)).toMatch(/^\[minimum cpu .*, minimum memory .*\]$/)
  })

  it('count pod-level amounts for the containers', () => {
    const range = limitRange({ type: 'Pod', max: { cpu: '2' } })
    const pod = { ...spec({ limits: { cpu: '3' } }), resources: { limits: { cpu: '2' } } }
    expect(limitRangeViolations(range, pod)).toEqual([])
  })

  it('hold for the size of claims', () => {
    const range = limitRange({
      type: 'PersistentVolumeClaim',
      min: { storage: '1Gi' },
      max: { storage: '5Gi' },
    })
    expect(claimViolations(range, { storage: '2Gi' })).toEqual([])
    expect(claimViolations(range, { storage: '500Mi' })).toEqual([
      'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    ])
    expect(claimViolations(range, { storage: '6Gi' })).toEqual([
      'maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi',
    ])
  })

  it('are kept by the defaults that follow from them', () => {
    const bounds = fc
      .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
      .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const)
    fc.assert(
      fc.property(bounds, fc.integer({ min: 1, max: 3 }), ([low, high], count) => {
        const range = limitRange({ type: 'Container', min: { cpu: low }, max: { cpu: high } })
        const { spec: limited } = applyLimitRange(range, spec(...Array.from({ length: count }, () => ({}))))
        expect(limitRangeViolations(range, limited)).toEqual([])
      }),
    )
  })
})
