const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 0.000009984369578019572, 1.5056327351493116e-7,
]

/** The gamma function for arguments above 0.5. Source: Lanczos (1964), coefficients for g = 7, n = 9. */
export function gammaFunction(x: number): number {
  const z = x - 1
  const t = z + 7.5
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * lanczosSum(z)
}

/** The natural logarithm of the gamma function for arguments above 0, by the same series. */
export function logGamma(x: number): number {
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  const z = x - 1
  const t = z + 7.5
  return Math.log(2 * Math.PI) / 2 + (z + 0.5) * Math.log(t) - t + Math.log(lanczosSum(z))
}

function lanczosSum(z: number): number {
  let sum = LANCZOS[0] ?? 0
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] ?? 0) / (z + i)
  return sum
}

/** From here on the asymptotic series below have errors under 1e-15. */
const ASYMPTOTIC = 12

/**
 * The derivative of `logGamma`, for arguments above 0: recurrence up to 12, then the asymptotic series.
 * Source: Abramowitz and Stegun 6.3.5 and 6.3.18.
 */
export function digamma(x: number): number {
  let value = 0
  let at = x
  for (; at < ASYMPTOTIC; at++) value -= 1 / at
  const square = 1 / (at * at)
  const series =
    square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
  return value + Math.log(at) - 1 / (2 * at) - series
}

/** The derivative of `digamma`, for arguments above 0. Source: Abramowitz and Stegun 6.4.6 and 6.4.12. */
export function trigamma(x: number): number {
  let value = 0
  let at = x
  for (; at < ASYMPTOTIC; at++) value += 1 / (at * at)
  const square = 1 / (at * at)
  const series =
    square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - (square * 5) / 66))))
  return value + 1 / at + square / 2 + series / at
}

/** Terms after which a series or a continued fraction has to have settled. */
const TERMS_MAX = 10_000
const PRECISION = 1e-15

/**
 * The regularised lower incomplete gamma function P(shape, x), from 0 to 1: the gamma distribution's share below x at scale 1.
 * Series below shape + 1, continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31, by Lentz's method).
 */
export function gammaShareBelow(shape: number, x: number): number {
  if (x <= 0) return 0
  if (x === Number.POSITIVE_INFINITY) return 1
  const front = Math.exp(shape * Math.log(x) - x - logGamma(shape))
  return x < shape + 1 ? front * gammaSeries(shape, x) : 1 - front * gammaFraction(shape, x)
}

/** 1 - `gammaShareBelow`, exact in the tail too. */
export function gammaShareAbove(shape: number, x: number): number {
  if (x <= 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const front = Math.exp(shape * Math.log(x) - x - logGamma(shape))
  return x < shape + 1 ? 1 - front * gammaSeries(shape, x) : front * gammaFraction(shape, x)
}

function gammaSeries(shape: number, x: number): number {
  let term = 1 / shape
  let sum = term
  for (let n = 1; n < TERMS_MAX && term > sum * PRECISION; n++) {
    term *= x / (shape + n)
    sum += term
  }
  return sum
}

/** Smallest number that Lentz's method lets a denominator be. */
const TINY = 1e-300

function gammaFraction(shape: number, x: number): number {
  let b = x + 1 - shape
  let c = 1 / TINY
  let d = 1 / b
  let value = d
  for (let i = 1; i < TERMS_MAX; i++) {
    const a = -i * (i - shape)
    b += 2
    d = 1 / awayFromZero(a * d + b)
    c = awayFromZero(b + a / c)
    value *= d * c
    if (Math.abs(d * c - 1) < PRECISION) break
  }
  return value
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/** Share of the standard normal distribution below x, exact in both tails. */
export function normalShareBelow(x: number): number {
  const half = (x * x) / 2
  return x < 0 ? gammaShareAbove(0.5, half) / 2 : (1 + gammaShareBelow(0.5, half)) / 2
}

/**
 * The regularised incomplete beta function I(x; a, b), from 0 to 1.
 * Source: the continued fraction of Abramowitz and Stegun 26.5.8, by Lentz's method.
 */
export function betaShareBelow(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  const isLow = x < (a + 1) / (a + b + 2)
  return isLow ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m < TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    value *= d * c
    if (Math.abs(d * c - 1) < PRECISION) break
  }
  return value
}

/**
 * The value that Student's t with so many degrees of freedom stays below with a probability above one half, to 12 digits:
 * 2.262 for 0.975 and 9. By bisection of the distribution (Abramowitz and Stegun 26.7.1 with 26.5.27).
 */
export function studentQuantile(probability: number, degrees: number): number {
  const below = (t: number): number => 1 - betaShareBelow(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  let high = 1
  while (below(high) < probability && high < 1e12) high *= 2
  let low = 0
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2
    if (below(middle) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}
