import { describe, expect, it } from 'vitest'

import { contrast, oklabOf } from '../../../../../src/report/page/client/colour/oklch.ts'
import { colouringOf, groupColours } from '../../../../../src/report/page/client/player/colouring.ts'
import type { ColourBy } from '../../../../../src/report/page/client/player/colouring.ts'
import { unpackPods } from '../../../../../src/report/page/client/player/pod-columns.ts'
import { PALETTE } from '../../../../../src/report/page/client/palette.ts'
import type { Theme } from '../../../../../src/report/page/client/palette.ts'
import { madePlayer } from './pod-builder.ts'

const WORKLOADS = Array.from({ length: 12 }, (_, index) => `workload-${index}`)
const player = madePlayer(
  Array.from({ length: 78 }, (_, row) => ({
    qos: row % 3,
    priority: row % 9,
    // One pod of the first, two of the second, and so on.
    workload: Math.floor((Math.sqrt(8 * row + 1) - 1) / 2),
  })),
  [],
  { workloads: WORKLOADS, priorities: [100, 0, -10, 5, 1000, 2, 3, 4, 2_000_000_000] },
)
const pods = unpackPods(player)

describe('the colour of pods', () => {
  it('orders priorities from the lowest, and joins neighbours where there are many', () => {
    const { groups, groupOf } = colouringOf('priority', player, pods)
    expect(groups.map(({ label }) => label)).toEqual([
      '-10 to 0',
      '2',
      '3',
      '4 to 5',
      '100',
      '1000',
      '2000000000',
    ])
    expect(groupOf[2]).toBe(0)
    expect(groupOf[8]).toBe(6)
  })

  it('gives the largest workloads colours of their own, and the others one', () => {
    const { groups, groupOf } = colouringOf('workload', player, pods)
    expect(groups).toHaveLength(10)
    expect(groups[0]).toEqual({ label: 'workload-11', pods: 12 })
    expect(groups.at(-1)).toEqual({ label: '3 others', pods: 6 })
    expect(groupOf[77]).toBe(0)
    expect(groupOf[0]).toBe(9)
  })

  it.each(['light', 'dark'] as const)('stands out from free room by 3:1 in the %s theme', (theme: Theme) => {
    for (const by of ['qos', 'priority', 'workload'] as const satisfies readonly ColourBy[]) {
      for (const colour of groupColours(colouringOf(by, player, pods), theme)) {
        // Free room of a node, and the lane of pods that wait.
        for (const ground of ['grid', 'panel'] as const) {
          expect(contrast(colour, PALETTE[theme][ground]), `${by} ${colour}`).toBeGreaterThanOrEqual(3)
        }
      }
    }
  })

  it.each(['light', 'dark'] as const)(
    'is of another lightness for each QoS class in the %s theme',
    (theme) => {
      const colours = groupColours(colouringOf('qos', player, pods), theme)
      const lightness = colours.map((colour) => oklabOf(colour)[0])
      expect(lightness).toEqual(lightness.toSorted((one, other) => one - other))
      for (const [index, value] of lightness.slice(1).entries()) {
        expect(value - (lightness[index] ?? 0)).toBeGreaterThan(0.03)
      }
    },
  )
})
