import { EXTENSION_POINTS } from '../scheduler/configuration/resolved.ts'
import type { ResolvedConfiguration, ResolvedProfile } from '../scheduler/configuration/resolved.ts'

/** Adds plugins at the end of every extension point of the profiles that do not name them. */
export function withPlugins(
  configuration: ResolvedConfiguration,
  names: readonly string[],
): ResolvedConfiguration {
  if (names.length === 0) return configuration
  const profiles = configuration.profiles.map((profile): ResolvedProfile => {
    const named = new Set(Object.values(profile.points).flat())
    const missing = names.filter((name) => !named.has(name))
    const points = { ...profile.points }
    for (const point of EXTENSION_POINTS) points[point] = [...points[point], ...missing]
    return { ...profile, points }
  })
  return { ...configuration, profiles }
}
