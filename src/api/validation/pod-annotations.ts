import type { AppArmorProfile, ObjectMeta, PodSpec, SeccompProfile, Toleration } from '../types.generated.ts'
import { entriesOf, items, text } from './absent.ts'
import { forbidden, invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateDescendingPath } from './file-paths.ts'
import { quote } from './go-text.ts'
import { containersWithPaths } from './pod-containers.ts'
import { validateTolerations } from './tolerations.ts'

type Annotations = Readonly<Record<string, string>>

const MIRROR = 'kubernetes.io/config.mirror'
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const LOCALHOST = 'localhost/'
const RUNTIME_DEFAULT = 'runtime/default'

/**
 * Annotations that mean something for a pod.
 *
 * Source: Kubernetes v1.37, core/validation `ValidatePodSpecificAnnotations`.
 */
export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: string,
): FieldErrors {
  const isMirror = annotations?.[MIRROR] !== undefined
  const unbound = 'must set spec.nodeName if mirror pod annotation is set'
  const isUnbound = isMirror && text(spec.nodeName) === ''
  return [
    ...(isUnbound ? [invalid(`${path}[${MIRROR}]`, text(annotations?.[MIRROR]), unbound)] : []),
    ...tolerationErrors(text(annotations?.[TOLERATIONS]), path),
    ...costErrors(annotations?.[DELETION_COST], `${path}[${DELETION_COST}]`),
    ...entriesOf(annotations).flatMap(([key, value]) => [
      ...(key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)
        ? seccompErrors(value, `${path}.${key}`)
        : []),
      ...(key.startsWith(APP_ARMOR) ? appArmorErrors(key, value, spec, path) : []),
    ]),
  ]
}

function tolerationErrors(value: string, path: string): FieldErrors {
  if (value === '') return []
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    return [invalid(path, TOLERATIONS, 'is no list of tolerations as JSON')]
  }
  if (!Array.isArray(parsed)) return [invalid(path, TOLERATIONS, 'is no list of tolerations as JSON')]
  return validateTolerations(parsed as Toleration[], `${path}.${TOLERATIONS}`)
}

/** The cost of deleting the pod is a 32-bit integer without leading zeros and without a plus sign. */
function costErrors(value: string | undefined, path: string): FieldErrors {
  if (value === undefined) return []
  const isInteger = /^(0|[1-9]\d*|-\d+)$/.test(value) && Math.abs(Number(value) + 0.5) < 2 ** 31
  return isInteger ? [] : [invalid(path, value, 'must be a 32bit integer')]
}

function seccompErrors(profile: string, path: string): FieldErrors {
  if ([RUNTIME_DEFAULT, 'docker/default', 'unconfined'].includes(profile)) return []
  if (profile.startsWith(LOCALHOST)) return validateDescendingPath(profile.slice(LOCALHOST.length), path)
  return [invalid(path, profile, 'must be a valid seccomp profile')]
}

function appArmorErrors(key: string, profile: string, spec: PodSpec, path: string): FieldErrors {
  const name = key.slice(APP_ARMOR.length)
  const isThere = containersWithPaths(spec, '').some(({ container }) => text(container.name) === name)
  const isKnown = ['', RUNTIME_DEFAULT, 'unconfined'].includes(profile) || profile.startsWith(LOCALHOST)
  const place = `${path}[${key}]`
  return [
    ...(isThere ? [] : [invalid(place, name, 'container not found')]),
    ...(isKnown ? [] : [invalid(place, profile, `invalid AppArmor profile name: ${quote(profile)}`)]),
  ]
}

/**
 * Profiles in annotations are those of the fields.
 *
 * Source: core/validation `validateSeccompAnnotationsAndFields`,
 * `validateAppArmorAnnotationsAndFieldsMatchOnCreate`.
 */
export function validateProfilesMatch(
  meta: ObjectMeta | undefined,
  spec: PodSpec,
  path: string,
): FieldErrors {
  const annotations = meta?.annotations ?? {}
  const ofPod = spec.securityContext
  const isWindows = spec.os?.name === 'windows'
  return [
    ...matchErrors(
      'seccomp',
      annotations[SECCOMP_POD],
      ofPod?.seccompProfile,
      `${path}.securityContext.seccompProfile`,
    ),
    ...containersWithPaths(spec, path).flatMap(({ container, path: place }) => {
      const own = container.securityContext
      const annotation = annotations[`${SECCOMP_CONTAINER}${text(container.name)}`]
      return matchErrors(
        'seccomp',
        annotation,
        own?.seccompProfile,
        `${place}.securityContext.seccompProfile`,
      )
    }),
    ...items(isWindows ? [] : containersWithPaths(spec, path)).flatMap(({ container, path: place }) => {
      const profile = container.securityContext?.appArmorProfile ?? ofPod?.appArmorProfile
      const annotation = annotations[`${APP_ARMOR}${text(container.name)}`]
      return matchErrors('apparmor', annotation, profile, `${place}.securityContext.appArmorProfile`)
    }),
  ]
}

function matchErrors(
  kind: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  profile: SeccompProfile | AppArmorProfile | undefined,
  path: string,
): FieldErrors {
  if (annotation === undefined || profile === undefined) return []
  const wrongType = [forbidden(`${path}.type`, `${kind} type in annotation and field must match`)]
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : wrongType
    case 'RuntimeDefault': {
      const isOld = kind === 'seccomp' && annotation === 'docker/default'
      return annotation === RUNTIME_DEFAULT || isOld ? [] : wrongType
    }
    case 'Localhost': {
      if (!annotation.startsWith(LOCALHOST)) return wrongType
      const isSame = annotation.slice(LOCALHOST.length) === profile.localhostProfile
      const detail = `${kind} profile in annotation and field must match`
      return isSame ? [] : [forbidden(`${path}.localhostProfile`, detail)]
    }
    default:
      return []
  }
}
