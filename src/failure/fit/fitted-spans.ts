import { InputError } from '../../base/errors.ts'
import type { FamilyName } from './family-names.ts'
import { familyOf } from './sample-fit.ts'
import type { SampleFit } from './sample-fit.ts'

/** A distribution of spans as a scenario writes it: `{ weibull: { shape: 0.7, mean: 10.5h } }`. */
export type SpanDistribution = Readonly<Record<string, Readonly<Record<string, string | number>>>>

/**
 * The distribution of a sample as a scenario writes it: the shape that fits the sample best, with the given mean in hours. The
 * likelihood decides the shape; the mean is the one observed, for failures a year and down time follow from it, and that of
 * a likely lognormal distribution can be several times too low or too high.
 *
 * Throws `InputError` when nothing could be fitted.
 */
export function spanDistribution(
  fit: SampleFit,
  setting: { readonly family: FamilyName | undefined; readonly meanHours: number; readonly of: string },
): SpanDistribution {
  const family = familyOf(fit, setting.family)
  if (family === undefined) {
    throw new InputError({
      message: `there are too few ${setting.of} to fit a distribution to: ${fit.count}`,
      hint: 'give a system with more failures',
    })
  }
  const mean = hoursText(setting.meanHours)
  const { shape } = family
  return { [family.name]: shape === undefined ? { mean } : { [shape.name]: rounded(shape.value), mean } }
}

/** To six digits after the point, as durations are read. */
function hoursText(hours: number): string {
  return `${rounded(hours)}h`
}

function rounded(value: number): number {
  return Number(value.toFixed(6))
}
