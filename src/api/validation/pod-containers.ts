import type { Container, EphemeralContainer, PodSpec } from '../types.generated.ts'
import { items } from './absent.ts'

/** A container and its path. */
export interface PlacedContainer {
  readonly container: Container | EphemeralContainer
  readonly path: string
}

/**
 * All containers of a pod, init containers first.
 *
 * Source: Kubernetes v1.37, apis/core/pods `VisitContainersWithPath`.
 */
export function containersWithPaths(spec: PodSpec, path: string): readonly PlacedContainer[] {
  const lists = {
    initContainers: items(spec.initContainers),
    containers: items(spec.containers),
    ephemeralContainers: items(spec.ephemeralContainers),
  }
  return Object.entries(lists).flatMap(
    ([name, list]: [string, readonly (Container | EphemeralContainer)[]]) =>
      list.map((container, index) => ({ container, path: `${path}.${name}[${index}]` })),
  )
}
