import type { Container, EphemeralContainer, PodSpec } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { validateCommonFields, validateHostPorts, validateRestartPolicy } from './containers.ts'
import type { ContainerContext } from './containers.ts'
import { duplicate, forbidden, invalid, notFound, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLifecycle, validateProbes } from './probes.ts'

/** The containers of a pod. Source: Kubernetes v1.37, core/validation `validateContainers`. */
export function validateContainers(
  containers: readonly Container[],
  context: ContainerContext,
  path: string,
): FieldErrors {
  if (containers.length === 0) return [required(path)]
  const names = new Set<string>()
  return [
    ...containers.flatMap((container, index) => {
      const place = `${path}[${index}]`
      return [
        ...validateCommonFields(container, context, place),
        ...nameErrors(text(container.name), names, `${place}.name`),
        ...(container.lifecycle === undefined
          ? []
          : validateLifecycle(container.lifecycle, context, `${place}.lifecycle`)),
        ...validateProbes(container, context, place),
        ...validateRestartPolicy(container, place),
      ]
    }),
    ...validateHostPorts(containers, path),
  ]
}

/** A name that another container has; empty names count once they were seen. */
function nameErrors(name: string, names: Set<string>, path: string): FieldErrors {
  if (names.has(name)) return [duplicate(path, name)]
  names.add(name)
  return []
}

/** Containers that run before the others, and sidecars. Source: core/validation `validateInitContainers`. */
export function validateInitContainers(spec: PodSpec, context: ContainerContext, path: string): FieldErrors {
  const names = new Set(items(spec.containers).map(({ name }) => text(name)))
  return items(spec.initContainers).flatMap((container, index) => {
    const place = `${path}[${index}]`
    const name = text(container.name)
    const isTaken = names.has(name)
    if (name !== '') names.add(name)
    return [
      ...validateCommonFields(container, context, place),
      ...validateRestartPolicy(container, place),
      ...(isTaken ? [duplicate(`${place}.name`, name)] : []),
      // Paths of these conflicts lack the index of the container, as upstream's.
      ...validateHostPorts([container], path),
      ...(container.restartPolicy === 'Always'
        ? sidecarErrors(container, context, place)
        : onceOnlyErrors(container, place)),
    ]
  })
}

function sidecarErrors(container: Container, context: ContainerContext, path: string): FieldErrors {
  const { lifecycle } = container
  return [
    ...(lifecycle === undefined ? [] : validateLifecycle(lifecycle, context, `${path}.lifecycle`)),
    ...validateProbes(container, context, path),
  ]
}

function onceOnlyErrors(container: Container, path: string): FieldErrors {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  const given = Object.entries({ lifecycle, livenessProbe, readinessProbe, startupProbe })
  return given
    .filter(([, value]) => value !== undefined)
    .map(([field]) =>
      forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
    )
}

const FORBIDDEN_FOR_DEBUGGING: readonly (keyof EphemeralContainer)[] = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
]

/** Containers for debugging. Source: core/validation `validateEphemeralContainers`. */
export function validateEphemeralContainers(
  spec: PodSpec,
  context: ContainerContext,
  path: string,
): FieldErrors {
  const others = new Set(
    [...items(spec.containers), ...items(spec.initContainers)].map(({ name }) => text(name)),
  )
  const names = new Set(others)
  return items(spec.ephemeralContainers).flatMap((container, index) => {
    const place = `${path}[${index}]`
    const target = text(container.targetContainerName)
    return [
      ...validateCommonFields(container, context, place),
      ...validateImageText(container, place),
      ...nameErrors(text(container.name), names, `${place}.name`),
      ...(target === '' || others.has(target) ? [] : [notFound(`${place}.targetContainerName`, target)]),
      ...debuggingErrors(container, place),
    ]
  })
}

function debuggingErrors(container: EphemeralContainer, path: string): FieldErrors {
  const refusal = 'cannot be set for an Ephemeral Container'
  const given = FORBIDDEN_FOR_DEBUGGING.filter((field) => {
    const value = container[field]
    return value !== undefined && Object.keys(value).length > 0
  })
  return [
    ...given.map((field) => forbidden(`${path}.${field}`, refusal)),
    ...items(container.volumeMounts).flatMap(({ subPath = '', subPathExpr = '' }, index) => [
      ...(subPath === '' ? [] : [forbidden(`${path}.volumeMounts[${index}].subPath`, refusal)]),
      ...(subPathExpr === '' ? [] : [forbidden(`${path}.volumeMounts[${index}].subPathExpr`, refusal)]),
    ]),
  ]
}

/** In pods, not in templates: the name of an image has no space around it. */
export function validateImageText({ image }: Container | EphemeralContainer, path: string): FieldErrors {
  const given = text(image)
  if (given === given.trim()) return []
  return [invalid(`${path}.image`, given, 'must not have leading or trailing whitespace')]
}
