/** Distributions that are fitted, in the order in which they are shown. */
export const FAMILY_NAMES = ['exponential', 'weibull', 'lognormal', 'gamma'] as const

export type FamilyName = (typeof FAMILY_NAMES)[number]
