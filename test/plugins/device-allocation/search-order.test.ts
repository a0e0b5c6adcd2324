import fc from 'fast-check'
import { expect, it } from 'vitest'

import { AllocatedDevices } from '../../../plugins/device-allocation/allocated-devices.ts'
import { allocateOn } from '../../../plugins/device-allocation/allocator.ts'
import { slicesOf } from '../../../plugins/device-allocation/device-slices.ts'
import { RandomStreams } from '../../../src/base/random.ts'
import type { RandomStream } from '../../../src/base/random.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import { DRIVER, claim, device, deviceClass, request, slice } from './devices.ts'

interface Problem {
  /** Speed and place of each device. */
  readonly devices: readonly { readonly speed: number; readonly numa: number }[]
  readonly claims: readonly {
    readonly requests: readonly { readonly count: number; readonly speed: number }[]
    readonly isTogether: boolean
  }[]
}

function problemOf(random: RandomStream): Problem {
  const many = <Part>(most: number, make: () => Part): Part[] =>
    Array.from({ length: 1 + random.integer(most) }, make)
  return {
    devices: many(6, () => ({ speed: random.integer(3), numa: random.integer(2) })),
    claims: many(2, () => ({
      requests: many(2, () => ({ count: 1 + random.integer(2), speed: random.integer(3) })),
      isTogether: random.uniform() < 0.5,
    })),
  }
}

/** The first solution among all choices of devices, request by request, in the order of the devices. */
function firstSolution({ devices, claims }: Problem): number[][] | undefined {
  const wanted = claims.flatMap(({ requests, isTogether }, owner) =>
    requests.map((each) => ({ ...each, owner, isTogether })),
  )
  const search = (place: number, chosen: readonly number[][]): number[][] | undefined => {
    const next = wanted[place]
    if (next === undefined) return [...chosen]
    for (const choice of choices(devices.length, next.count, 0)) {
      const isFree = choice.every((index) => !chosen.flat().includes(index))
      const isFast = choice.every((index) => (devices[index]?.speed ?? 0) >= next.speed)
      const together = [...chosen, choice].flatMap((indexes, at) =>
        wanted[at]?.owner === next.owner ? indexes : [],
      )
      const places = new Set(together.map((index) => devices[index]?.numa))
      if (!isFree || !isFast || (next.isTogether && places.size > 1)) continue
      const solution = search(place + 1, [...chosen, choice])
      if (solution !== undefined) return solution
    }
    return undefined
  }
  return search(0, [])
}

/** All ways to take some of the first numbers, in order. */
function choices(size: number, count: number, from: number): number[][] {
  if (count === 0) return [[]]
  return Array.from({ length: size - from }, (_, offset) => from + offset).flatMap((first) =>
    choices(size, count - 1, first + 1).map((rest) => [first, ...rest]),
  )
}

it('finds the first solution in the order of claims, requests and devices, whenever there is one', () => {
  const { api, scheduler } = buildCluster()
  const gpu = deviceClass('gpu')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const problem = problemOf(new RandomStreams(seed).stream('test'))
      const slices = api.collection('ResourceSlice')
      slices.delete('s')
      slices.create(
        slice(
          's',
          problem.devices.map((each, index) => device(`${index}`, each)),
        ),
      )
      const claims = problem.claims.map(({ requests, isTogether }, index) =>
        claim(
          `c${index}`,
          requests.map(({ count, speed }, place) =>
            request(`r${place}`, { count, where: `device.attributes["${DRIVER}"].speed >= ${speed}` }),
          ),
          isTogether ? [{ matchAttribute: `${DRIVER}/numa` }] : [],
        ),
      )
      const { found } = allocateOn({ name: 'node-1', labels: {} }, claims, {
        slices: slicesOf(scheduler.cluster),
        allocated: new AllocatedDevices([]),
        hasLists: false,
        deviceClass: () => gpu,
      })
      const given = found?.flatMap(({ devices }) =>
        (devices?.results ?? []).map((each) => Number(each.device)),
      )
      expect(given).toEqual(firstSolution(problem)?.flat())
    }),
    { seed: 5, numRuns: 500 },
  )
})
