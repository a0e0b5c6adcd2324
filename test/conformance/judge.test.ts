import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { judgeCase } from '../../src/conformance/judge/judge-case.ts'
import type { Difference } from '../../src/conformance/judge/comparison.ts'
import { hasShared, shared } from '../shared-data.ts'
import { readCases } from './recorded-cases.ts'
import type { NamedCase } from './recorded-cases.ts'

const CASES_OF_A_FAMILY = 120

/** The value with some change at a random place in it: a leaf, an order, a key or an item less or more. */
function changed(value: unknown, random: RandomStream): unknown {
  if (Array.isArray(value) && value.length > 0) {
    const items: unknown[] = [...value]
    const i = random.integer(items.length)
    if (random.uniform() < 0.7) {
      items[i] = changed(items[i], random)
      return items
    }
    const changes: readonly (() => unknown)[] = [
      () => items.toReversed(),
      () => items.toSpliced(i, 1),
      () => [...items, items[i]],
      () => [...items, null],
    ]
    return changes[random.integer(changes.length)]?.()
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const keys = Object.keys(value)
    const key = keys[random.integer(keys.length)]
    const own = value as Record<string, unknown>
    if (key === undefined || random.uniform() < 0.1)
      return { ...own, another: random.uniform() < 0.5 ? {} : 1 }
    if (random.uniform() < 0.1) return { ...own, [key]: undefined }
    return { ...own, [key]: changed(own[key], random) }
  }
  return changedLeaf(value, random)
}

function changedLeaf(value: unknown, random: RandomStream): unknown {
  const others: readonly unknown[] = [null, {}, [], [{}], '', 0, false, true, value, undefined]
  if (random.uniform() < 0.4) return others[random.integer(others.length)]
  if (typeof value === 'number') return value + (random.uniform() < 0.3 ? value * Number.EPSILON : 1)
  if (typeof value === 'boolean') return !value
  // A quantity of another form is the same one; any other text is another.
  if (typeof value === 'string') return /^\d+$/.test(value) ? `${value}000m` : `${value}!`
  return 1
}

/** Whether the reference can read a result: not ties or steps that are no lists, nor endpoints that are null. */
function hasShape(result: unknown): boolean {
  const { ties, steps } = (result ?? {}) as { readonly ties?: unknown; readonly steps?: unknown }
  const areTies = !Array.isArray(ties) || ties.every(Array.isArray)
  if (!Array.isArray(steps)) return areTies && (steps ?? undefined) === undefined
  return (
    areTies &&
    steps.every((step: { endpoints?: object } | null) => {
      return !Object.values(step?.endpoints ?? {}).includes(null)
    })
  )
}

/** What one prints of a value that differs. */
function shown(value: unknown): string {
  const text = value === undefined ? '(absent)' : JSON.stringify(value)
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

interface Tally {
  equal: number
  total: number
  readonly lines: string[]
  readonly aspects: Map<string, { total: number; different: number; isLoose: boolean }>
}

/** What the judge says of all results, in the words of the reference. */
function report(
  families: ReadonlyMap<string, readonly NamedCase[]>,
  results: ReadonlyMap<string, unknown>,
  isStrict: boolean,
): string {
  const lines: string[] = []
  let equal = 0
  for (const [family, cases] of [...families].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const tally: Tally = { equal: 0, total: 0, lines: [], aspects: new Map() }
    for (const one of cases) judgeInto(tally, one, results.get(one.id), isStrict)
    equal += tally.equal
    lines.push(headOf(family, tally), ...tally.lines)
  }
  return [...lines, `${equal}/${results.size} cases equal`, ''].join('\n')
}

function judgeInto(tally: Tally, one: NamedCase, result: unknown, isStrict: boolean): void {
  const { differences, aspects } = judgeCase(one, result, { isStrict })
  tally.total += 1
  if (differences.length === 0) tally.equal += 1
  for (const [aspect, { total, different, isLoose }] of aspects) {
    const sum = tally.aspects.get(aspect) ?? { total: 0, different: 0, isLoose }
    sum.total += total
    sum.different += different
    tally.aspects.set(aspect, sum)
  }
  tally.lines.push(...differences.map((difference) => lineOf(one.id, difference)))
}

function lineOf(id: string, { path: place, aspect, expected, actual }: Difference): string {
  return `  ${id} ${place} [${aspect}]\n    expected ${shown(expected)}\n    actual   ${shown(actual)}`
}

function headOf(family: string, { equal, total, aspects }: Tally): string {
  const all = [...aspects]
  const isLong = all.length > 12
  const firm = all
    .filter(([, { isLoose, different }]) => !isLoose && (!isLong || different > 0))
    .map(([name, count]) => `${name} ${count.total - count.different}/${count.total}`)
  const loose = all
    .filter(([, { isLoose }]) => isLoose)
    .map(([name, count]) => `${name} equal ${count.total - count.different}/${count.total}`)
  const sign = equal === total ? 'ok  ' : 'DIFF'
  const tail = loose.length > 0 ? `; loose: ${loose.join(', ')}` : ''
  return `${sign} ${family}: ${equal}/${total} cases equal (${firm.join(', ') || `${all.length} aspects`})${tail}`
}

/** The first cases of each family, by its name. */
function firstCases(): ReadonlyMap<string, readonly NamedCase[]> {
  const folder = shared('vectors-logic')
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz'))
  return new Map(
    files.map((name) => {
      const cases = readCases(path.join(folder, name)).slice(0, CASES_OF_A_FAMILY)
      return [name.replace('.jsonl.gz', ''), cases]
    }),
  )
}

describe.skipIf(!hasShared)(
  'the judge of recorded logic, beside the one that came with the cases (shared data)',
  () => {
    it.each([
      { isStrict: false, seed: 1 },
      { isStrict: true, seed: 2 },
    ])('says the same of results with random changes (strict: $isStrict)', ({ isStrict, seed }) => {
      const random = new RandomStreams(seed).stream('changes')
      const results = new Map<string, unknown>()
      const families = firstCases()
      for (const cases of families.values()) {
        for (const { id, expected } of cases) {
          let result: unknown = structuredClone(expected)
          const changes = random.integer(4)
          for (let i = 0; i < changes; i++) result = changed(result, random)
          const plain = JSON.parse(JSON.stringify(result ?? null)) as unknown
          results.set(id, hasShape(plain) ? plain : expected)
        }
      }
      const directory = mkdtempSync(path.join(tmpdir(), 'stowage-judge-'))
      try {
        const file = path.join(directory, 'actual.jsonl')
        writeFileSync(file, [...results].map(([id, result]) => JSON.stringify({ id, result })).join('\n'))
        const args = ['--subset', '--max', '1000000', ...(isStrict ? ['--strict'] : [])]
        const cases = [...families.keys()].map((name) => shared('vectors-logic', `${name}.jsonl.gz`))
        const reference = outputOf([
          shared('vectors-logic', 'compare.mjs'),
          ...args,
          ...cases,
          '--actual',
          file,
        ])
        const ours = report(families, results, isStrict)
        expect(linesOf(ours).length).toBeGreaterThan(2000)
        expect(linesOf(ours)).toEqual(linesOf(reference))
      } finally {
        rmSync(directory, { recursive: true })
      }
    })

    it('finds nothing in the results that were recorded', () => {
      for (const cases of firstCases().values()) {
        for (const one of cases)
          expect(judgeCase(one, one.expected, { isStrict: true }).differences).toEqual([])
      }
    })
  },
)

/** Lines of a report; of items that one set has and the other has not, that there are some: equal ones have no order. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.replace(/^(\s+\w+\s+\{"only\w+").*/, '$1'))
}

/** What a script prints; it may say by its status that there are differences. */
function outputOf(args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
