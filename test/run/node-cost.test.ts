import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { metricValue } from '../../src/report/summary.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { runInline } from './inline-scenario.ts'

async function costs(
  spec: Readonly<Record<string, unknown>>,
  objects: readonly object[] = [],
): Promise<readonly (number | undefined)[]> {
  const nodes = [{ template: { count: 1, shape: '4:16Gi' } }]
  const raw = {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: {},
    spec: { nodes, until: '3h', objects, ...spec },
  }
  const { summary } = await runInline(loadScenario({ raw, overrides: [] }))
  return ['node_hours', 'cost'].map((name) => metricValue(summary, name))
}

const NODES = [
  { template: { count: 2, shape: '4:16Gi', pricePerHour: 0.5, namePrefix: 'a' } },
  { template: { count: 1, shape: '4:16Gi', pricePerHour: 2, namePrefix: 'b' } },
  { template: { count: 1, shape: '4:16Gi', namePrefix: 'c' } },
]

function ownNode(price: string): object {
  const amounts = { cpu: '4', memory: '16Gi', pods: '10' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'own', annotations: { 'stowage.dev/price-per-hour': price } },
    status: { capacity: amounts, allocatable: amounts },
  }
}

describe('what nodes cost', () => {
  it('is their time times their price; no price, no cost', async () => {
    // Three hours of 2 × 0.5 + 2 = 3 an hour; the node without a price counts for node hours alone.
    expect(await costs({ nodes: NODES })).toEqual([12, 9])
    expect(await costs({})).toEqual([3, undefined])
  })

  it('leaves the warm-up out', async () => {
    expect(await costs({ nodes: NODES, warmUp: '1h' })).toEqual([8, 6])
  })

  it('is that of Node objects by their annotation, for as long as they are there', async () => {
    const actions = [{ at: '1h', delete: { kind: 'Node', name: 'own' } }]
    expect(await costs({ actions }, [ownNode('0.25')])).toEqual([4, 0.25])
    await expect(costs({}, [ownNode('cheap')])).rejects.toThrow(InputError)
  })
})
