import path from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Pod } from '../../src/api/types.generated.ts'
import { RandomStreams } from '../../src/base/random.ts'
import { endpointSlice } from '../../src/conformance/families/endpointslice.ts'
import { judgeCase } from '../../src/conformance/judge/judge-case.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { readCases } from './recorded-cases.ts'
import type { NamedCase } from './recorded-cases.ts'
import { UNREPEATABLE } from './differing-cases.ts'

const ORDERS_MAX = 500

interface Input {
  readonly steps: readonly { readonly pods: readonly Pod[] | null }[]
}

function isEqual(one: NamedCase, input: unknown): boolean {
  const result: unknown = JSON.parse(JSON.stringify(endpointSlice.run(input)))
  return judgeCase(one, result).differences.length === 0
}

describe('cases of endpointslice whose recording is one of several', () => {
  const file = path.join(PROJECT_ROOT, 'test/vectors/logic/endpointslice.jsonl.gz')
  const drawn = readCases(file).filter(({ id }) => UNREPEATABLE['endpointslice']?.includes(id))

  it.each(drawn.map((one) => ({ id: one.id, one })))(
    '$id is what some order of its pods gives',
    ({ one }) => {
      const stream = new RandomStreams(1).stream(one.id)
      const { steps, ...rest } = one.input as Input
      const shuffled = (pods: readonly Pod[]): Pod[] =>
        pods
          .map((pod) => ({ pod, place: stream.uniform() }))
          .sort((first, second) => first.place - second.place)
          .map(({ pod }) => pod)
      const orders = Array.from({ length: ORDERS_MAX }, () => ({
        ...rest,
        steps: steps.map(({ pods }) => ({ pods: shuffled(pods ?? []) })),
      }))
      expect(orders.some((input) => isEqual(one, input))).toBe(true)
    },
  )
})
