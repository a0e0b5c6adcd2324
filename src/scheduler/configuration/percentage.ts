import type { FieldPath, Problems } from './problems.ts'

type Fields = Readonly<Record<string, unknown>>

/** A share of the nodes in percent; undefined when it is absent. Also checks that of the placements, which is not used. */
export function readPercentage(fields: Fields, path: FieldPath, problems: Problems): number | undefined {
  const placements = percentageAt(fields, 'percentageOfPlacementsToScore', path, problems)
  if (placements !== undefined) {
    problems.warn(
      [...path, 'percentageOfPlacementsToScore'],
      'has no effect: all placements of a PodGroup are tried',
    )
  }
  return percentageAt(fields, 'percentageOfNodesToScore', path, problems)
}

function percentageAt(
  fields: Fields,
  field: string,
  path: FieldPath,
  problems: Problems,
): number | undefined {
  const value = fields[field] ?? undefined
  if (value === undefined) return undefined
  const percentage = Number(value)
  if (percentage < 0 || percentage > 100)
    problems.invalid([...path, field], percentage, 'not in valid range [0-100]')
  return percentage
}
