import type { Pod, PodSpec, PodTemplateSpec } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { validateImageText } from './container-kinds.ts'
import { forbidden } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateAnnotations, validateLabels, validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts'
import { validatePodSpec } from './pod-spec.ts'
import type { ClusterRules } from './rules.ts'

const NO_CONTAINERS: PodSpec = { containers: [] }

/** A pod on create. Source: Kubernetes v1.37, core/validation `ValidatePodCreate`. */
export function validatePod(pod: Pod, rules: ClusterRules): FieldErrors {
  const spec = pod.spec ?? NO_CONTAINERS
  const { metadata } = pod
  const isGated = text(spec.nodeName) !== '' && items(spec.schedulingGates).length > 0
  const podRules = { ...rules, isPod: true, podName: text(metadata?.name) }
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...validatePodAnnotations(metadata?.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, podRules, 'spec'),
    ...tokenErrors(spec),
    ...imageErrors(spec),
    ...(items(spec.ephemeralContainers).length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(isGated
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
    ...validateProfilesMatch(metadata, spec, 'spec'),
  ]
}

/** Tokens are of an account. */
function tokenErrors(spec: PodSpec): FieldErrors {
  if (text(spec.serviceAccountName) !== '') return []
  return items(spec.volumes).flatMap(({ projected }, volume) =>
    items(projected?.sources).flatMap((source, index) => {
      if (source.serviceAccountToken === undefined) return []
      const path = `spec.volumes[${volume}].projected.sources[${index}].serviceAccountToken`
      return [forbidden(path, 'must not be specified when serviceAccountName is not set')]
    }),
  )
}

function imageErrors(spec: PodSpec): FieldErrors {
  return [
    ...items(spec.containers).flatMap((container, index) =>
      validateImageText(container, `spec.containers[${index}]`),
    ),
    ...items(spec.initContainers).flatMap((container, index) =>
      validateImageText(container, `spec.initContainers[${index}]`),
    ),
  ]
}

/** The template of pods. Source: core/validation `ValidatePodTemplateSpec`. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  rules: ClusterRules,
  path: string,
): FieldErrors {
  const { metadata, spec = NO_CONTAINERS } = template ?? {}
  const refused = 'ephemeral containers not allowed in pod template'
  return [
    ...validateTemplateMeta(template, path),
    ...validatePodSpec(spec, { ...rules, isPod: false, podName: '' }, `${path}.spec`),
    ...validateProfilesMatch(metadata, spec, `${path}.spec`),
    ...(items(spec.ephemeralContainers).length > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, refused)]
      : []),
  ]
}

/** Labels and annotations of a template; their paths lack `metadata`, as upstream's. */
export function validateTemplateMeta(template: PodTemplateSpec | undefined, path: string): FieldErrors {
  const { metadata, spec = NO_CONTAINERS } = template ?? {}
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodAnnotations(metadata?.annotations, spec, `${path}.annotations`),
  ]
}
