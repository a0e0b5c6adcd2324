import type { ConfigMap, Secret } from '../types.generated.ts'
import { byteLength, entriesOf, text } from './absent.ts'
import { invalid, invalidEach, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateObjectMeta } from './metadata.ts'
import { configMapKey, subdomainName } from './names.ts'

const BYTES_MAX = 1024 * 1024
const DOCKER_KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockercfg': '.dockercfg',
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
}
const ACCOUNT = 'kubernetes.io/service-account.name'

/** A ConfigMap. Source: Kubernetes v1.37, core/validation `ValidateConfigMap`. */
export function validateConfigMap({ metadata, data, binaryData }: ConfigMap): FieldErrors {
  const texts = entriesOf(data)
  const binaries = entriesOf(binaryData)
  const size =
    texts.reduce((sum, [, value]) => sum + byteLength(value), 0) +
    binaries.reduce((sum, [, value]) => sum + decodedLength(value), 0)
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...texts.flatMap(([key]) => [
      ...invalidEach(`data[${key}]`, key, configMapKey(key)),
      ...(binaryData?.[key] === undefined
        ? []
        : [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]),
    ]),
    ...binaries.flatMap(([key]) => invalidEach(`binaryData[${key}]`, key, configMapKey(key))),
    ...(size > BYTES_MAX ? [tooLong('', BYTES_MAX)] : []),
  ]
}

/** Length of what base64 stands for. */
function decodedLength(encoded: string): number {
  return Buffer.from(encoded, 'base64').length
}

/** A Secret; its `stringData` counts as data. Source: core/validation `ValidateSecret`. */
export function validateSecret(secret: Secret): FieldErrors {
  const { metadata, data = {}, stringData = {} } = secret
  const keys = [...new Set([...Object.keys(data), ...Object.keys(stringData)])].toSorted()
  const size = keys.reduce((sum, key) => sum + lengthOf(secret, key), 0)
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...keys.flatMap((key) => invalidEach(`data[${key}]`, key, configMapKey(key))),
    ...(size > BYTES_MAX ? [tooLong('data', BYTES_MAX)] : []),
    ...typeErrors(secret, new Set(keys)),
  ]
}

function lengthOf({ data, stringData }: Secret, key: string): number {
  const plain = stringData?.[key]
  return plain === undefined ? decodedLength(text(data?.[key])) : byteLength(plain)
}

function contentOf({ data, stringData }: Secret, key: string): string {
  return stringData?.[key] ?? Buffer.from(text(data?.[key]), 'base64').toString()
}

/** Keys that a type of secret has. */
function typeErrors(secret: Secret, keys: ReadonlySet<string>): FieldErrors {
  const type = text(secret.type)
  const missing = (...names: readonly string[]): FieldErrors =>
    names.filter((name) => !keys.has(name)).map((name) => required(`data[${name}]`))
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const isNamed = text(secret.metadata?.annotations?.[ACCOUNT]) !== ''
      return isNamed ? [] : [required(`metadata.annotations[${ACCOUNT}]`)]
    }
    case 'kubernetes.io/dockercfg':
    case 'kubernetes.io/dockerconfigjson':
      return dockerErrors(secret, keys, DOCKER_KEYS[type] ?? '')
    case 'kubernetes.io/basic-auth':
      return keys.has('username') || keys.has('password') ? [] : missing('username', 'password')
    case 'kubernetes.io/ssh-auth':
      return lengthOf(secret, 'ssh-privatekey') === 0 ? [required('data[ssh-privatekey]')] : []
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    default:
      return []
  }
}

function dockerErrors(secret: Secret, keys: ReadonlySet<string>, key: string): FieldErrors {
  if (!keys.has(key)) return [required(`data[${key}]`)]
  try {
    JSON.parse(contentOf(secret, key))
    return []
  } catch {
    return [invalid(`data[${key}]`, '<secret contents redacted>', 'is no JSON')]
  }
}
