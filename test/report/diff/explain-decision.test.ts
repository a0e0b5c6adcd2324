import { describe, expect, it } from 'vitest'

import type { DetailedDecision, RecordedVerdict } from '../../../src/report/diff/decision-difference.ts'
import { explainDecision } from '../../../src/report/diff/explain-decision.ts'

type Scores = Readonly<Record<string, number>>

/** A node that passes, with what plugins gave it. */
function passed(scores: Scores): RecordedVerdict {
  const entries = Object.entries(scores).map(
    ([plugin, weighted]) => [plugin, { raw: weighted, normalized: weighted, weight: 1, weighted }] as const,
  )
  const total = Object.values(scores).reduce((sum, score) => sum + score, 0)
  return { code: 'Success', plugin: '', reasons: '', total, scores: new Map(entries) }
}

function rejected(plugin: string, reasons: string): RecordedVerdict {
  return { code: 'Unschedulable', plugin, reasons, total: undefined, scores: new Map() }
}

function decision(
  node: string,
  verdicts: Readonly<Record<string, RecordedVerdict>> | undefined,
  more: Partial<DetailedDecision> = {},
): DetailedDecision {
  return {
    index: 4,
    timeSeconds: '10',
    pod: 'default/web',
    outcome: node === '' ? 'unschedulable' : 'bound',
    node,
    attempt: '1',
    feasible: 2,
    evaluated: 2,
    rejectedBy: [],
    victims: [],
    message: '',
    verdicts: verdicts === undefined ? undefined : new Map(Object.entries(verdicts)),
    ...more,
  }
}

describe('two decisions', () => {
  it('differ by what a plugin gave', () => {
    const a = decision('n3', { n3: passed({ Fit: 60, Image: 2 }), n5: passed({ Fit: 50, Image: 0 }) })
    const b = decision('n5', { n3: passed({ Fit: 60, Image: 2 }), n5: passed({ Fit: 70, Image: 0 }) })
    expect(explainDecision({ a, b })).toEqual([
      'A took n3 with 62 points over n5 with 50 points: Fit gave n3 10 more, Image gave n3 2 more.',
      'B took n5 with 70 points over n3 with 62 points: Fit gave n5 10 more, Image gave n3 2 more.',
      'n5: Fit gave it 50 in A and 70 in B.',
    ])
  })

  it('differ by a filter', () => {
    const a = decision('n3', { n3: passed({ Fit: 60 }), n5: passed({ Fit: 50 }) })
    const b = decision(
      'n5',
      { n3: rejected('TaintToleration', 'node(s) had untolerated taint(s)'), n5: passed({ Fit: 50 }) },
      { feasible: 1 },
    )
    expect(explainDecision({ a, b })).toEqual([
      'A found 2 of 2 nodes that fit, B 1 of 2.',
      'Filter TaintToleration rejected n3 in B (node(s) had untolerated taint(s)), not in A.',
      'A took n3 with 60 points over n5 with 50 points: Fit gave n3 10 more.',
    ])
  })

  it('differ by the choice among equals', () => {
    const verdicts = { n3: passed({ Fit: 60 }), n5: passed({ Fit: 60 }) }
    const because = explainDecision({ a: decision('n3', verdicts), b: decision('n5', verdicts) })
    expect(because).toEqual([
      'A took n3 with 60 points over n5 with 60 points: they are equal, and the choice among equals decided.',
      'B took n5 with 60 points over n3 with 60 points: they are equal, and the choice among equals decided.',
    ])
  })

  it('differ by how many nodes were looked at', () => {
    const a = decision('n3', { n3: passed({ Fit: 60 }) }, { evaluated: 1, feasible: 1 })
    const b = decision('n5', { n3: passed({ Fit: 60 }), n5: passed({ Fit: 70 }) })
    expect(explainDecision({ a, b })[1]).toBe('A did not look at n5: it had found enough nodes before.')
  })

  it('differ by whose turn it was, and when', () => {
    const a = decision('n3', {})
    expect(explainDecision({ a, b: decision('n3', {}, { pod: 'default/db' }) })[0]).toBe(
      "It was another pod's turn: in A default/web (attempt 1) at 10 s, in B default/db (attempt 1) at 10 s.",
    )
    expect(explainDecision({ a, b: decision('n3', {}, { timeSeconds: '11' }) })).toEqual([
      'default/web was looked at at 10 s in A, at 11 s in B.',
    ])
    expect(explainDecision({ a, b: undefined })).toEqual([
      'B decided nothing more, while A decided on default/web.',
    ])
  })

  it('are told apart by what there is where nodes were not recorded', () => {
    const a = decision('n3', undefined)
    const b = decision('', undefined, {
      feasible: 0,
      rejectedBy: ['NodeResourcesFit'],
      message: '0/2 nodes are available: 2 Insufficient cpu.',
    })
    expect(explainDecision({ a, b })).toEqual([
      'A found 2 of 2 nodes that fit, B 0 of 2.',
      'In B it was rejected by NodeResourcesFit: 0/2 nodes are available: 2 Insufficient cpu.',
      'What was said of each node was not recorded in both runs.',
    ])
  })
})
