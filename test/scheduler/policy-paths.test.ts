import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SCHEDULING_POLICIES } from '../../src/scenario/scheduling-policies.ts'
import type { Answered } from '../../src/scheduler/node-picker.ts'
import { DefinitionBeside } from './definition-beside.ts'
import { SAME_ORDER, playHistory, policyCluster } from './policy-history.ts'
import type { PolicyPlay } from './policy-history.ts'

const STEPS = 40
const RUNS = { seed: 3, numRuns: 4 }
/** What all histories came to: one alone need not have everything. */
const tally = { scan: 0, index: 0, mixed: 0, nominated: 0, decisions: 0, scored: 0, passedOver: 0 }

interface Told {
  readonly decisions: readonly string[]
  readonly answered: Answered
}

/** All that was decided in a history, with every third message, and who was nominated where then. */
function told(seed: number, play: PolicyPlay): Told {
  const cluster = policyCluster(play)
  const { sim, api, scheduler } = cluster
  const { nominations } = scheduler.cluster
  const decisions: string[] = []
  scheduler.observe(({ pod, node, outcome, attempt, feasible, evaluated, rejectedBy, victims, message }) => {
    const says = decisions.length % 3 === 0 ? message() : ''
    const victimNames = victims.map((victim) => api.pods.nameOf(victim))
    const nominated = [...nominations.nodes()].map((one) => [one, nominations.on(one)])
    const numbers = [sim.now, attempt, feasible, evaluated]
    const row = [api.pods.nameOf(pod), node, outcome, numbers, rejectedBy, victimNames, nominated, says]
    decisions.push(JSON.stringify(row))
  })
  playHistory(cluster, seed, play)
  return { decisions, answered: scheduler.answered }
}

const seeds = fc.integer({ min: 1, max: 1_000_000 })
/** From two nodes, on which pods fight for places, to thirty. */
const nodesOf = (seed: number): number => 2 + (seed % 29)

describe.each(Object.keys(SCHEDULING_POLICIES))('with the policy %s', (policy) => {
  it('fast paths decide as the definition does, with the same victims, nominations and messages', () => {
    let fastAnswers = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        const play = (usesIndex: boolean): PolicyPlay => {
          const cycleTime = seed % 2 === 0 ? 0 : 1000
          const options = { ...SAME_ORDER, usesIndex, cycleTime, batches: seed % 3 === 0 }
          return { policy, nodes: nodesOf(seed), steps: STEPS, options }
        }
        const slow = told(seed, play(false))
        const fast = told(seed, play(true))
        expect(fast.decisions).toEqual(slow.decisions)
        expect(slow.answered).toMatchObject({ scan: 0, index: 0, mixed: 0, trials: 0 })
        const { scan, index, mixed } = fast.answered
        fastAnswers += scan + index + mixed
        tally.scan += scan
        tally.index += index
        tally.mixed += mixed
        tally.nominated += slow.decisions.filter((one) => one.includes('"nominated"')).length
      }),
      RUNS,
    )
    expect(fastAnswers).toBeGreaterThan(50)
  })

  it('each decision is the definition’s, and who waits meanwhile fits nowhere, in whatever order pods are tried', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const play = { policy, nodes: nodesOf(seed), steps: STEPS, options: {} }
        const cluster = policyCluster(play)
        const beside = new DefinitionBeside(cluster, SCHEDULING_POLICIES[policy]?.tieBreak)
        playHistory(cluster, seed, play, () => {
          tally.passedOver += beside.checkPassedOver()
        })
        expect(beside.differences).toEqual([])
        tally.decisions += beside.decisions
        tally.scored += beside.scored
      }),
      RUNS,
    )
  })
})

it('every fast path answered, pods were nominated and passed over, and scores compared', () => {
  expect(Math.min(...Object.values(tally))).toBeGreaterThan(50)
})
