import { objectOf } from './json-value.ts'

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'

/**
 * With topology-mode Auto it is open which endpoint of a zone gets the hint of another one: puts in place of each
 * endpoint's hints how many endpoints of a zone have hints for which.
 */
export function hintsByZone(result: unknown, input: unknown): unknown {
  const { annotations } = objectOf(objectOf(objectOf(input)['service'])['metadata'])
  const mode = String(objectOf(annotations)[TOPOLOGY_MODE] ?? '')
  if (mode.toLowerCase() !== 'auto') return result
  const { steps } = objectOf(result)
  return { ...objectOf(result), steps: Array.isArray(steps) ? steps.map(countHints) : [] }
}

function countHints(step: unknown): unknown {
  const counts: Record<string, number> = {}
  const endpoints: Record<string, unknown> = {}
  for (const [name, endpoint] of Object.entries(objectOf(objectOf(step)['endpoints']))) {
    const { hints, ...rest } = objectOf(endpoint)
    endpoints[name] = rest
    const { forZones, forNodes } = objectOf(hints)
    const key = `${String(rest['zone'] ?? '')} -> ${namesOf(forZones)} ${namesOf(forNodes)}`.trim()
    counts[key] = (counts[key] ?? 0) + 1
  }
  return { ...objectOf(step), endpoints, hintsByZone: counts }
}

function namesOf(list: unknown): string {
  return Array.isArray(list) ? list.join(',') : ''
}
