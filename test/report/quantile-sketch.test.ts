import fc from 'fast-check'
import { expect, it } from 'vitest'
import { QuantileSketch, SKETCH_ERROR } from '../../src/report/quantile-sketch.ts'

const SHARES = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]

const values = fc.array(
  fc.oneof(fc.constant(0), fc.nat(100), fc.maxSafeNat(), fc.double({ min: 1e-6, max: 1e13, noNaN: true })),
  { minLength: 1, maxLength: 300 },
)

function sketchOf(list: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch()
  for (const value of list) sketch.add(value)
  return sketch
}

function expectClose(sketch: QuantileSketch, list: readonly number[]): void {
  const sorted = list.toSorted((one, other) => one - other)
  for (const share of SHARES) {
    const exact = sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
    const found = sketch.quantile(share) ?? Number.NaN
    expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * SKETCH_ERROR * 1.000001)
  }
}

it('is empty at first', () => {
  const sketch = new QuantileSketch()
  expect([sketch.count, sketch.sum, sketch.min, sketch.max, sketch.mean, sketch.quantile(0.5)]).toEqual([
    0,
    0,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

it('finds every quantile to its relative error, and count, sum, min and max exactly', () => {
  fc.assert(
    fc.property(values, (list) => {
      const sketch = sketchOf(list)
      expectClose(sketch, list)
      expect(sketch.count).toBe(list.length)
      expect(sketch.sum).toBe(list.reduce((sum, value) => sum + value, 0))
      expect(sketch.min).toBe(Math.min(...list))
      expect(sketch.max).toBe(Math.max(...list))
    }),
  )
})

it('merged, answers as one that took all', () => {
  fc.assert(
    fc.property(values, values, (one, other) => {
      const merged = sketchOf(one)
      merged.merge(sketchOf(other))
      const all = sketchOf([...one, ...other])
      expect(merged.count).toBe(all.count)
      for (const share of SHARES) expect(merged.quantile(share)).toBe(all.quantile(share))
    }),
  )
})

it('takes a value many times as if one by one', () => {
  const sketch = new QuantileSketch()
  sketch.add(5, 3)
  sketch.add(0, 2)
  expect([sketch.count, sketch.sum, sketch.quantile(0)]).toEqual([5, 15, 0])
})

it('holds a wide range in little: microseconds to months', () => {
  const sketch = sketchOf([1e13, 1, 1e-3, 1e6])
  expectClose(sketch, [1e13, 1, 1e-3, 1e6])
})
