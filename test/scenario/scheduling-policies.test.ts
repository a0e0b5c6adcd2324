import { describe, expect, it } from 'vitest'

import { loadScenario } from '../../src/scenario/load.ts'
import { SCHEDULING_POLICIES } from '../../src/scenario/scheduling-policies.ts'

function scenarioWith(scheduler: Record<string, unknown>) {
  const nodes = [{ template: { count: 2, shape: '4:8Gi' } }]
  const raw = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: {},
    spec: { nodes, scheduler },
  }
  return loadScenario({ raw, overrides: [] })
}

describe('a scheduling policy', () => {
  it('stands for a configuration, and for a choice among equals', () => {
    for (const [policy, { configuration, tieBreak = 'heap' }] of Object.entries(SCHEDULING_POLICIES)) {
      const { scheduler } = scenarioWith({ policy })
      expect(scheduler.configuration).toEqual(configuration)
      expect(scheduler.tieBreak).toBe(tieBreak)
    }
  })

  it('leaves the choice among equals to who says it', () => {
    expect(scenarioWith({ policy: 'default', tieBreak: 'random' }).scheduler.tieBreak).toBe('random')
  })

  it('is not given beside a configuration', () => {
    expect(() => scenarioWith({ policy: 'default', config: {} })).toThrow(/policy excludes/)
  })

  it('has a name that there is', () => {
    expect(() => scenarioWith({ policy: 'Besst' })).toThrow(/Besst|one of/)
  })
})
