import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { Simulation } from '../../src/engine/simulation.ts'
import { replayRun } from '../../src/run/run.ts'
import { testFolder } from '../cli/command.ts'
import { Bindings, lawsBroken } from './swarm/laws.ts'
import { randomScenario } from './swarm/random-scenario.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Far more than a quiet hour of a small cluster takes: more is a controller that never comes to rest. */
const EVENTS_MAX = 10_000

/** Runs what a seed says; what is wrong at its end. */
async function run(seed: number): Promise<{
  readonly sim: Simulation
  readonly problems: readonly string[]
}> {
  let problems = (): readonly string[] => []
  const { sim } = await replayRun(
    randomScenario(seed, folder),
    (parts) => {
      const owned = new OwnedPods(parts.api)
      const bindings = new Bindings(parts.api)
      problems = () => [...bindings.problems, ...lawsBroken(parts.api, owned)]
    },
    new AbortController().signal,
  )
  return { sim, problems: problems() }
}

describe('small clusters in which much happens at once', () => {
  it.each(Array.from({ length: 24 }, (_, index) => index + 1))('come to rest: seed %i', async (seed) => {
    const { sim, problems } = await run(seed)
    expect(problems).toEqual([])
    expect(sim.executed).toBeLessThan(EVENTS_MAX)
  })

  it('do the same each time', async () => {
    for (const seed of [5, 12]) {
      const [one, other] = [await run(seed), await run(seed)]
      expect(other.sim.log.hash).toBe(one.sim.log.hash)
    }
  })
})
