/**
 * A colour as `#rrggbb` by OKLCH: lightness from 0 to 1, chroma from 0 (grey) to about 0.3, hue in degrees. Steps of equal
 * lightness look equal, which is what a ramp needs. A colour outside sRGB loses chroma until it is inside.
 * Source: Björn Ottosson, "A perceptual color space for image processing" (2020).
 */
export function oklch(lightness: number, chroma: number, hue: number): string {
  let [low, high] = [0, chroma]
  if (isInside(linearOf(lightness, chroma, hue))) low = chroma
  else {
    for (let step = 0; step < 16; step++) {
      const middle = (low + high) / 2
      if (isInside(linearOf(lightness, middle, hue))) low = middle
      else high = middle
    }
  }
  return hexOf(linearOf(lightness, low, hue).map(encoded))
}

/** OKLab's lightness, a and b of `#rrggbb`. */
export function oklabOf(hex: string): readonly [lightness: number, a: number, b: number] {
  const [red, green, blue] = channelsOf(hex).map(decoded) as [number, number, number]
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** How far two colours stand out from each other, 1 (not at all) to 21. Source: WCAG 2.2, contrast ratio. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
export function channelsOf(hex: string): readonly [red: number, green: number, blue: number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function luminance(hex: string): number {
  const [red, green, blue] = channelsOf(hex).map(decoded) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linearOf(lightness: number, chroma: number, hue: number): readonly number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

function isInside(linear: readonly number[]): boolean {
  return linear.every((value) => value > -1e-4 && value < 1 + 1e-4)
}

function encoded(linear: number): number {
  const value = Math.min(1, Math.max(0, linear))
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055
}

function decoded(channel: number): number {
  const value = channel / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function hexOf(channels: readonly number[]): string {
  const texts = channels.map((value) =>
    Math.round(value * 255)
      .toString(16)
      .padStart(2, '0'),
  )
  return `#${texts.join('')}`
}
