import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { applyOverride } from '../../src/scenario/overrides.ts'

function overridden(root: Record<string, unknown>, ...texts: readonly string[]): Record<string, unknown> {
  const copy = structuredClone(root)
  for (const text of texts) applyOverride(copy, text)
  return copy
}

describe('an override', () => {
  it('sets a field, makes what is missing above it, and adds to a list', () => {
    expect(overridden({}, 'spec.scheduler.policy=MostAllocated')).toEqual({
      spec: { scheduler: { policy: 'MostAllocated' } },
    })
    expect(overridden({ list: [{ a: 1 }] }, 'list[0].a={b: [2]}', 'list[+]=3')).toEqual({
      list: [{ a: { b: [2] } }, 3],
    })
    expect(overridden({}, 'spec.plugins[+]=a.ts', 'spec.plugins[+]=b.ts')).toEqual({
      spec: { plugins: ['a.ts', 'b.ts'] },
    })
    expect(overridden({}, 'spec.plugins[0]=a.ts', 'spec.plugins[1]=b.ts')).toEqual({
      spec: { plugins: ['a.ts', 'b.ts'] },
    })
  })

  it('without a value takes a field away, and makes nothing', () => {
    const root = { spec: { policy: 'x', list: [1, 2, 3] } }
    expect(overridden(root, 'spec.policy=', 'spec.list[1]=')).toEqual({ spec: { list: [1, 3] } })
    expect(overridden(root, 'spec.none=null', 'none.below.it=', 'spec.list[7]=')).toEqual(root)
  })

  it('leads somewhere', () => {
    for (const text of ['spec', '=1', 'a.b=1', 'list[3]=1', 'list[1].a=1', '.=1']) {
      expect(() => overridden({ a: 1, list: [0] }, text), text).toThrow(InputError)
    }
  })
})
