import { InputError } from '../src/base/errors.ts'

/** A point of the shape of a scoring shape: utilisation in percent, score from 0 to 100. */
export interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

/** Scores of a configured shape are 0 to 10; those of nodes 0 to 100. */
const SHAPE_SCALE = 10

/** The broken line through the points; integer division towards zero between them. */
export function interpolate(shape: readonly ShapePoint[], utilization: number): number {
  let before: ShapePoint | undefined
  for (const point of shape) {
    if (utilization <= point.utilization) {
      if (before === undefined) return point.score
      const rise = (point.score - before.score) * (utilization - before.utilization)
      return before.score + Math.trunc(rise / (point.utilization - before.utilization))
    }
    before = point
  }
  return before?.score ?? 0
}

/** Reads the points of a shape. Throws `InputError` in the words of kube-scheduler's validation. */
export function readShape(value: unknown, field: string): readonly ShapePoint[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new InputError({ field, message: 'Required value: at least one point must be specified' })
  }
  let before = -1
  return value.map((item: unknown, index) => {
    const { utilization = 0, score = 0 } = item as Partial<ShapePoint>
    const place = `${field}[${index}]`
    if (utilization < 0 || utilization > 100) {
      throw new InputError({
        field: `${place}.utilization`,
        message: `Invalid value: ${utilization}: not in valid range [0, 100]`,
      })
    }
    if (utilization <= before) {
      throw new InputError({
        field: `${place}.utilization`,
        message: `Invalid value: ${utilization}: utilization values must be sorted in increasing order`,
      })
    }
    if (score < 0 || score > 10) {
      throw new InputError({
        field: `${place}.score`,
        message: `Invalid value: ${score}: not in valid range [0, 10]`,
      })
    }
    before = utilization
    return { utilization, score: score * SHAPE_SCALE }
  })
}
