import { readFileSync } from 'node:fs'

/** The version in package.json, from the sources as from the built package. */
export function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8')
      const { name, version } = JSON.parse(text) as { name?: string; version?: string }
      if (name === 'stowage' && version !== undefined) return version
    } catch {
      // Sources and build lie at different depths below package.json.
    }
  }
  return '0.0.0'
}
