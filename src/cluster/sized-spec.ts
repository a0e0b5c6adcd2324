import type { PodTemplate } from '../api/pod-template.ts'
import { bytesText, milliText } from '../api/quantity.ts'
import type { Container, PodSpec } from '../api/types.generated.ts'

/** What a pod asks for itself: cpu in millicores, memory in bytes. */
export interface PodSize {
  readonly cpu: number
  readonly memory: number
}

/** The spec of one pod: its template's, with its own size where each pod of the template brings one. */
export function sizedSpec({ spec, sizing }: PodTemplate, size: PodSize): PodSpec {
  if (sizing === 'template' || sizing === 'best-effort') return spec
  const amounts = { cpu: milliText(size.cpu), memory: bytesText(size.memory) }
  const containers = spec.containers.map((container, index): Container => {
    if (index > 0) return container
    const { requests, limits } = container.resources ?? {}
    const ownLimits = sizing === 'guaranteed' ? { ...limits, ...amounts } : limits
    const resources = {
      ...container.resources,
      requests: { ...requests, ...amounts },
      ...(ownLimits === undefined ? {} : { limits: ownLimits }),
    }
    return { ...container, resources }
  })
  return { ...spec, containers }
}
