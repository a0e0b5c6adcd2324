import type { Volume } from '../types.generated.ts'
import { text } from './absent.ts'
import type { VolumesByName } from './environment.ts'
import { duplicate, forbidden, invalid, invalidEach, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { dns1123Label, subdomainName } from './names.ts'
import { validateVolumeSource, VOLUME_SOURCES } from './volume-sources.ts'

/** What the rules on volumes need to know of the pod. */
export interface VolumesOwner {
  /** Name of the pod; empty when it is not known yet, as in templates. */
  readonly podName: string
  /** False in templates. */
  readonly isPod: boolean
}

/** Volumes without errors, for what refers to them, and the errors of the others. */
export interface CheckedVolumes {
  readonly volumes: VolumesByName
  readonly errors: FieldErrors
}

/** Volumes of a pod. Source: Kubernetes v1.37, core/validation `ValidateVolumes`. */
export function validateVolumes(list: readonly Volume[], owner: VolumesOwner, path: string): CheckedVolumes {
  const { podName } = owner
  const isNamed = podName !== ''
  const made = new Set(
    list
      .filter((volume) => isNamed && volume.ephemeral !== undefined)
      .map(({ name }) => `${podName}-${text(name)}`),
  )
  const volumes = new Map<string, Volume>()
  const errors = list.flatMap((volume, index) => {
    const place = `${path}[${index}]`
    const own = [
      ...sourceErrors(volume, owner, place),
      ...nameErrors(text(volume.name), volumes, `${place}.name`),
    ]
    if (own.length === 0) volumes.set(text(volume.name), volume)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim === undefined || !made.has(claim)) return own
    const field = `${place}.persistentVolumeClaim.claimName`
    return [
      ...own,
      invalid(field, claim, 'must not reference a PVC that gets created for an ephemeral volume'),
    ]
  })
  return { volumes, errors }
}

function nameErrors(name: string, volumes: VolumesByName, path: string): FieldErrors {
  return [
    ...(name === '' ? [required(path)] : invalidEach(path, name, dns1123Label(name))),
    ...(volumes.has(name) ? [duplicate(path, name)] : []),
  ]
}

/** One source, and no other. Source: core/validation `validateVolumeSource`. */
function sourceErrors(volume: Volume, owner: VolumesOwner, path: string): FieldErrors {
  const sources = VOLUME_SOURCES.filter(({ key }) => volume[key] !== undefined)
  if (sources.length === 0) return [required(path, 'must specify a volume type')]
  return sources.flatMap((source, index) => {
    const extra = extraErrors(volume, source.key, index, owner, path)
    if (index > 0) {
      return [
        forbidden(`${path}.${source.refused ?? source.key}`, 'may not specify more than 1 volume type'),
        ...extra,
      ]
    }
    return [...validateVolumeSource(volume, source, owner.isPod, path), ...extra]
  })
}

/** Rules on a source that need the name of the volume. */
function extraErrors(
  { name, iscsi, ephemeral }: Volume,
  key: keyof Volume,
  index: number,
  { podName }: VolumesOwner,
  path: string,
): FieldErrors {
  if (key === 'iscsi' && iscsi?.initiatorName !== undefined) {
    if (`${text(name)}:${text(iscsi.targetPortal)}`.length <= 64) return []
    return [invalid(`${path}.name`, text(name), ISCSI_LENGTH)]
  }
  if (key !== 'ephemeral' || ephemeral === undefined || index > 0) return []
  if (podName === '' || text(name) === '') return []
  const claim = `${podName}-${name}`
  const details = subdomainName(claim, false).map((problem) => `PVC name "${claim}": ${problem}`)
  return invalidEach(`${path}.name`, name, details)
}

/** What is expected of a volume of iSCSI that names its initiator. */
export const ISCSI_LENGTH =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters ' +
  'if iscsi.initiatorName is specified.'
