import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/assert.ts'
import { TimeIntegrals } from '../../src/report/time-integral.ts'

const END = 60

/** The value of each channel at each whole instant, by writing down every one. */
function bruteForce(
  changes: readonly { at: number; channel: number; value: number }[],
  channel: number,
): number[] {
  const values = Array.from({ length: END }, () => 0)
  for (const change of changes) {
    if (change.channel === channel) values.fill(change.value, change.at)
  }
  return values
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('TimeIntegrals', () => {
  it('equals a sum over every instant: integral, mean, maximum, ratio, interval', () => {
    const change = fc.record({ at: fc.nat(END - 1), channel: fc.nat(1), value: fc.nat(50) })
    const input = fc.record({ changes: fc.array(change), warmUp: fc.nat(END + 5), mark: fc.nat(END - 1) })
    fc.assert(
      fc.property(input, ({ changes, warmUp, mark }) => {
        const ordered = changes.toSorted((one, other) => one.at - other.at)
        const sums = new TimeIntegrals(2, { warmUp, ratios: [[0, 1]] })
        let isMarked = false
        for (const { at, channel, value } of ordered) {
          if (!isMarked && at >= mark) {
            sums.advance(mark)
            sums.mark()
            isMarked = true
          }
          sums.advance(at)
          sums.set(channel, value)
        }
        if (!isMarked) {
          sums.advance(mark)
          sums.mark()
        }
        sums.advance(END)
        const [all0, all1] = [bruteForce(ordered, 0), bruteForce(ordered, 1)]
        const [measured0, measured1] = [all0.slice(warmUp), all1.slice(warmUp)]
        expect(sums.measured).toBe(measured0.length)
        expect(sums.integral(0)).toBe(sum(measured0))
        expect(sums.max(0)).toBe(Math.max(0, ...measured0))
        expect(sums.mean(1)).toBe(measured1.length === 0 ? undefined : sum(measured1) / measured1.length)
        expect(sums.ratioMean(0)).toBe(sum(measured1) === 0 ? undefined : sum(measured0) / sum(measured1))
        const ratios = measured0.map((value, i) => value / (measured1[i] ?? 0)).filter(Number.isFinite)
        expect(sums.ratioMax(0)).toBe(Math.max(0, ...ratios))
        expect(sums.meanSinceMark(0)).toBeCloseTo(sum(all0.slice(mark)) / (END - mark), 9)
      }),
    )
  })

  it('leaves a value out that stood for no time', () => {
    const sums = new TimeIntegrals(1, { warmUp: 0 })
    sums.add(0, 100)
    sums.add(0, -99)
    sums.advance(10)
    expect([sums.max(0), sums.mean(0)]).toEqual([1, 1])
  })

  it('refuses to go back in time', () => {
    const sums = new TimeIntegrals(1, { warmUp: 0 })
    sums.advance(10)
    expect(() => sums.advance(9)).toThrow(InvariantError)
  })
})
