import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { defaultPod } from '../../src/api/defaults/pods.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  subtractQuantities,
} from '../../src/api/quantity.ts'
import { qosClassOf } from '../../src/api/qos.ts'
import { resourceList } from '../../src/api/resource-list.ts'
import type { ResourceList } from '../../src/api/resource-list.ts'
import { aggregateLimits, aggregateRequests } from '../../src/api/resources.ts'
import { tolerationTime } from '../../src/api/tolerations.ts'
import type { Pod, Quantity, Taint, Toleration } from '../../src/api/types.generated.ts'
import { hasShared, shared } from '../shared-data.ts'

interface Recorded<Input, Expected> {
  readonly id: string
  readonly input: Input
  readonly expected: Expected
}

function casesOf<Input, Expected>(family: string): Recorded<Input, Expected>[] {
  const text = gunzipSync(readFileSync(shared('vectors-logic', `${family}.jsonl.gz`))).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded<Input, Expected>)
}

function isEqualList(one: ResourceList, other: Readonly<Record<string, Quantity>> | undefined): boolean {
  const expected = resourceList(other)
  return (
    one.size === expected.size && [...one].every(([name, amount]) => expected.get(name)?.nano === amount.nano)
  )
}

interface Parsed {
  readonly error?: string
  readonly string?: string
  readonly format?: string
}

describe.skipIf(!hasShared)('recorded logic of Kubernetes v1.37.2 (shared data)', () => {
  it('quantities: errors, canonical text, order, sums and differences', () => {
    const cases = casesOf<
      { a: string; b: string },
      { a: Parsed; b: Parsed; cmp?: number; add?: string; sub?: string }
    >('quantity')
    const wrong = cases.flatMap(({ id, input, expected }) => {
      const a = parseQuantity(input.a)
      const b = parseQuantity(input.b)
      if ((a === undefined) !== (expected.a.error !== undefined)) return [`${id}: a is read`]
      if ((b === undefined) !== (expected.b.error !== undefined)) return [`${id}: b is read`]
      if (a !== undefined && formatQuantity(a) !== expected.a.string) return [`${id}: text`]
      if (a === undefined || b === undefined) return []
      if (compareQuantities(a, b) !== expected.cmp) return [`${id}: order`]
      if (formatQuantity(addQuantities(a, b)) !== expected.add) return [`${id}: sum`]
      return formatQuantity(subtractQuantities(a, b)) === expected.sub ? [] : [`${id}: difference`]
    })
    expect(cases).toHaveLength(2000)
    expect(wrong).toEqual([])
  })

  it('QoS classes and requests of pods, in five ways of asking', () => {
    interface Sums {
      readonly requests: Readonly<Record<string, Quantity>>
      readonly limits: Readonly<Record<string, Quantity>>
    }
    const cases = casesOf<
      { pod: Pod; nonMissing: Readonly<Record<string, Quantity>> },
      { qosClass: string } & Readonly<Record<string, Sums>>
    >('qos-requests')
    const wrong = cases.flatMap(({ id, input, expected }) => {
      const ways = {
        plain: {},
        excludeOverhead: { excludeOverhead: true },
        skipPodLevel: { skipPodLevel: true },
        useStatus: { useStatus: true },
        nonMissing: { nonMissing: resourceList(input.nonMissing) },
      }
      const differing = Object.entries(ways).flatMap(([way, options]) => {
        const sums = expected[way]
        const isSame =
          isEqualList(aggregateRequests(input.pod, options), sums?.requests) &&
          isEqualList(aggregateLimits(input.pod, options), sums?.limits)
        return isSame ? [] : [`${id}: ${way}`]
      })
      return qosClassOf(input.pod) === expected.qosClass ? differing : [...differing, `${id}: QoS class`]
    })
    expect(cases).toHaveLength(1500)
    // A resize with an empty status value and no allocation beside ones that have both.
    expect(wrong).toEqual(['qos-requests/1-760: useStatus'])
  })

  it('how long a pod stays on a tainted node', () => {
    const cases = casesOf<{ taints: Taint[]; tolerations?: Toleration[] }, object>('taint-toleration-time')
    const wrong = cases.filter(({ input, expected }) => {
      const time = tolerationTime(input.taints ?? [], input.tolerations ?? [])
      return JSON.stringify(sorted(time)) !== JSON.stringify(sorted(expected))
    })
    expect(cases).toHaveLength(800)
    expect(wrong.map(({ id }) => id)).toEqual([])
  })
})

function sorted(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, one]) => one !== null)
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

describe('defaultPod', () => {
  it('takes absent requests from limits, and changes nothing on a pod that has them', () => {
    const pod = defaultPod({
      spec: {
        containers: [
          { name: 'a', resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } } },
        ],
      },
    })
    expect(pod.spec?.containers[0]?.resources?.requests).toEqual({ cpu: '1', memory: '1Gi' })
    expect(defaultPod(pod)).toEqual(pod)
  })

  it('makes host ports of a host-network pod', () => {
    const pod = defaultPod({
      spec: { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
    })
    expect(pod.spec?.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }])
  })
})
