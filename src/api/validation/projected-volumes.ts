import type {
  ClusterTrustBundleProjection,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateFileMode, validateUnreservedPath } from './file-paths.ts'
import { goStruct, selectorValue } from './go-shapes.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { requireTexts } from './legacy-volumes.ts'
import { trustBundleName, validateSignerName } from './signer-names.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-files.ts'

/** Paths of files that a source before has taken. */
type TakenPaths = Set<string>

const CONFLICT = 'conflicting duplicate paths'
const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']
const CERTIFICATE_SECONDS_MIN = 3600
const CERTIFICATE_SECONDS_MAX = 7_862_400
const KUBERNETES_CERTIFICATE_SECONDS_MAX = 86_400

/** A volume of several sources. Source: Kubernetes v1.37, core/validation `validateProjectionSources`. */
export function validateProjectedVolume(volume: ProjectedVolumeSource, path: string): FieldErrors {
  const taken: TakenPaths = new Set()
  return [
    ...validateFileMode(volume.defaultMode, `${path}.defaultMode`),
    ...items(volume.sources).flatMap((source, index) =>
      sourceErrors(source, taken, path, `${path}.sources[${index}]`),
    ),
  ]
}

function sourceErrors(
  source: VolumeProjection,
  taken: TakenPaths,
  volume: string,
  path: string,
): FieldErrors {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const given = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate]
  const count = given.filter((one) => one !== undefined).length
  return [
    ...(secret === undefined ? [] : keyedErrors(secret, taken, volume, `${path}.secret`)),
    ...(configMap === undefined ? [] : keyedErrors(configMap, taken, volume, `${path}.configMap`)),
    ...items(downwardAPI?.items).flatMap((file) => [
      ...validateDownwardFile(file, `${path}.downwardAPI`),
      ...(text(file.path) === '' ? [] : conflictErrors(text(file.path), text(file.path), taken, volume)),
    ]),
    ...(serviceAccountToken === undefined
      ? []
      : tokenErrors(serviceAccountToken, volume, `${path}.serviceAccountToken`)),
    ...(clusterTrustBundle === undefined
      ? []
      : bundleErrors(clusterTrustBundle, taken, volume, `${path}.clusterTrustBundle`)),
    ...(podCertificate === undefined
      ? []
      : certificateErrors(podCertificate, taken, `${path}.podCertificate`)),
    ...(count > 1 ? [forbidden(path, 'may not specify more than 1 volume type per source')] : []),
  ]
}

function conflictErrors(file: string, shown: string, taken: TakenPaths, path: string): FieldErrors {
  if (taken.has(file)) return [invalid(path, shown, CONFLICT)]
  taken.add(file)
  return []
}

/** A Secret or a ConfigMap. */
function keyedErrors(
  source: NonNullable<VolumeProjection['secret']>,
  taken: TakenPaths,
  volume: string,
  path: string,
): FieldErrors {
  return [
    ...requireTexts(source, ['name'], path),
    ...items(source.items).flatMap((key, index) => [
      ...validateKeyToPath(key, `${path}.items[${index}]`),
      ...(text(key.path) === '' ? [] : conflictErrors(text(key.path), text(source.name), taken, volume)),
    ]),
  ]
}

function tokenErrors(token: ServiceAccountTokenProjection, volume: string, path: string): FieldErrors {
  const seconds = whole(token.expirationSeconds)
  const place = `${path}.expirationSeconds`
  const file = text(token.path)
  return [
    ...(seconds < 600 ? [invalid(place, seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > 2 ** 32
      ? [invalid(place, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(file === '' ? [required(`${volume}.path`)] : validateUnreservedPath(file, `${volume}.path`)),
  ]
}

function bundleErrors(
  bundle: ClusterTrustBundleProjection,
  taken: TakenPaths,
  volume: string,
  path: string,
): FieldErrors {
  const file = text(bundle.path)
  return [
    ...bundleNameErrors(bundle, path),
    ...(file === '' ? [required(`${path}.path`)] : []),
    ...validateUnreservedPath(file, `${path}.path`),
    ...conflictErrors(file, file, taken, volume),
  ]
}

function bundleNameErrors(bundle: ClusterTrustBundleProjection, path: string): FieldErrors {
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined) {
    const value = goStruct('ClusterTrustBundleProjection', bundle)
    return [invalid(path, value, 'only one of name and signerName may be used')]
  }
  if (name !== undefined) {
    const problems = trustBundleName(name).map((problem) => `not a valid clustertrustbundlename: ${problem}`)
    const selector = labelSelector === undefined ? undefined : selectorValue(labelSelector)
    return [
      ...(name === '' ? [required(`${path}.name`, 'must be a valid object name')] : []),
      ...invalidEach(`${path}.name`, name, problems),
      ...(selector === undefined
        ? []
        : [invalid(`${path}.labelSelector`, selector, 'labelSelector must be unset if name is specified')]),
    ]
  }
  if (signerName === undefined) return [required(path, 'either name or signerName must be specified')]
  return [
    ...(signerName === '' ? [required(`${path}.signerName`, 'must be a valid signer name')] : []),
    ...validateSignerName(signerName, `${path}.signerName`),
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
  ]
}

function certificateErrors(
  certificate: PodCertificateProjection,
  taken: TakenPaths,
  path: string,
): FieldErrors {
  const { credentialBundlePath, keyPath, certificateChainPath } = certificate
  const files = Object.entries({ credentialBundlePath, keyPath, certificateChainPath })
  const named = files.filter(([, file]) => text(file) !== '')
  const none = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'
  const isKnown = KEY_TYPES.includes(certificate.keyType)
  return [
    ...(isKnown ? [] : [notSupported(`${path}.keyType`, text(certificate.keyType), KEY_TYPES)]),
    ...validateSignerName(text(certificate.signerName), `${path}.signerName`),
    ...expirationErrors(certificate, `${path}.maxExpirationSeconds`),
    ...(named.length === 0 ? [required(path, none)] : []),
    ...named.flatMap(([field, file]) => [
      ...validateUnreservedPath(text(file), `${path}.${field}`),
      ...conflictErrors(text(file), text(file), taken, `${path}.${field}`),
    ]),
  ]
}

function expirationErrors(certificate: PodCertificateProjection, path: string): FieldErrors {
  const { maxExpirationSeconds: seconds, signerName } = certificate
  if (seconds === undefined) return []
  const isKubernetes = text(signerName).startsWith('kubernetes.io/')
  const most = isKubernetes ? KUBERNETES_CERTIFICATE_SECONDS_MAX : CERTIFICATE_SECONDS_MAX
  if (seconds < CERTIFICATE_SECONDS_MIN) {
    return [invalid(path, seconds, `if provided, maxExpirationSeconds must be >= ${CERTIFICATE_SECONDS_MIN}`)]
  }
  if (seconds <= most) return []
  return [invalid(path, seconds, `if provided, maxExpirationSeconds must be <= ${most}`)]
}
