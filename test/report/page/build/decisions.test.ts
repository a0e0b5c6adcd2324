import { describe, expect, it } from 'vitest'

import { DECISIONS_MAX, podDecisions } from '../../../../src/report/page/build/decisions.ts'
import type { PodDecision } from '../../../../src/report/page/report-data.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeRun, writeTable } from './made-run.ts'

function decide(
  directory: string,
  keys: readonly string[],
  boundAt: readonly number[],
): Promise<readonly PodDecision[]> {
  writeRun(directory, {})
  const pods = { keyOf: (row: number) => keys[row] ?? '', boundAt: Float64Array.from(boundAt) }
  return podDecisions(directory, pods)
}

describe('decisions of pods', () => {
  it('belong to the pod that was bound next under the name', async () => {
    const directory = temporaryDirectory()
    writeTable(directory, 'decisions.csv', [
      {
        time_s: 1,
        pod: 'd/db-0',
        outcome: 'unschedulable',
        attempt: 1,
        feasible_nodes: 0,
        evaluated_nodes: 2,
        message: 'no',
      },
      { time_s: 5, pod: 'd/db-0', outcome: 'bound', attempt: 2, feasible_nodes: 1, evaluated_nodes: 2 },
      { time_s: 9, pod: 'd/db-0', outcome: 'bound', attempt: 1, feasible_nodes: 2, evaluated_nodes: 2 },
      { time_s: 9, pod: 'd/never', outcome: 'unschedulable', attempt: 1 },
    ])
    const decisions = await decide(directory, ['d/db-0', 'd/db-0'], [5, 9])
    expect(decisions.map(({ pod, at, outcome }) => [pod, at, outcome])).toEqual([
      [0, 1, 'unschedulable'],
      [0, 5, 'bound'],
      [1, 9, 'bound'],
    ])
    expect(decisions[0]).toMatchObject({
      attempt: 1,
      message: 'no',
      feasibleNodes: 0,
      evaluatedNodes: 2,
      nodes: [],
    })
  })

  it('name the best nodes with their scores, then rejected ones with reasons', async () => {
    const directory = temporaryDirectory()
    const key = { time_s: 1, pod: 'd/web', attempt: 1 }
    writeTable(directory, 'decisions.csv', [
      { ...key, outcome: 'bound', feasible_nodes: 2, evaluated_nodes: 3 },
    ])
    writeTable(directory, 'decision_nodes.csv', [
      {
        ...key,
        node: 'full',
        code: 'Unschedulable',
        plugin: 'NodeResourcesFit',
        reasons: 'Insufficient cpu',
      },
      { ...key, node: 'good', code: 'Success', total_score: 80 },
      { ...key, node: 'best', code: 'Success', total_score: 90 },
    ])
    const score = { raw_score: 1, normalized_score: 1, weight: 1 }
    writeTable(directory, 'decision_scores.csv', [
      { ...key, ...score, node: 'best', plugin: 'NodeResourcesFit', weighted_score: 60 },
      { ...key, ...score, node: 'best', plugin: 'ImageLocality', weighted_score: 30 },
    ])
    const [decision] = await decide(directory, ['d/web'], [1])
    expect(decision?.nodes).toEqual([
      {
        name: 'best',
        total: 90,
        rejected: undefined,
        scores: [
          ['NodeResourcesFit', 60],
          ['ImageLocality', 30],
        ],
      },
      { name: 'good', total: 80, rejected: undefined, scores: [] },
      { name: 'full', total: undefined, rejected: 'NodeResourcesFit: Insufficient cpu', scores: [] },
    ])
  })

  it('name the node that was taken first, though others are as good', async () => {
    const directory = temporaryDirectory()
    const key = { time_s: 1, pod: 'd/web', attempt: 1 }
    writeTable(directory, 'decisions.csv', [{ ...key, outcome: 'bound', node: 'n8' }])
    const names = Array.from({ length: 9 }, (_, index) => `n${index}`)
    writeTable(
      directory,
      'decision_nodes.csv',
      names.map((node) => ({ ...key, node, code: 'Success', total_score: 7 })),
    )
    const [decision] = await decide(directory, ['d/web'], [1])
    expect(decision?.nodes.map(({ name }) => name)).toEqual(['n8', 'n0', 'n1', 'n2', 'n3'])
    expect(Object.keys(decision ?? {})).not.toContain('chosen')
  })

  it('are kept within their bound: of the pods that were tried most often first', async () => {
    const directory = temporaryDirectory()
    const often = Array.from({ length: 5 }, (_, attempt) => ({
      time_s: 9000 + attempt,
      pod: 'd/often',
      attempt: attempt + 1,
    }))
    const once = Array.from({ length: DECISIONS_MAX }, (_, at) => ({
      time_s: at,
      pod: `d/p${at}`,
      attempt: 1,
    }))
    writeTable(directory, 'decisions.csv', [...once, ...often])
    const keys = [...once.map(({ pod }) => pod), 'd/often']
    const decisions = await decide(directory, keys, [...once.keys(), 9004])
    expect(decisions).toHaveLength(DECISIONS_MAX)
    expect(decisions.filter(({ pod }) => pod === DECISIONS_MAX)).toHaveLength(5)
  })
})
