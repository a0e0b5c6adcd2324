import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compareQuantities, requireQuantity } from '../../src/api/quantity.ts'
import type { Pod, ResourceQuota } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { chargeQuotas, matchesQuota } from '../../src/policy/quota.ts'
import type { QuotaVerdict } from '../../src/policy/quota.ts'
import { isPodQuotaResource, podQuotaUsage } from '../../src/policy/quota-usage.ts'

function quota(
  hard: Record<string, string>,
  used: Record<string, string>,
  spec: ResourceQuota['spec'] = {},
): ResourceQuota {
  return { metadata: { name: 'q', namespace: 'ns' }, spec: { hard, ...spec }, status: { hard, used } }
}

function pod(requests: Record<string, string>, spec: Partial<Pod['spec']> = {}): Pod {
  return { spec: { containers: [{ name: 'c', resources: { requests } }], ...spec } }
}

function charge(quotas: readonly ResourceQuota[], one: Pod): QuotaVerdict {
  return chargeQuotas(quotas, one, podQuotaUsage(one, 0))
}

describe('what a pod counts for', () => {
  it('has requests, limits, huge pages and extended resources under their names', () => {
    const usage = podQuotaUsage(pod({ cpu: '1', 'hugepages-2Mi': '4Mi', 'nvidia.com/gpu': '2' }), 0)
    expect([...usage.keys()].sort()).toEqual([
      'count/pods',
      'cpu',
      'hugepages-2Mi',
      'pods',
      'requests.cpu',
      'requests.hugepages-2Mi',
      'requests.nvidia.com/gpu',
    ])
    for (const resource of usage.keys()) expect(isPodQuotaResource(resource)).toBe(true)
    expect(isPodQuotaResource('services')).toBe(false)
  })

  it('is an object only, once it has ended or its deletion is overdue', () => {
    const ended = { ...pod({ cpu: '1' }), status: { phase: 'Succeeded' } }
    expect([...podQuotaUsage(ended, 0).keys()]).toEqual(['count/pods'])
    const metadata = { deletionTimestamp: '1970-01-01T00:01:00Z', deletionGracePeriodSeconds: 30 }
    const going = { ...pod({ cpu: '1' }), metadata }
    expect(podQuotaUsage(going, 90 * SECOND).has('cpu')).toBe(true)
    expect(podQuotaUsage(going, 91 * SECOND).has('cpu')).toBe(false)
  })
})

describe('a quota', () => {
  it('charges what it bounds', () => {
    const verdict = charge([quota({ pods: '2', 'requests.cpu': '2' }, { pods: '1', 'requests.cpu': '0' })], {
      ...pod({ cpu: '1500m', memory: '1Gi' }),
    })
    expect(verdict.ok && verdict.quotas[0]?.status?.used).toEqual({ pods: '2', 'requests.cpu': '1500m' })
  })

  it('refuses what it has no room for, in words, and is not charged then', () => {
    const full = quota({ pods: '1', cpu: '1' }, { pods: '1', cpu: '500m' })
    expect(charge([quota({ pods: '5' }, { pods: '0' }), full], pod({ cpu: '1' }))).toEqual({
      ok: false,
      reason: 'exceeded quota: q, requested: cpu=1,pods=1, used: cpu=500m,pods=1, limited: cpu=1,pods=1',
    })
  })

  it('demands requests of cpu and memory of each container, unless the pod has some itself', () => {
    const bounded = quota({ 'requests.memory': '1Gi' }, { 'requests.memory': '0' })
    expect(charge([bounded], pod({}))).toEqual({
      ok: false,
      reason: 'failed quota: q: must specify requests.memory for: c',
    })
    expect(charge([bounded], pod({}, { resources: { requests: { memory: '1Gi' } } })).ok).toBe(true)
  })

  it('refuses all while its use is not known, and none before the controller has seen it', () => {
    expect(charge([quota({ pods: '2' }, {})], pod({}))).toEqual({
      ok: false,
      reason: 'status unknown for quota: q, resources: pods',
    })
    const unseen: ResourceQuota = { metadata: { name: 'q' }, spec: { hard: { pods: '0' } } }
    expect(charge([unseen], pod({})).ok).toBe(true)
  })

  it.each<[string, ResourceQuota['spec'], Partial<Pod['spec']>, boolean]>([
    ['Terminating', { scopes: ['Terminating'] }, { activeDeadlineSeconds: 1 }, true],
    ['Terminating', { scopes: ['Terminating'] }, {}, false],
    ['NotTerminating', { scopes: ['NotTerminating'] }, {}, true],
    ['BestEffort', { scopes: ['BestEffort'] }, {}, false],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, {}, true],
    ['PriorityClass', { scopes: ['PriorityClass'] }, { priorityClassName: 'high' }, true],
    [
      'PriorityClass NotIn',
      {
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }],
        },
      },
      { priorityClassName: 'high' },
      false,
    ],
  ])('with the scope %s is about some pods only', (_name, spec, podSpec, expected) => {
    expect(matchesQuota(quota({ pods: '1' }, { pods: '0' }, spec), pod({ cpu: '1' }, podSpec))).toBe(expected)
  })

  it('is never above its bounds, whatever comes', () => {
    const cpu = fc.integer({ min: 0, max: 1500 })
    fc.assert(
      fc.property(fc.array(cpu, { maxLength: 20 }), fc.integer({ min: 1, max: 5000 }), (asks, bound) => {
        let quotas: readonly ResourceQuota[] = [
          quota({ 'requests.cpu': `${bound}m`, pods: '8' }, { 'requests.cpu': '0', pods: '0' }),
        ]
        let sum = 0
        let count = 0
        for (const ask of asks) {
          const verdict = charge(quotas, pod({ cpu: `${ask}m` }))
          expect(verdict.ok).toBe(sum + ask <= bound && count < 8)
          if (!verdict.ok) continue
          quotas = verdict.quotas
          sum += ask
          count += 1
        }
        const used = requireQuantity(quotas[0]?.status?.used?.['requests.cpu'] ?? '', 'used')
        expect(compareQuantities(used, requireQuantity(`${sum}m`, 'sum'))).toBe(0)
      }),
    )
  })
})
