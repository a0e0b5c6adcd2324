import { formatInstant } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PolicyCompaction } from '../plan/compaction/compaction.ts'
import type { TrialResult } from '../plan/compaction/trial.ts'
import type { MachineBound } from '../plan/packing/lower-bound.ts'
import type { PodOrder } from '../plan/packing/pod-order.ts'
import type { Optimum } from '../plan/packing/optimum.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** The answer of a compaction. */
export interface CompactAnswer {
  readonly pods: number
  readonly order: PodOrder
  /** The instant that they are of; undefined for all pods. */
  readonly at: Micros | undefined
  /** Machines of the cell, and how often it was there. */
  readonly machines: number
  readonly copies: number
  readonly picky: number
  readonly pendingMax: number
  /** Proven for each order of removal. */
  readonly bound: MachineBound
  readonly optimum: Optimum | undefined
  readonly policies: readonly PolicyCompaction[]
  readonly trials: readonly TrialResult[]
}

const HEADINGS = [
  'POLICY',
  ['', 'TRIALS'],
  ['MACHINES', 'P90'],
  ['SHARE OF', 'THE CELL'],
  ['', 'MIN'],
  ['', 'MAX'],
  ['', 'MEAN'],
  ['', '± 95 %'],
  ['OVER THE', 'BOUND %'],
  ['', '±'],
  ['LESS THE', 'FIRST'],
  ['', '±'],
  '',
]

const ORDERS: Readonly<Record<PodOrder, string>> = {
  creation: 'in order of creation',
  largest: 'the largest first',
}

const PROOFS: Readonly<Record<MachineBound['proof'], string>> = {
  resource: 'all pods together ask for so much ',
  'large-pods': 'pods that share no machine, by ',
  relaxation: 'linear relaxation',
}

/** The answer for people: what was packed, what is proven, and a line a policy. */
export function compactText(answer: CompactAnswer): string {
  const { pods, order, at, machines, copies, picky, pendingMax, bound, optimum, policies } = answer
  const cloned = copies === 1 ? '' : `, cloned to ${machines * copies}`
  const of = at === undefined ? 'all pods' : `at ${formatInstant(at)}`
  const lines = [
    `compaction of ${machines} machines${cloned}: ${pods.toLocaleString('en')} pods (${of}), ${ORDERS[order]}`,
    `no packing needs fewer than ${bound.machines} machines (${PROOFS[bound.proof]}${bound.resource ?? ''})`,
    ...(optimum === undefined ? [] : [optimumLine(optimum)]),
    ...(pendingMax === 0 || picky === 0
      ? []
      : [`${Math.min(picky, pendingMax)} picky pods may stay pending`]),
    '',
    ...textTable(
      HEADINGS,
      policies.map((policy) => rowOf(policy, machines)),
    ),
    '',
    'machines: of the trials in which the workload fitted; the bound is that of the same order of removal',
    ...(policies.length < 2
      ? []
      : ['* the interval of 95 % of the difference, order by order, does not hold 0']),
    ...policies.flatMap(({ policy, failed, anomalies }) => [
      ...(failed === 0 ? [] : [`${policy}: in ${failed} trials the whole cell held too little`]),
      ...(anomalies === 0
        ? []
        : [`${policy}: ${anomalies} times a machine more or less did the opposite of what it should`]),
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function optimumLine({ isProven, cost, bound }: Optimum): string {
  if (isProven) return `the optimum is ${Math.round(cost)} machines (mixed-integer program)`
  const best = Number.isFinite(cost) ? `, and a packing on ${Math.round(cost)} is known` : ''
  return `the optimum is at least ${Math.ceil(bound - 1e-6)} machines${best}: the search ended at its limit`
}

function rowOf({ policy, machines, p90, gap, difference }: PolicyCompaction, whole: number): TextCell[] {
  const isClear = difference?.halfWidth !== undefined && Math.abs(difference.mean) > difference.halfWidth
  return [
    policy,
    machines?.count ?? 0,
    rounded(p90),
    p90 === undefined ? '-' : `${((p90 / whole) * 100).toFixed(1)} %`,
    rounded(machines?.min),
    rounded(machines?.max),
    rounded(machines?.mean),
    rounded(machines?.halfWidth),
    rounded(gap && gap.mean * 100),
    rounded(gap?.halfWidth === undefined ? undefined : gap.halfWidth * 100),
    rounded(difference?.mean),
    rounded(difference?.halfWidth),
    isClear ? '*' : '',
  ]
}

/** One decimal, or the dash that stands for nothing. */
function rounded(value: number | undefined): TextCell {
  return value === undefined ? '-' : Math.round(value * 10) / 10
}
